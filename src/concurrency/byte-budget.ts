/**
 * Concurrency: a budget of bytes, shared by all bodies between the start of their fetch and the store's commit.
 *
 * Items alone do not bound memory: 256 pages may be 2 MB or 2 GB. So each fetch opens a reservation, grows it before it
 * reads on, and whoever sees the commit releases it. A fetch whose `tryGrow` says no pauses its socket and waits in
 * `grow()`; the kernel's buffers fill up and the server has to wait. That is backpressure by bytes, over the network.
 *
 * The danger is deadlock: with the whole budget in the hands of half-read bodies, each waits for bytes that only another
 * one's end would free. Hence one exception: **the oldest reservation that waits may exceed the budget**, so that one
 * body can always be finished. It stays the only one ("the favoured") until the excess is gone. Were the favour to pass
 * on earlier, the next one could use the excess up as well, and all of them would stand still above the budget.
 *
 * Bound: used ≤ capacity + oversize, as long as no reservation asks for more than `oversize` in all (`--max-size`):
 * the others together never get more than the capacity, and the favoured one never holds more than `oversize`.
 * Progress: the favoured one never waits. And should callers ask for more than they promised, so that all open
 * reservations wait, the oldest is served all the same: a bound that is overstepped beats a crawl that stands still.
 *
 * Main thread only; each method runs to its end, so there is nothing to lock. A reservation belongs to one fetch.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import { requireAtLeastOne } from './require.ts';
import { cancellation, WaitList } from './wait-list.ts';

/** One body's share of the budget, from nothing at the start of its fetch to its release after the commit. */
export interface Reservation {
  /** Bytes reserved now. */
  readonly held: number;
  /** Reserves `bytes` more if that needs no waiting; `false` = nothing was reserved: pause, and call `grow`. */
  tryGrow(bytes: number): boolean;
  /**
   * Reserves `bytes` more, waiting for its turn: the oldest reservation first. One call at a time per reservation.
   * @throws {CancelledError} when `signal` fires first. @throws {CrawlError} ERR_CLOSED if it is released meanwhile.
   */
  grow(bytes: number, signal?: AbortSignal): Promise<void>;
  /** Gives back what is held beyond `bytes`: the body turned out smaller than reserved. Never grows. */
  shrinkTo(bytes: number): void;
  /** Gives everything back, for good. Calling it again does nothing. */
  release(): void;
}

export interface ByteBudgetOptions {
  /** Bytes: an integer ≥ 1. */
  readonly capacity: number;
  /** The most by which the oldest waiting reservation may exceed the capacity: `--max-size`, an integer ≥ 1. */
  readonly oversize: number;
  readonly clock?: Clock;
}

/** What the budget does with its reservations; they are made for every page, so they are as small as can be. */
interface Books {
  tryGrow(share: Share, bytes: number): boolean;
  grow(share: Share, bytes: number, signal: AbortSignal | undefined): Promise<void>;
  giveBack(share: Share, bytes: number): void;
  release(share: Share): void;
}

class Share implements Reservation {
  /** Rises from one reservation to the next: their age. */
  readonly number: number;
  readonly #books: Books;
  held = 0;
  /** What it waits for; its place in the line. */
  wish: Wish | undefined = undefined;
  isReleased = false;

  constructor(number: number, books: Books) {
    this.number = number;
    this.#books = books;
  }

  tryGrow(bytes: number): boolean {
    return this.#books.tryGrow(this, bytes);
  }

  grow(bytes: number, signal?: AbortSignal): Promise<void> {
    return this.#books.grow(this, bytes, signal);
  }

  shrinkTo(bytes: number): void {
    this.#books.giveBack(this, Math.max(0, this.held - requireBytes(bytes)));
  }

  release(): void {
    this.#books.release(this);
  }
}

interface Wish {
  readonly share: Share;
  readonly bytes: number;
}

