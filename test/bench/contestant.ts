/** What takes part in a job of the benchmark: a program over a list of URLs, and how to tell whether it stored every page. */
import type { Loss } from './check-run.ts';
import type { Program } from './measured-process.ts';
import type { BenchSite } from './site.ts';

/** One run: everything a contestant is told. */
export interface Task {
  readonly site: BenchSite;
  /** File with one URL a line. */
  readonly list: string;
  /** Empty; what is stored goes there. */
  readonly folder: string;
  readonly connections: number;
  /** Title, visible text and absolute links beside the body. */
  readonly extract: boolean;
}

export interface Contestant {
  readonly name: string;
  /** Weir itself: its losses fail the benchmark. */
  readonly isWeir: boolean;
  /** Can extract, not only download. */
  readonly extracts: boolean;
  prepare(task: Task): Promise<Program>;
  check(task: Task): Promise<Loss>;
}
