/**
 * Concurrency: the condition variable. Waiting for a *state* that a mutex protects ("there is stock"), where a queue would
 * wait for an item and a semaphore for a permit.
 *
 *     using lock = await mutex.acquire();
 *     await condition.wait(lock, () => stock > 0);     // releases the mutex while it waits, holds it again afterwards
 *     stock--;
 *
 * Invariant: `wait` with a predicate returns only while the lock is held and the predicate is true. Two traps are closed:
 *
 * - *Lost wake-up.* A notification is an event, not a state: with nobody waiting it is gone. Whoever comes later must look
 *   at the state first, so the predicate is tested before the first wait. Releasing the mutex and joining the line happen
 *   in one synchronous step, so no notification falls in between. `notify` says how many it woke.
 * - *Stolen wake-up.* Between the notification and holding the mutex again, another caller may have changed the state, so
 *   the predicate is tested again after each wake-up: a loop, never an `if`.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import type { Lock, Mutex } from './mutex.ts';
import type { Traced } from './tracer.ts';
import { WaitList } from './wait-list.ts';

export interface ConditionOptions extends Traced {
  readonly clock?: Clock;
}

export class Condition {
  readonly #mutex: Mutex;
  readonly #waiters: WaitList<void>;

  /** @param mutex protects the state that predicates look at. */
  constructor(mutex: Mutex, options: ConditionOptions = {}) {
    this.#mutex = mutex;
    const { clock = systemClock, name = 'condition', tracer } = options;
    this.#waiters = new WaitList({ clock, name: `a notification of ${name}`, tracer });
  }

  /** Callers that wait for a notification. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * Waits until `predicate` is true; without one, for a single notification, whatever the state (seldom right: see above).
   * Holds `lock` again when it ends, however it ends, so the caller's `release` is always due.
   * @throws {CancelledError} when `signal` fires. @throws {CrawlError} ERR_INTERNAL unless `lock` holds the mutex.
   */
  async wait(lock: Lock, predicate?: () => boolean, signal?: AbortSignal): Promise<void> {
    if (!this.#mutex.isHeldBy(lock)) {
      throw new CrawlError('ERR_INTERNAL', `wait on a condition needs the lock of ${this.#mutex.name}, held`);
    }
    let wasNotified = false;
    while (predicate === undefined ? !wasNotified : !predicate()) {
      // The line first: no `await` stands between these two, so nobody can notify before this caller is in it.
      const notified = this.#waiters.wait(undefined, signal);
      const reacquire = this.#mutex.lend(lock);
      try {
        await notified;
        wasNotified = true;
      } finally {
        await reacquire();
      }
    }
  }

  /** Wakes those who have waited longest, at most `count`. @returns how many: 0 means that nobody heard it. */
  notify(count = 1): number {
    let woken = 0;
    for (; woken < count; woken++) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) break;
      waiter.resolve();
    }
    return woken;
  }

  /** Wakes everybody: for a change that several may have waited for. */
  notifyAll(): number {
    return this.notify(Number.POSITIVE_INFINITY);
  }
}
