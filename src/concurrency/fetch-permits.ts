/**
 * Concurrency: the permits of the fetch pool, on p-limit.
 *
 * p-limit runs functions, at most `concurrency` at a time. A permit is turned into such a function: one that does nothing
 * but wait until the permit is released. p-limit keeps the count (`activeCount`) and the limit (`concurrency`, which it
 * allows to be changed live); this class adds what a pool of fetches needs beyond that: waiting that can be cancelled,
 * an orderly end, and a gauge.
 *
 * Callers wait in our own line, not in p-limit's: nothing can be taken out of the middle of p-limit's queue, so a
 * cancelled caller would still get its turn there. A function is handed to p-limit only when that starts it at once.
 *
 * A slot that is given back while somebody waits goes on to that one as it is: a pool that is always full, which is the
 * usual state of a crawl, costs p-limit nothing. Where nobody waits the slot ends, and p-limit counts it as free a few
 * microtasks later (it awaits the function's promise first). Until then the slot is neither held nor free, and
 * `tryAcquire` says `null`: for that moment there is one permit too few, never one too many.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import type { Permit, Permits } from './permits.ts';
import { requireAtLeastOne } from './require.ts';
import type { Traced, Tracer } from './tracer.ts';
import { cancellation, WaitList } from './wait-list.ts';

export interface FetchPermitsOptions extends Traced {
  /** Fetches in flight at most: an integer ≥ 1. */
  readonly capacity: number;
  readonly clock?: Clock;
}

/** First come, first served; the same contract as `Semaphore`. */
export class FetchPermits implements Permits {
  /** Owns the count and the limit. Its own queue stays empty. */
  readonly #limit: LimitFunction;
  /** Callers in `acquire`, longest first: the line that p-limit does not see. */
  readonly #waiters: WaitList<Permit>;
  /** Those who wait in `idle()`. */
  readonly #watchers: WaitList<void>;
  readonly #tracer: Tracer | undefined;
  readonly #name: string;
  /** Permits in callers' hands: less than `activeCount` while p-limit has not noticed a release yet. */
  #inFlight = 0;
  #isClosed = false;
  #highWater = 0;
  #returned = 0;

  constructor(options: FetchPermitsOptions) {
    this.#limit = pLimit(requireAtLeastOne('number of fetch permits', options.capacity));
    const clock = options.clock ?? systemClock;
    this.#tracer = options.tracer;
    this.#name = options.name ?? 'fetch permits';
    this.#waiters = new WaitList({ clock, name: this.#name, tracer: options.tracer });
    this.#watchers = new WaitList({ clock });
  }

  get capacity(): number {
    return this.#limit.concurrency;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  acquire(signal?: AbortSignal): Promise<Permit> {
    if (this.#isClosed) return Promise.reject(closedError());
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    const permit = this.tryAcquire();
    return permit === null ? this.#waiters.wait(undefined, signal) : Promise.resolve(permit);
  }

  tryAcquire(): Permit | null {
    // A slot may be free while somebody still waits for the microtask that admits: it is not for newcomers.
    return this.#isClosed || this.#waiters.length > 0 || !this.#hasFreeSlot()
      ? null
      : this.#grant(this.#tracer?.caller());
  }

  setCapacity(capacity: number): void {
    this.#limit.concurrency = requireAtLeastOne('number of fetch permits', capacity);
    this.#admit();
  }

  gauge(): Gauge {
    return {
      capacity: this.#limit.concurrency,
      length: this.#inFlight,
      highWater: this.#highWater,
      passed: this.#returned,
      producerWaits: this.#waiters.waits,
      producerWaitMs: this.#waiters.waitedMs,
      consumerWaits: 0,
      consumerWaitMs: 0,
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#waiters.rejectAll(closedError());
    this.#tellIfIdle();
  }

  idle(): Promise<void> {
    return this.#isIdle() ? Promise.resolve() : this.#watchers.wait();
  }

  /** True = a function given to p-limit now is counted as active at once, so its queue stays empty. */
  #hasFreeSlot(): boolean {
    return this.#limit.activeCount < this.#limit.concurrency;
  }

  #grant(caller: unknown): Permit {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    // Settles after p-limit has counted the slot as free: the moment to admit the next one. It cannot reject.
    void this.#limit(() => ended).then(() => this.#admit());
    return this.#hand(end, caller);
  }

  /** A permit for a slot of p-limit that is free, or has just been given back. */
  #hand(end: () => void, caller: unknown): Permit {
    this.#inFlight++;
    if (this.#inFlight > this.#highWater) this.#highWater = this.#inFlight;
    this.#tracer?.holds(caller, this.#name);
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#inFlight--;
        this.#returned++;
        this.#tracer?.releases(caller, this.#name);
        this.#takeBack(end);
      },
    };
  }

  /** The slot goes to whoever waits longest, as it is: p-limit need not know. It ends where nobody waits or it is one too many. */
  #takeBack(end: () => void): void {
    const waiter = this.#limit.activeCount <= this.#limit.concurrency ? this.#waiters.shift() : undefined;
    if (waiter !== undefined) {
      waiter.resolve(this.#hand(end, waiter.caller));
      return;
    }
    // Ends the function in p-limit. `#admit` follows a few microtasks later, by way of its promise.
    end();
    this.#tellIfIdle();
  }

  #admit(): void {
    while (this.#hasFreeSlot()) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) break;
      waiter.resolve(this.#grant(waiter.caller));
    }
    this.#tellIfIdle();
  }

  #isIdle(): boolean {
    return this.#inFlight === 0 && this.#waiters.length === 0;
  }

  #tellIfIdle(): void {
    if (this.#isIdle()) this.#watchers.resolveAll();
  }
}

function closedError(): CrawlError {
  return new CrawlError('ERR_CLOSED', 'the fetch permits are closed');
}
