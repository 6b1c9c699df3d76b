/**
 * Command line: what a command is. The table in `commands.ts` holds one record of each; a command's code is loaded only
 * when it runs, so that `crawl --help` loads nothing but texts.
 */
import type { FlagValues } from '../config/layers.ts';
import type { Option } from '../config/option.ts';
import type { Terminal } from './terminal.ts';

/** What a command gets: its part of the command line, parsed. */
export interface Invocation {
  readonly flags: FlagValues;
  /** Arguments that are no flags, the command's own name left out. */
  readonly words: readonly string[];
  /** The whole command line, for the `run` table. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: Terminal;
}

/** Runs to the end and resolves to the exit code. @throws {CrawlError} what `exit-codes.ts` maps to a code. */
export type CommandRun = (invocation: Invocation) => Promise<number>;

/** What its help shows. */
export type CommandText = Pick<Command, 'usage' | 'summary' | 'options' | 'examples'>;

export interface Command {
  readonly name: string;
  /** As `crawl cat URL`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  /** Shown by `crawl --help`; the others by `crawl help all`. */
  readonly isForNewcomers: boolean;
  readonly options: readonly Option[];
  /** Where its options depend on its words: what it is, given what stands after its name. */
  readonly narrowed?: (argv: readonly string[]) => Promise<CommandText>;
  /** Each a command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Words it takes at most. */
  readonly maxWords: number;
  /** Starts what takes its time to come up, before the command line is read. */
  readonly warmUp?: () => Promise<void>;
  load(): Promise<CommandRun>;
}