export class ByteBudget {
  readonly #capacity: number;
  readonly #oversize: number;
  readonly #waiting: WaitList<void, Wish>;
  /** The reservation that is allowed to be above the budget; none while `used ≤ capacity`. */
  #favoured: Share | undefined;
  readonly #books: Books = {
    tryGrow: (share, bytes) => this.#tryGrow(share, bytes),
    grow: (share, bytes, signal) => this.#grow(share, bytes, signal),
    giveBack: (share, bytes) => this.#giveBack(share, bytes),
    release: (share) => this.#release(share),
  };
  #used = 0;
  #opened = 0;
  #released = 0;
  #highWater = 0;
  #passed = 0;

  constructor(options: ByteBudgetOptions) {
    this.#capacity = requireAtLeastOne('capacity of a byte budget', options.capacity);
    this.#oversize = requireAtLeastOne('oversize of a byte budget', options.oversize);
    this.#waiting = new WaitList({
      clock: options.clock ?? systemClock,
      goesBefore: (a, b) => a.share.number < b.share.number,
      onCancel: (wish) => {
        wish.share.wish = undefined;
        // It may have been the first in the line, in the way of a smaller wish.
        this.#admit();
      },
    });
  }

  /** Bytes reserved in all. */
  get used(): number {
    return this.#used;
  }

  /** A new reservation that holds nothing yet. Its owner must release it. */
  open(): Reservation {
    return new Share(this.#opened++, this.#books);
  }

  /** In bytes: `length` = reserved now, `passed` = given back; `producerWaits` = pauses. */
  gauge(): Gauge {
    return {
      capacity: this.#capacity,
      length: this.#used,
      highWater: this.#highWater,
      passed: this.#passed,
      producerWaits: this.#waiting.waits,
      producerWaitMs: this.#waiting.waitedMs,
      consumerWaits: 0,
      consumerWaitMs: 0,
    };
  }

  #tryGrow(share: Share, bytes: number): boolean {
    const wanted = this.#used + requireBytes(bytes);
    if (share.isReleased || share.wish !== undefined) return false;
    const isGranted =
      share === this.#favoured
        ? wanted <= this.#capacity + this.#oversize
        : // Not past those who wait, or many small bodies could keep a large one waiting for ever.
          wanted <= this.#capacity && this.#waiting.length === 0;
    if (isGranted) this.#charge(share, bytes);
    return isGranted;
  }

  #grow(share: Share, bytes: number, signal: AbortSignal | undefined): Promise<void> {
    if (share.isReleased) return Promise.reject(releasedError());
    if (share.wish !== undefined) {
      return Promise.reject(new CrawlError('ERR_INTERNAL', 'the reservation is waiting to grow already'));
    }
    if (this.#tryGrow(share, bytes)) return Promise.resolve();
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    share.wish = { share, bytes };
    const granted = this.#waiting.wait(share.wish, signal);
    // It may be the one that is favoured, and have its wish at once.
    this.#admit();
    return granted;
  }

  #release(share: Share): void {
    if (share.isReleased) return;
    share.isReleased = true;
    this.#released++;
    if (share.wish !== undefined) this.#waiting.reject(share.wish, releasedError());
    this.#giveBack(share, share.held);
  }

  #giveBack(share: Share, bytes: number): void {
    share.held -= bytes;
    this.#used -= bytes;
    this.#passed += bytes;
    if (this.#used <= this.#capacity) this.#favoured = undefined;
    this.#admit();
  }

  #charge(share: Share, bytes: number): void {
    share.held += bytes;
    this.#used += bytes;
    if (this.#used > this.#highWater) this.#highWater = this.#used;
    if (this.#used > this.#capacity) this.#favoured = share;
  }

  /** Serves those who wait, the oldest first, until one cannot be served: nobody is passed over. */
  #admit(): void {
    for (let wish = this.#waiting.peek(); wish !== undefined; wish = this.#waiting.peek()) {
      if (!this.#maySpend(wish.share, wish.bytes)) return;
      wish.share.wish = undefined;
      this.#charge(wish.share, wish.bytes);
      this.#waiting.shift()?.resolve();
    }
  }

  /** For the first in the line. */
  #maySpend(share: Share, bytes: number): boolean {
    const wanted = this.#used + bytes;
    if (wanted <= this.#capacity) return true;
    const isFavoured = this.#favoured === undefined || this.#favoured === share;
    if (isFavoured && wanted <= this.#capacity + this.#oversize) return true;
    // Nobody is left who could finish without being served.
    return this.#waiting.length === this.#opened - this.#released;
  }
}

function requireBytes(bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new CrawlError('ERR_INTERNAL', `bytes to reserve must be an integer ≥ 0, got ${String(bytes)}`);
  }
  return bytes;
}

function releasedError(): CrawlError {
  return new CrawlError('ERR_CLOSED', 'the reservation has been released');
}
