/**
 * Concurrency: the mutex, mutual exclusion. One caller at a time is between `acquire` and `release`.
 *
 * Does one thread need it? Between two `await`s nobody else runs, so code without `await` needs no lock. But
 *
 *     const n = await read();        // ← here others run, and read the same n
 *     await write(n + 1);            // ← so one of two updates is lost
 *
 * is a critical section with `await` in the middle: what the operating system's scheduler does to threads, every `await`
 * does to async functions.
 *
 * Invariant: at most one lock is held at any moment, and somebody waits only while one is. A release hands the mutex to
 * whoever has waited longest within the same call, so no newcomer slips in between.
 *
 * Not reentrant: a holder that asks again would wait for itself for ever. Within `runExclusive` that is noticed and
 * refused with ERR_DEADLOCK; see `ReentrantMutex` for the lock that lets its holder in again.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import { isWithin, runWithin } from './held-locks.ts';
import type { Traced, Tracer } from './tracer.ts';
import { cancellation, WaitList } from './wait-list.ts';

export interface MutexOptions extends Traced {
  readonly clock?: Clock;
}

/** The mutex, held. `using lock = await mutex.acquire()` releases it at the end of the block. */
export interface Lock extends Disposable {
  readonly isHeld: boolean;
  /** Gives the mutex back. Calling it again does nothing. */
  release(): void;
}

/** First come, first served. */
export class Mutex {
  readonly #waiters: WaitList<Lock>;
  readonly #tracer: Tracer | undefined;
  readonly name: string;
  #holder: Lock | undefined;

  constructor(options: MutexOptions = {}) {
    this.name = options.name ?? 'mutex';
    this.#tracer = options.tracer;
    this.#waiters = new WaitList({ clock: options.clock ?? systemClock, name: this.name, tracer: options.tracer });
  }

  get isLocked(): boolean {
    return this.#holder !== undefined;
  }

  /** Callers that wait in `acquire`. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Whether `lock` is this mutex's, and held. */
  isHeldBy(lock: Lock): boolean {
    return this.#holder === lock;
  }

  /**
   * Waits until the mutex is free and takes it.
   * @throws {CancelledError} when `signal` fires first: it was not taken.
   * @throws {CrawlError} ERR_DEADLOCK within this mutex's own `runExclusive`.
   */
  acquire(signal?: AbortSignal): Promise<Lock> {
    if (isWithin(this)) return Promise.reject(selfDeadlock(this.name));
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    const lock = this.tryAcquire();
    return lock === null ? this.#waiters.wait(undefined, signal) : Promise.resolve(lock);
  }

  /** The lock if the mutex is free, else `null`. */
  tryAcquire(): Lock | null {
    return this.#holder === undefined ? this.#grant(this.#tracer?.caller()) : null;
  }

  /** Runs `section` while holding the mutex, and releases it whatever becomes of it. @throws as `acquire`, and what `section` throws. */
  async runExclusive<R>(section: () => R | PromiseLike<R>, signal?: AbortSignal): Promise<R> {
    using _lock = await this.acquire(signal);
    return await runWithin(this, section);
  }

  /**
   * For `Condition`: releases the mutex without ending `lock`; the function returned waits for the mutex and gives it back
   * to that same `lock`, so that its owner releases it once, as ever.
   */
  lend(lock: Lock): () => Promise<void> {
    lock.release();
    return async () => {
      await (this.tryAcquire() ?? this.#waiters.wait(undefined));
      this.#holder = lock;
    };
  }

  #grant(caller: unknown): Lock {
    this.#tracer?.holds(caller, this.name);
    const release = (): void => {
      // Only the holder's own lock opens the mutex: a second release must not take it from the next one.
      if (this.#holder !== lock) return;
      this.#tracer?.releases(caller, this.name);
      this.#holder = undefined;
      const next = this.#waiters.shift();
      next?.resolve(this.#grant(next.caller));
    };
    const isHeld = (): boolean => this.#holder === lock;
    const lock: Lock = {
      get isHeld() {
        return isHeld();
      },
      release,
      [Symbol.dispose]: release,
    };
    this.#holder = lock;
    return lock;
  }
}

function selfDeadlock(name: string): CrawlError {
  return new CrawlError(
    'ERR_DEADLOCK',
    `${name} is held by the very code that asks for it, which would wait for itself for ever; a ReentrantMutex lets it in`,
  );
}
