/**
 * `-c auto`: how many fetches in flight, found while the run goes on.
 *
 * In: what happened since the last look, five times a second. Out: another number of permits with the reason, or nothing.
 * Too few leave a slow web unused; too many only queue up, here or at the servers, and every page waits longer for nothing
 * (Little's law: in flight = pages per second × time a page takes).
 *
 * So it starts with few and doubles while that brings more pages, as TCP does ("slow start", RFC 5681 §3.1). It stays where
 * it is while something else is the bound: this machine's processor, the parsers or the disk, or that there is nothing to
 * start. Fetches that hang at dead hosts are no work for this machine, so it is not taken for the bound while they hold more than half of
 * the permits. A doubling that brought no more pages but longer waits, or many more lost connections, is taken back. Hosts have
 * limits of their own: this is about all of them together.
 *
 * Invariant: the answer stays within `least` and `most`. Pure: it has no clock and no timer.
 */
export interface FetchSample {
  /** Length of the period, ms. */
  readonly elapsedMs: number;
  /** Fetches that ended in it, with or without success. */
  readonly ended: number;
  /** Of those: that ended in a timeout or a refused or reset connection. */
  readonly troubled: number;
  /** Sum of the times that the others took, ms: a timeout says how long we wait, not how fast a server is. */
  readonly fetchMs: number;
  /** Whether the fetch loop has waited for a permit: with more it would have started more. */
  readonly wantedMore: boolean;
  /** Share of the machine's processors that this process had, 0 … 1. */
  readonly processorShare: number;
  /** Share of the time that the main thread was busy, 0 … 1. */
  readonly mainBusy: number;
}

export interface Decision {
  readonly permits: number;
  /** One line for people. */
  readonly reason: string;
}

export interface AutoConcurrencyOptions {
  readonly least: number;
  readonly first: number;
  readonly most: number;
}

/** Nothing is concluded from fewer fetches: the period goes on. */
const FEWEST_ENDED = 16;
/** Above these, more in flight would wait for this machine. */
const BUSY_PROCESSOR = 0.75;
const BUSY_MAIN = 0.85;
/** A doubling has to bring this many times the pages of before… */
const WORTH = 1.15;
/** …unless pages take less than this many times as long: then it was the servers' mood. */
const SLOWER = 1.5;
/** A step up that loses so many more is taken back. That a list names many dead hosts is not our doing. */
const MORE_TROUBLED = 0.2;
/** Periods without another attempt after a step was taken back. */
const PAUSE = 50;

export class AutoConcurrency {
  readonly #options: AutoConcurrencyOptions;
  #permits: number;
  /** Of the last whole period, and of the one before the last step up. */
  #before: {
    readonly permits: number;
    readonly rate: number;
    readonly meanMs: number;
    readonly troubledShare: number;
  } | null = null;
  /** Gathered so far, until there is enough to conclude from. */
  #elapsedMs = 0;
  #ended = 0;
  #troubled = 0;
  #fetchMs = 0;
  #pause = 0;

  constructor(options: AutoConcurrencyOptions) {
    this.#options = options;
    this.#permits = options.first;
  }

  get permits(): number {
    return this.#permits;
  }

  /** What follows from one more period; `null` = stay. */
  look(sample: FetchSample): Decision | null {
    this.#elapsedMs += sample.elapsedMs;
    this.#ended += sample.ended;
    this.#troubled += sample.troubled;
    this.#fetchMs += sample.fetchMs;
    // Little's law: so many of those in flight come to their end. The others wait for servers that say nothing.
    const moving = this.#fetchMs / Math.max(1, this.#elapsedMs);
    const isBusy =
      (sample.processorShare > BUSY_PROCESSOR || sample.mainBusy > BUSY_MAIN) && moving >= this.#permits / 2;
    if (this.#ended < Math.min(FEWEST_ENDED, this.#permits)) {
      // Nearly all of them wait for slow servers, and this machine for them.
      const reason = `only ${this.#ended} of ${this.#permits} fetches ended in ${Math.round(this.#elapsedMs)} ms, and more could be started`;
      return sample.wantedMore && !isBusy && this.#pause === 0 ? this.#step(this.#permits * 2, reason, 0) : null;
    }
    const rate = (this.#ended * 1000) / Math.max(1, this.#elapsedMs);
    const meanMs = this.#fetchMs / Math.max(1, this.#ended - this.#troubled);
    const troubledShare = this.#troubled / this.#ended;
    this.#elapsedMs = 0;
    this.#ended = 0;
    this.#troubled = 0;
    this.#fetchMs = 0;
    const mayTry = this.#pause === 0;
    if (!mayTry) this.#pause--;
    const before = this.#before;
    if (before !== null && this.#permits > before.permits) {
      if (troubledShare >= before.troubledShare + MORE_TROUBLED) {
        const what = `at ${this.#permits} in flight ${Math.round(troubledShare * 100)} % of fetches timed out or lost their connection`;
        return this.#step(before.permits, `${what}, ${Math.round(before.troubledShare * 100)} % before`, PAUSE);
      }
      const isSlower = meanMs > before.meanMs * SLOWER;
      if (rate < before.rate * WORTH && isSlower) {
        const what = `${this.#permits} in flight brought ${Math.round(rate)} pages/s instead of ${Math.round(before.rate)}`;
        return this.#step(
          before.permits,
          `${what}, and each took ${(meanMs / before.meanMs).toFixed(1)} × as long`,
          PAUSE,
        );
      }
    }
    this.#before = { permits: this.#permits, rate, meanMs, troubledShare };
    if (!sample.wantedMore || !mayTry || isBusy) return null;
    return this.#step(
      this.#permits * 2,
      `${Math.round(rate)} pages/s at ${Math.round(meanMs)} ms each, and more could be started`,
      0,
    );
  }

  #step(wanted: number, reason: string, pause: number): Decision | null {
    const permits = Math.max(this.#options.least, Math.min(this.#options.most, Math.round(wanted)));
    this.#pause = pause;
    if (permits === this.#permits) return null;
    this.#permits = permits;
    return { permits, reason };
  }
}
