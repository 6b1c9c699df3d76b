/**
 * What tests of the fetch stage need around a `Fetcher`: options with sane values, a lease for a URL, a byte budget, a turn
 * that never waits and notes its hops.
 */
import { ByteBudget } from '../../src/concurrency/byte-budget.ts';
import { Fetcher, type FetchEnd, type FetcherOptions, type FetchIo } from '../../src/fetch/fetcher.ts';
import { QUIET_MS } from '../../src/fetch/quiet-watch.ts';
import { systemClock, type ManualClock } from '../../src/model/clock.ts';
import type { Lease } from '../../src/model/lease.ts';

export interface FetchHarness {
  readonly fetcher: Fetcher;
  readonly budget: ByteBudget;
  /** Hops asked for, as 'from to'. */
  readonly hops: string[];
  readonly abort: AbortController;
  /** One attempt; its bytes are given back at its end. */
  get(url: string, lease?: Partial<Lease>, limits?: FetchIo['limits']): Promise<FetchEnd>;
}

export function leaseOf(url: string, changes: Partial<Lease> = {}): Lease {
  const host = new URL(url).hostname;
  return { id: 7, url, hostId: 3, host, attempt: 1, round: 1, depth: 0, spentMs: 0, ...changes };
}

export function fetchHarness(options: Partial<FetcherOptions> = {}, capacity = 64_000_000): FetchHarness {
  const clock = options.clock ?? systemClock;
  const maxSize = options.maxSize ?? 10_000_000;
  const fetcher = new Fetcher({
    timeoutMs: 10_000,
    deadlineMs: 20_000,
    maxSize,
    headers: {},
    originHeaders: {},
    userAgent: 'weir-test',
    cookies: true,
    proxy: null,
    insecure: () => false,
    http1: false,
    connectionsPerOrigin: () => 16,
    maxOrigins: 512,
    maxConnections: Infinity,
    clock,
    mayFetch: () => ({ ok: true }),
    // The servers of tests are all on this machine.
    allowPrivate: true,
    isListed: () => Promise.resolve(false),
    warn: () => undefined,
    ...options,
  });
  const budget = new ByteBudget({ capacity, oversize: maxSize });
  const hops: string[] = [];
  const abort = new AbortController();
  return {
    fetcher,
    budget,
    hops,
    abort,
    async get(url, lease, limits) {
      const reservation = budget.open();
      try {
        return await fetcher.fetch(leaseOf(url, lease), {
          reservation,
          signal: abort.signal,
          claimedAt: clock.now(),
          limits,
          turn: {
            hop: (from, to) => {
              hops.push(`${from.hostname} ${to.hostname}`);
              return Promise.resolve(null);
            },
            connecting: () => undefined,
            sent: () => undefined,
          },
        });
      } finally {
        reservation.release();
      }
    },
  };
}

/**
 * Lets the short waits of the fetch stage pass at once until `asked` has ended, and then as much time that the connections used
 * may be used again. Limits of time do not run.
 */
export async function rested<T>(clock: ManualClock, asked: Promise<T>): Promise<T> {
  let isEnded = false;
  const ended = asked.finally(() => (isEnded = true));
  await until(() => {
    const at = clock.nextTimerAt() ?? Infinity;
    if (at - clock.now() <= QUIET_MS) clock.advance(Math.max(0, at - clock.now()));
    return isEnded;
  });
  clock.advance(2 * QUIET_MS);
  return ended;
}

/** Resolves once `condition` holds; lets the event loop turn in between. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
