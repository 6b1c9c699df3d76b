/**
 * Concurrency: the reentrant mutex. As a mutex, but whoever holds it may enter again: a method that locks can call another
 * one that locks.
 *
 * "Whoever" is an async context (`held-locks.ts`): everything that the section calls and awaits. Hence a section is a
 * function here, never a pair of calls. Invariant: sections of different contexts never overlap; the mutex is free again
 * when the outermost section has ended.
 *
 * The trap: children that a section runs side by side (`Promise.all`) all belong to its context, so the lock does not keep
 * them apart. It protects against others, not against oneself.
 */
import { isWithin } from './held-locks.ts';
import { Mutex, type MutexOptions } from './mutex.ts';

export class ReentrantMutex {
  readonly #mutex: Mutex;

  constructor(options: MutexOptions = {}) {
    this.#mutex = new Mutex(options);
  }

  get isLocked(): boolean {
    return this.#mutex.isLocked;
  }

  /**
   * Runs `section` while holding the mutex; at once where the caller holds it already.
   * @throws {CancelledError} when `signal` fires before it was the caller's turn. @throws what `section` throws.
   */
  async runExclusive<R>(section: () => R | PromiseLike<R>, signal?: AbortSignal): Promise<R> {
    if (isWithin(this.#mutex)) return await section();
    return await this.#mutex.runExclusive(section, signal);
  }
}
