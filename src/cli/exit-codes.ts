/**
 * Command line: the exit codes and what leads to each. In: the end of a run, or an error. Out: a number. Documented in
 * README; scripts rely on them.
 */
import type { RunSummary } from '../model/events.ts';

export const EXIT = {
  finished: 0,
  internal: 1,
  /** Usage, config or input. */
  usage: 2,
  /** Finished, but every URL failed, or any did and `--fail-on-error`. */
  failures: 3,
  /** Stopped with work left: by a limit, or because nobody reads the output any more. */
  limit: 4,
  /** Disk full, locked, read-only, corrupt, newer schema. */
  storage: 5,
  /** `verify` found differences. */
  differences: 6,
  sighup: 129,
  sigint: 130,
  sigterm: 143,
} as const;

/** One line each, for `crawl help all` and the README. */
export const EXIT_CODE_TEXTS: readonly (readonly [string, string])[] = [
  ['0', 'finished'],
  ['1', 'internal error'],
  ['2', 'wrong usage, config or input; nothing was fetched, unless a list broke off in its midst'],
  ['3', 'finished, but every URL of the file failed, or any did and --fail-on-error'],
  ['4', 'stopped with work left: by a limit, or because the reader of its output went away'],
  ['5', 'storage: disk full, locked, read-only, corrupt, or of a newer version; or the output could not be written'],
  ['6', 'verify found differences'],
  ['129', 'stopped because its terminal was closed (SIGHUP), everything saved'],
  ['130, 143', 'stopped by Ctrl-C (SIGINT) or SIGTERM, everything saved'],
];

/** Exit code of a run that ended by itself. */
export function exitCodeOf(summary: RunSummary, failOnError: boolean): number {
  const { known, failed, queued } = summary.progress.urls;
  if (summary.state === 'failed') return EXIT.internal;
  if (summary.state !== 'finished' && queued > 0) return EXIT.limit;
  const everyOneFailed = known > 0 && failed === known;
  return everyOneFailed || (failOnError && failed > 0) ? EXIT.failures : EXIT.finished;
}

/** Exit code for an error, by its `code` (which survives copies and threads, unlike its class). */
export function exitCodeOfError(error: unknown): number {
  const code = (error as { code?: unknown } | null)?.code;
  switch (code) {
    case 'ERR_USAGE':
    case 'ERR_CONFIG':
    case 'ERR_INPUT':
    case 'ERR_NOT_FOUND':
      return EXIT.usage;
    case 'ERR_STORE':
    case 'ERR_LOCKED':
      return EXIT.storage;
    case 'ERR_CANCELLED':
      return EXIT.sigint;
    default:
      return typeof code === 'string' && /^SQLITE_|^ENOSPC$/.test(code) ? EXIT.storage : EXIT.internal;
  }
}
