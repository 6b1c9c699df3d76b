/**
 * Concurrency across threads: a counter. `cells[0]++` is three steps (load, add, store), and two threads that take them at
 * once lose an update; `Atomics.add` is one. Invariant: the value is the sum of everything that any thread ever added.
 */
import { sharedCells } from './shared-wait.ts';

export class SharedCounter {
  /** For the other threads: `new SharedCounter(cells)` there is the same counter. */
  readonly cells: Int32Array<SharedArrayBuffer>;

  constructor(cells: Int32Array<SharedArrayBuffer> = sharedCells(1)) {
    this.cells = cells;
  }

  get value(): number {
    return Atomics.load(this.cells, 0);
  }

  /** @returns the value after it. 32 bits: beyond ±2^31 it wraps round. */
  add(amount: number): number {
    return (Atomics.add(this.cells, 0, amount) + amount) | 0;
  }
}
