/**
 * Concurrency across threads: a semaphore in one cell, which holds the number of free permits. Taking one is a compare and
 * exchange from n to n − 1, tried again where another thread was faster. Invariant: the number never falls below 0, so at
 * most `capacity` permits are out. Not fair: whoever comes at the right moment overtakes those who sleep.
 */
import { requireAtLeastOne } from '../require.ts';
import { blockWhile, sharedCells, waitWhile, wake, type Cell } from './shared-wait.ts';

export class SharedSemaphore {
  /** For the other threads: `new SharedSemaphore(cells)` there is the same semaphore. */
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly #cell: Cell;

  constructor(cells: Int32Array<SharedArrayBuffer>) {
    this.cells = cells;
    this.#cell = { cells, index: 0 };
  }

  /** A new one. @throws {CrawlError} ERR_INTERNAL unless `capacity` is an integer ≥ 1. */
  static withCapacity(capacity: number): SharedSemaphore {
    const cells = sharedCells(1);
    cells[0] = requireAtLeastOne('capacity of a shared semaphore', capacity);
    return new SharedSemaphore(cells);
  }

  get free(): number {
    return Atomics.load(this.cells, 0);
  }

  tryAcquire(): boolean {
    for (let free = this.free; free > 0; free = this.free) {
      if (Atomics.compareExchange(this.cells, 0, free, free - 1) === free) return true;
    }
    return false;
  }

  /** Blocks this thread until it has a permit. */
  acquire(): void {
    while (!this.tryAcquire()) blockWhile(this.#cell, 0);
  }

  /** As `acquire`, with the event loop running on. @throws {CancelledError} when `signal` fires first: nothing was taken. */
  async acquireAsync(signal?: AbortSignal): Promise<void> {
    while (!this.tryAcquire()) await waitWhile(this.#cell, 0, signal);
  }

  /** Once for each permit acquired. */
  release(): void {
    Atomics.add(this.cells, 0, 1);
    wake(this.#cell, 1);
  }
}
