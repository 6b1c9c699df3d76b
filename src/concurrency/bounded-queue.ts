/**
 * Concurrency: the bounded queue, the arrow between two stages.
 *
 * A producer that is faster than its consumers must wait somewhere, or memory fills up. Here it waits in `put()`, which
 * resolves only once there is room: that is backpressure, and it travels upstream by itself, because a stage that waits
 * in `put()` takes nothing from the queue before it.
 *
 *     put ──► [waiting producers] ──► ( buffer, at most `capacity` ) ──► [waiting consumers] ──► take
 *
 * Two invariants carry everything else: producers wait only while the buffer is full, consumers only while it is empty.
 * So at most one of the two lines is occupied, an item goes straight to a waiting consumer if there is one, and nobody
 * is overtaken on either side. Every change happens within one synchronous call, on one thread: there is nothing to lock.
 * An item has exactly one owner at any time: a waiting producer, the buffer, or the consumer it was handed to. A `put`
 * that rejects has not put; a `take` that was given an item before its signal fired still delivers it.
 *
 * Ending. The owner of the producing side calls `close()` when all its producers are done: what is in the buffer is still
 * delivered, then *every* consumer gets `undefined`. No sentinel items, hence no counting of consumers: one sentinel
 * stops one consumer and leaves the others waiting for ever. `abort()` is for failure: it drops and rejects everything.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import { Deque } from './deque.ts';
import { requireAtLeastOne } from './require.ts';
import type { Traced } from './tracer.ts';
import { cancellation, WaitList } from './wait-list.ts';

export interface BoundedQueueOptions extends Traced {
  /** The most items that may be put and not yet taken: an integer ≥ 1. */
  readonly capacity: number;
  /** For the waiting times in the gauge. */
  readonly clock?: Clock;
}

