/**
 * What to do when this machine has no descriptor, port or buffer left for one more connection (EMFILE, EADDRNOTAVAIL,
 * ENOBUFS): the URLs are not to blame, and all of them asking again at once would meet the same end.
 *
 * Idle connections are closed at once; fetches in flight are halved, at most once a second, and come back a tenth a second
 * after a second without trouble (additive increase, multiplicative decrease, as TCP does: RFC 5681 §3.1). Such an attempt does
 * not use up a retry, up to a bound: that it ends is the retry policy's business.
 *
 * Owns nothing: it works when attempts end, without a timer. Main thread only.
 */
import type { FetchPermits } from '../concurrency/fetch-permits.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import type { Clock } from '../model/clock.ts';
import type { Lease } from '../model/lease.ts';

export interface MachineLimitsParts {
  readonly permits: FetchPermits;
  readonly fetcher: Pick<Fetcher, 'closeIdle'>;
  readonly clock: Clock;
  readonly warn: (key: string, message: string) => void;
}

const STEP_MS = 1_000;

export class MachineLimits {
  readonly #parts: MachineLimitsParts;
  /** How often each URL has ended like that. */
  readonly #ofUrls = new Map<number, number>();
  /** Permits before the first trouble; `null` = all of them are in use. */
  #full: number | null = null;
  #changedAt = 0;

  constructor(parts: MachineLimitsParts) {
    this.#parts = parts;
  }

  /** An attempt ended for want of something of this machine. Returns how often one of this URL had before. */
  starved(lease: Lease, errorCode: string): number {
    this.relieve(errorCode);
    const before = this.#ofUrls.get(lease.id) ?? 0;
    this.#ofUrls.set(lease.id, before + 1);
    return before;
  }

  /** Something that this machine ran out of: some of it comes free, and less is used. */
  relieve(errorCode: string): void {
    const { permits, fetcher, clock, warn } = this.#parts;
    fetcher.closeIdle();
    const now = clock.now();
    if (this.#full === null || now - this.#changedAt >= STEP_MS) {
      this.#full ??= permits.capacity;
      this.#changedAt = now;
      permits.setCapacity(Math.max(1, Math.floor(Math.min(permits.capacity, permits.inFlight) / 2)));
      warn(
        'machine-limits',
        `this machine has no ${WANTED[errorCode] ?? 'memory'} left for more connections (${errorCode}): fetches in flight were ` +
          `lowered from ${this.#full} to ${permits.capacity} and come back slowly; no URL is lost. ${REMEDY[errorCode] ?? 'See -c'}`,
      );
    }
  }

  /** Fetches in flight are fewer than they were meant to be. */
  get isLowered(): boolean {
    return this.#full !== null;
  }

  /** An attempt ended in any other way. */
  eased(lease: Lease): void {
    if (this.#full === null) return;
    this.#ofUrls.delete(lease.id);
    const now = this.#parts.clock.now();
    if (now - this.#changedAt < STEP_MS) return;
    this.#changedAt = now;
    const { permits } = this.#parts;
    permits.setCapacity(Math.min(this.#full, permits.capacity + Math.ceil(this.#full / 10)));
    if (permits.capacity === this.#full) this.#full = null;
  }
}

const WANTED: Readonly<Record<string, string>> = {
  EMFILE: 'file descriptor',
  ENFILE: 'file descriptor',
  EADDRNOTAVAIL: 'local port',
};

const REMEDY: Readonly<Record<string, string>> = {
  EMFILE: 'Raise the limit (ulimit -n) or lower -c',
  ENFILE: 'Other programs hold them; lower -c',
  EADDRNOTAVAIL: 'Lower -c',
};
