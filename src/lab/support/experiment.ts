/**
 * Laboratory: what an experiment is, and what comes out of one. See `../registry.ts` for how to write one.
 */
import type { Check } from './checks.ts';
import type { Lane, LogLine, Unit } from './lanes.ts';
import type { Parameters, ParameterValues } from './parameters.ts';
import type { Scheduler, SchedulerOptions } from './scheduler.ts';
import type { Stuck } from './wait-graph.ts';

/** Headings of `crawl lab`, in the order of the lesson. */
export const TOPICS = [
  'Threads and tasks',
  'Races and locks',
  'Waiting for a state',
  'Queues and pipes',
  'Limits',
  'Pools and futures',
  'Processes and shared memory',
  'Cores and costs',
  'The engine',
] as const;

export type Topic = (typeof TOPICS)[number];

/** `broken`: the program as it was written, with its defect. */
export type Variant = 'fixed' | 'broken';

/** What an experiment is given. */
export interface Context<V> {
  readonly parameters: V;
  readonly variant: Variant;
  readonly seed: number;
  /** Whether waiting takes real time. */
  readonly isReal: boolean;
  /** A scheduler with this seed and clock. */
  readonly newScheduler: (options?: Omit<SchedulerOptions, 'seed' | 'isReal'>) => Scheduler;
}

/** A number, text, or a list or record of such: what `--json` prints as it is. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** What happened. */
export interface LabResult {
  readonly unit: Unit;
  readonly lanes: readonly Lane[];
  /** Lines of output: by time for unit `ms`, as a column for each task for unit `steps`. */
  readonly log?: readonly LogLine[];
  /** What was measured, by name. */
  readonly values: Readonly<Record<string, Value>>;
  /** What is to be seen in this experiment. A broken variant shows its defect, so its checks hold as well. */
  readonly checks: readonly Check[];
  /** Who waited for whom where it hung. */
  readonly stuck?: Stuck;
  /** What is wrong with the program that was run, in a line; `null` where it did its work. */
  readonly defect: string | null;
  /** What it shows, in a line. */
  readonly verdict: string;
}

export interface Definition<P extends Parameters> {
  /** As in `crawl lab NAME` and the file's name. */
  readonly name: string;
  readonly topic: Topic;
  /** Rows of the list of patterns that it shows, as '2.6'. */
  readonly rows: readonly string[];
  /** One sentence: what runs. */
  readonly summary: string;
  /** Two lines: what to look at, and why it comes out so. */
  readonly watch: readonly [string, string];
  readonly parameters: P;
  /** Whether it runs on the scheduler: then a seed repeats it, and its clock may be virtual. */
  readonly isSeeded: boolean;
  /** Whether it can also be run with the defect it was written with. */
  readonly hasBroken: boolean;
  run(context: Context<ParameterValues<P>>): Promise<LabResult>;
}

/** An experiment, its parameters' types forgotten. */
export type Experiment = Definition<Parameters>;

/** Checks the definition's types against its parameters. */
export function defineExperiment<const P extends Parameters>(definition: Definition<P>): Experiment {
  return definition;
}
