/**
 * Concurrency: permits, the right to do one unit of work.
 *
 * A bounded queue limits how much waits; permits limit how much happens. Whoever wants to work acquires a permit, works,
 * and releases it whatever the outcome (`try … finally`), so that all permits come back. At most `capacity` permits are
 * held at any time. There are two implementations of this contract, `Semaphore` (our own) and `FetchPermits` (on p-limit),
 * and one suite of properties that both pass (`test/property/permits.property.test.ts`).
 *
 * Permits bound the work, not the workers: a thousand tasks that each wait in `acquire()` are a thousand tasks in memory.
 * Acquire *before* taking the work from its queue, and the queue's bound holds for the whole.
 */
import type { Gauge } from '../model/gauge.ts';

export interface Permit {
  /** Gives the permit back. Calling it again does nothing. */
  release(): void;
}

export interface Permits {
  /** The most permits held at a time. */
  readonly capacity: number;
  /** Permits held now. Above `capacity` only after that was lowered, until enough have come back. */
  readonly inFlight: number;
  /** Callers that wait in `acquire`. */
  readonly waiting: number;

  /**
   * Waits for a permit; first come, first served.
   * @throws {CrawlError} ERR_CLOSED if closed, also while waiting. @throws {CancelledError} when `signal` fires first.
   */
  acquire(signal?: AbortSignal): Promise<Permit>;

  /** A permit if one is free and nobody waits for it, else `null`; also `null` after `close`. */
  tryAcquire(): Permit | null;

  /**
   * Takes effect at once, also below what is in use: held permits are not called back, but none is granted until the
   * number in use has fallen below the new capacity. @throws {CrawlError} ERR_INTERNAL unless an integer ≥ 1.
   */
  setCapacity(capacity: number): void;

  /** `length` = permits held, `passed` = permits given back, `producerWaits` = acquisitions that had to wait. */
  gauge(): Gauge;

  /** No more permits: those who wait are rejected. Permits that are held stay valid and are still to be released. */
  close(): void;

  /** Resolves when no permit is held and nobody waits: after `close()`, when the last piece of work has ended. */
  idle(): Promise<void>;
}
