/**
 * Frontier: how many leases of one host are kept at hand: its window. Pure policy, applied by `HostSchedule`.
 *
 * A refill is an indexed read on the store thread, so it should bring many leases; but the schedule holds only so many
 * in all (`--queue-size`), and leases of a slow host are in the way of others. Nobody knows beforehand which host is
 * fast. So each begins small and shows it: a window that ran dry although the host was ready to be asked doubles; one that
 * lasted for seconds halves. A thousand slow hosts thus hold a few leases each, a single fast one holds hundreds.
 */

/** A window that ran dry sooner than this is too small; the store answers a claim within a fraction of it. */
const SHORT_MS = 1_000;
/** A window that lasted longer than this is larger than needed. */
const LONG_MS = 5_000;

/** For a host of which nothing is known yet: one lease per slot, and one more for the time that a refill takes. */
export function firstWindow(perHost: number, capacity: number): number {
  return Math.min(Math.max(2, perHost), largestWindow(capacity));
}

/** At the moment of a refill. */
export interface WindowUse {
  readonly window: number;
  /** Time since the refill before this one. */
  readonly lastedMs: number;
  /** The host could have started another fetch, but there was no lease. Waiting for its delay or slots is no starving. */
  readonly isStarved: boolean;
}

/** The window from this refill on. @param first `firstWindow` of this host. @param capacity leases of all hosts. */
export function nextWindow(use: WindowUse, first: number, capacity: number): number {
  if (use.isStarved && use.lastedMs < SHORT_MS) return Math.min(use.window * 2, largestWindow(capacity));
  if (!use.isStarved && use.lastedMs > LONG_MS) return Math.max(first, use.window >> 1);
  return use.window;
}

/** No host may hold more than half of all leases. */
function largestWindow(capacity: number): number {
  return Math.max(1, capacity >> 1);
}
