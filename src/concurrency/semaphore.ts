/**
 * Concurrency: the semaphore. A counter and a line: `acquire` counts up or waits, `release` counts down and admits.
 *
 * The invariant is `inFlight ≤ capacity` at every grant, and that somebody waits only while no permit is free. It holds
 * because each method runs to its end on one thread before another starts: between the test "is one free?" and the
 * counting there is no `await`, hence no room for a second caller. (Put an `await` there and the classic race is back.)
 *
 * A permit that comes back goes to the caller that has waited longest, in the same call: it is counted as held before
 * that caller runs again, so nobody can take it in between.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import type { Permit, Permits } from './permits.ts';
import { requireAtLeastOne } from './require.ts';
import type { Traced, Tracer } from './tracer.ts';
import { cancellation, WaitList } from './wait-list.ts';

export interface SemaphoreOptions extends Traced {
  /** Integer ≥ 1. */
  readonly capacity: number;
  readonly clock?: Clock;
}

/** First come, first served. */
export class Semaphore implements Permits {
  /** Callers in `acquire`, longest first. Occupied only while no permit is free. */
  readonly #waiters: WaitList<Permit>;
  /** Those who wait in `idle()`. */
  readonly #watchers: WaitList<void>;
  readonly #tracer: Tracer | undefined;
  readonly #name: string;
  #capacity: number;
  /** Counts up in `#grant` alone, down in `release` alone: that is what makes the bound easy to check. */
  #inFlight = 0;
  #isClosed = false;
  #highWater = 0;
  #returned = 0;

  constructor(options: SemaphoreOptions) {
    this.#capacity = requireAtLeastOne('capacity of a semaphore', options.capacity);
    const clock = options.clock ?? systemClock;
    this.#tracer = options.tracer;
    this.#name = options.name ?? 'semaphore';
    this.#waiters = new WaitList({ clock, name: this.#name, tracer: options.tracer });
    this.#watchers = new WaitList({ clock });
  }

  get capacity(): number {
    return this.#capacity;
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
    // Nobody is overtaken: as long as one waits, none is free.
    return this.#isClosed || this.#inFlight >= this.#capacity ? null : this.#grant(this.#tracer?.caller());
  }

  setCapacity(capacity: number): void {
    this.#capacity = requireAtLeastOne('capacity of a semaphore', capacity);
    this.#admit();
  }

  gauge(): Gauge {
    return {
      capacity: this.#capacity,
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
  }

  idle(): Promise<void> {
    // With no permit held nobody waits: the capacity is at least one.
    return this.#inFlight === 0 ? Promise.resolve() : this.#watchers.wait();
  }

  #grant(caller: unknown): Permit {
    this.#inFlight++;
    if (this.#inFlight > this.#highWater) this.#highWater = this.#inFlight;
    this.#tracer?.holds(caller, this.#name);
    let isHeld = true;
    // Written as the value of the property it would be an old object from the start, and keep all it refers to.
    const release = (): void => {
      // A second release would hand the same permit out twice.
      if (!isHeld) return;
      isHeld = false;
      this.#inFlight--;
      this.#returned++;
      this.#tracer?.releases(caller, this.#name);
      this.#admit();
    };
    return { release };
  }

  /** Hands out what is free, to one caller at a time and in order; then tells `idle()` if nothing is left to do. */
  #admit(): void {
    while (this.#inFlight < this.#capacity) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) break;
      waiter.resolve(this.#grant(waiter.caller));
    }
    if (this.#inFlight === 0) this.#watchers.resolveAll();
  }
}

function closedError(): CrawlError {
  return new CrawlError('ERR_CLOSED', 'the semaphore is closed: no more permits');
}
