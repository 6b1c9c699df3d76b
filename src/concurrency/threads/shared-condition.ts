/**
 * Concurrency across threads: a condition variable beside a `SharedMutex`. One cell counts the notifications; to wait is to
 * wait while that number is what it was when the mutex was still held. A notification in between changes the number, so the
 * thread does not fall asleep at all: no wake-up is lost. Invariant: `wait` returns with the mutex held and the predicate true.
 */
import type { SharedMutex } from './shared-mutex.ts';
import { blockWhile, sharedCells, waitWhile, wake, type Cell } from './shared-wait.ts';

export class SharedCondition {
  /** For the other threads: `new SharedCondition(mutex, cells)` there is the same condition. */
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly #mutex: SharedMutex;
  readonly #cell: Cell;

  constructor(mutex: SharedMutex, cells: Int32Array<SharedArrayBuffer> = sharedCells(1)) {
    this.cells = cells;
    this.#mutex = mutex;
    this.#cell = { cells, index: 0 };
  }

  /** Blocks this thread, which holds the mutex, until `predicate` is true. */
  wait(predicate: () => boolean): void {
    while (!predicate()) {
      const seen = Atomics.load(this.cells, 0);
      this.#mutex.unlock();
      blockWhile(this.#cell, seen);
      this.#mutex.lock();
    }
  }

  /** As `wait`, with the event loop running on. @throws {CancelledError} when `signal` fires; the mutex is held then, too. */
  async waitAsync(predicate: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!predicate()) {
      const seen = Atomics.load(this.cells, 0);
      this.#mutex.unlock();
      try {
        await waitWhile(this.#cell, seen, signal);
      } finally {
        await this.#mutex.lockAsync();
      }
    }
  }

  /** Wakes one waiting thread. @returns how many it woke: 0 or 1. */
  notify(): number {
    Atomics.add(this.cells, 0, 1);
    return wake(this.#cell, 1);
  }

  /** Wakes all. @returns how many. */
  notifyAll(): number {
    Atomics.add(this.cells, 0, 1);
    return wake(this.#cell);
  }
}
