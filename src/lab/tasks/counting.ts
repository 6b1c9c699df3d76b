/** Laboratory: adding to one number from a thread of a pool. */
import { SharedCounter } from '../../concurrency/threads/shared-counter.ts';
import { SharedMutex } from '../../concurrency/threads/shared-mutex.ts';
import { startTogether } from '../support/start-together.ts';

type Cells = Int32Array<SharedArrayBuffer>;

export interface Counting {
  readonly mode: 'none' | 'mutex' | 'atomics';
  readonly cells: Cells;
  readonly mutex: Cells;
  /** Where the threads meet before they start. */
  readonly gate: Cells;
  readonly workers: number;
  readonly times: number;
  /** What to add each time, default 1. */
  readonly amount?: number;
}

/** When it began and ended, in ms since the process started. */
export interface Busy {
  readonly from: number;
  readonly to: number;
}

/** Starts together with the others, then adds. */
export function addUp({ mode, cells, mutex, gate, workers, times, amount = 1 }: Counting): Busy {
  startTogether(gate, workers);
  const from = performance.timeOrigin + performance.now();
  if (mode === 'none') addPlainly(cells, times, amount);
  else if (mode === 'mutex') addUnder(new SharedMutex(mutex), cells, times, amount);
  else addAtomically(new SharedCounter(cells), times, amount);
  return { from, to: performance.timeOrigin + performance.now() };
}

function addPlainly(cells: Cells, times: number, amount: number): void {
  for (let i = 0; i < times; i++) cells[0] = (cells[0] ?? 0) + amount;
}

function addUnder(mutex: SharedMutex, cells: Cells, times: number, amount: number): void {
  for (let i = 0; i < times; i++) {
    mutex.lock();
    cells[0] = (cells[0] ?? 0) + amount;
    mutex.unlock();
  }
}

function addAtomically(counter: SharedCounter, times: number, amount: number): void {
  for (let i = 0; i < times; i++) counter.add(amount);
}