/** `undefined` cannot be an item: it is what `take` returns at the end. */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #buffer = new Deque<T>();
  /** Each brings the item that it wants to put; it stays the producer's until there is room. */
  readonly #producers: WaitList<void, T>;
  readonly #consumers: WaitList<T | undefined>;
  /** Those who wait in `join()`. */
  readonly #joiners: WaitList<void>;
  #isClosed = false;
  /** Why the queue was aborted. */
  #abortReason: Error | undefined;
  #highWater = 0;
  #passed = 0;
  /** Calls of `taskDone`. */
  #done = 0;

  /** @throws {CrawlError} ERR_INTERNAL unless `capacity` is an integer ≥ 1. */
  constructor(options: BoundedQueueOptions) {
    this.#capacity = requireAtLeastOne('capacity of a bounded queue', options.capacity);
    const clock = options.clock ?? systemClock;
    const { name = 'queue', tracer } = options;
    this.#producers = new WaitList({ clock, name: `room in ${name}`, tracer });
    this.#consumers = new WaitList({ clock, name: `an item of ${name}`, tracer });
    this.#joiners = new WaitList({ clock, name: `all work from ${name}`, tracer });
  }

  /** Items put and not yet taken. Items of producers that wait do not count. */
  get length(): number {
    return this.#buffer.length;
  }

  /** No more items are accepted. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** No more items will come out: closed, and empty. */
  get isDrained(): boolean {
    return this.#isClosed && this.#buffer.length === 0;
  }

  /**
   * Puts one item, waiting while the queue is full. Producers are admitted in the order in which they came.
   * @throws {CrawlError} ERR_CLOSED if the queue is closed, or gets closed while waiting: the item was not put.
   * @throws {CancelledError} when `signal` fires first: the item was not put.
   */
  put(item: T, signal?: AbortSignal): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#abortReason ?? closedError());
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    // The usual case allocates nothing: one settled promise serves all.
    if (this.#accept(item)) return ACCEPTED;
    return this.#producers.wait(item, signal);
  }

  /** Puts one item if that is possible without waiting; `false` = full or closed, the item was not put. */
  offer(item: T): boolean {
    return !this.#isClosed && this.#accept(item);
  }

  /**
   * Takes the oldest item, waiting while there is none; `undefined` = closed and drained, for every consumer alike.
   * @throws {CancelledError} when `signal` fires first. @throws the reason given to `abort`.
   */
  take(signal?: AbortSignal): Promise<T | undefined> {
    if (this.#abortReason !== undefined) return Promise.reject(this.#abortReason);
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    const item = this.#remove();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#isClosed) return Promise.resolve(undefined);
    return this.#consumers.wait(undefined, signal);
  }

  /**
   * Takes what is there, consecutive items, at most `max`; where there is none, waits for one. Thus batches are small
   * when the consumer keeps up (no item waits for others) and large when it lags. Empty = closed and drained.
   * @throws as `take`.
   */
  takeBatch(max: number, signal?: AbortSignal): Promise<T[]> {
    requireAtLeastOne('size of a batch', max);
    const mayTake = this.#abortReason === undefined && signal?.aborted !== true;
    if (!mayTake || this.#buffer.length === 0) {
      // Not topped up once the item is there: items put meanwhile may have gone to others, and would leave a gap.
      return this.take(signal).then((item) => (item === undefined ? [] : [item]));
    }
    const batch: T[] = [];
    while (batch.length < max) {
      const item = this.#remove();
      if (item === undefined) break;
      batch.push(item);
    }
    return Promise.resolve(batch);
  }

  /** A consumer has finished with an item that it took. @throws {CrawlError} ERR_INTERNAL if called more often than items came out. */
  taskDone(): void {
    if (this.#done === this.#passed) {
      throw new CrawlError(
        'ERR_INTERNAL',
        `taskDone was called ${this.#done + 1} times for ${this.#passed} items taken`,
      );
    }
    this.#done++;
    if (this.#isWorkedOff()) this.#joiners.resolveAll();
  }

  /**
   * Resolves when every item put so far has been taken and finished with. It ends the waiting, not the consumers: they go
   * on waiting for items until somebody calls `close`. @throws {CancelledError} on `signal`. @throws the reason of `abort`.
   */
  join(signal?: AbortSignal): Promise<void> {
    if (this.#abortReason !== undefined) return Promise.reject(this.#abortReason);
    return this.#isWorkedOff() ? Promise.resolve() : this.#joiners.wait(undefined, signal);
  }

  /**
   * Ends the queue in good order: nothing more goes in, what is in the buffer still comes out. Producers that wait are
   * rejected with ERR_CLOSED: their owner closed too early, and must learn that their items were not put.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#producers.rejectAll(closedError());
    // Whoever waits here found the buffer empty, so it is drained for all of them.
    this.#consumers.resolveAll(undefined);
  }

  /** Ends the queue at once: drops the items and rejects everybody, now and later, with `reason`. */
  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return;
    this.#isClosed = true;
    this.#abortReason = reason;
    this.#buffer.clear();
    this.#producers.rejectAll(reason);
    this.#consumers.rejectAll(reason);
    this.#joiners.rejectAll(reason);
  }

  /** Takes until the queue is drained. Several loops may share one queue; leaving a loop early closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const item = await this.take();
      if (item === undefined) return;
      yield item;
    }
  }

  gauge(): Gauge {
    return {
      capacity: this.#capacity,
      length: this.#buffer.length,
      highWater: this.#highWater,
      passed: this.#passed,
      producerWaits: this.#producers.waits,
      producerWaitMs: this.#producers.waitedMs,
      consumerWaits: this.#consumers.waits,
      consumerWaitMs: this.#consumers.waitedMs,
    };
  }

  /** Hands the item to the consumer that has waited longest, else to the buffer; `false` = there is no room. */
  #accept(item: T): boolean {
    const consumer = this.#consumers.shift();
    if (consumer !== undefined) {
      this.#passed++;
      consumer.resolve(item);
      return true;
    }
    // A full buffer also means that producers may be waiting: a newcomer must not slip in before them.
    if (this.#buffer.length === this.#capacity) return false;
    this.#store(item);
    return true;
  }

  /** Takes one item out, if there is one, and lets the producer that has waited longest into the gap, in the same step. */
  #remove(): T | undefined {
    const item = this.#buffer.shift();
    if (item === undefined) return undefined;
    this.#passed++;
    const producer = this.#producers.shift();
    if (producer !== undefined) {
      this.#store(producer.data);
      producer.resolve();
    }
    return item;
  }

  /** What was put is in the buffer or came out: put − done = 0, without a counter on the way of every item. */
  #isWorkedOff(): boolean {
    return this.#buffer.length === 0 && this.#done === this.#passed;
  }

  #store(item: T): void {
    this.#buffer.push(item);
    if (this.#buffer.length > this.#highWater) this.#highWater = this.#buffer.length;
  }
}

const ACCEPTED: Promise<void> = Promise.resolve();

function closedError(): CrawlError {
  return new CrawlError('ERR_CLOSED', 'the queue is closed: nothing more can be put');
}
