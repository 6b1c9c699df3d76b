/** Where pages are parsed: in how many threads, or as a guest of the store's. */
import { availableParallelism } from 'node:os';
import type { Settings } from '../model/settings.ts';

export interface ParserPlacement {
  /** At the start, the guest included. */
  readonly threads: number;
  readonly mostThreads: number;
  /** The first one works in the store's thread. */
  readonly isGuest: boolean;
}

/**
 * As many threads as are asked for; else as many as main and store leave free, and one more if pages pile up. Decoding alone
 * takes less of a page than fetching does: another thread would only take the fetchers' time. On two cores not even one pays, which
 * the store's thread, that has to wait for it, could do itself.
 */
export function parserPlacement(
  { parsers, mode }: Settings['parse'],
  cores: number = availableParallelism(),
): ParserPlacement {
  const threads = parsers ?? Math.max(1, cores - 2);
  const isFree = parsers === null;
  const mayGrow = isFree && mode !== 'none' && threads < cores;
  return { threads, mostThreads: mayGrow ? threads + 1 : threads, isGuest: isFree && mode === 'none' && cores <= 2 };
}
