/**
 * Concurrency across threads: a mutex in one cell of shared memory (the third one of U. Drepper, "Futexes are tricky", 2011).
 *
 *     0 free      1 held, nobody waits      2 held, somebody may wait
 *
 * Taking a free mutex and releasing one that nobody waits for costs one atomic step and no call of the kernel: that is
 * what state 1 is for. A thread that had to wait takes the mutex as 2, since it cannot know whether it was the last in line.
 * Invariant: between a thread's `lock` and its `unlock` no other thread is between its own. Not fair: a thread that comes
 * at the right moment overtakes those who sleep. Not reentrant. A thread that dies holding it leaves it locked.
 */
import { CrawlError } from '../../model/errors.ts';
import { blockWhile, sharedCells, waitWhile, wake, type Cell } from './shared-wait.ts';

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;

export class SharedMutex {
  /** For the other threads: `new SharedMutex(cells)` there is the same mutex. */
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly #cell: Cell;

  constructor(cells: Int32Array<SharedArrayBuffer> = sharedCells(1)) {
    this.cells = cells;
    this.#cell = { cells, index: 0 };
  }

  tryLock(): boolean {
    return Atomics.compareExchange(this.cells, 0, FREE, HELD) === FREE;
  }

  /** Blocks this thread until the mutex is its own. */
  lock(): void {
    if (this.tryLock()) return;
    while (Atomics.exchange(this.cells, 0, CONTENDED) !== FREE) blockWhile(this.#cell, CONTENDED);
  }

  /** As `lock`, with the event loop running on. @throws {CancelledError} when `signal` fires first: it is not locked. */
  async lockAsync(signal?: AbortSignal): Promise<void> {
    if (this.tryLock()) return;
    while (Atomics.exchange(this.cells, 0, CONTENDED) !== FREE) await waitWhile(this.#cell, CONTENDED, signal);
  }

  /** @throws {CrawlError} ERR_INTERNAL unless it is locked. */
  unlock(): void {
    const before = Atomics.exchange(this.cells, 0, FREE);
    if (before === FREE) throw new CrawlError('ERR_INTERNAL', 'a shared mutex was unlocked that nobody had locked');
    if (before === CONTENDED) wake(this.#cell, 1);
  }
}
