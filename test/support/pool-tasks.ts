/** Tasks for the tests of pools and of shared memory: they run on other threads and in other processes. */
import { threadId } from 'node:worker_threads';
import { SharedCondition } from '../../src/concurrency/threads/shared-condition.ts';
import { SharedCounter } from '../../src/concurrency/threads/shared-counter.ts';
import { SharedMutex } from '../../src/concurrency/threads/shared-mutex.ts';
import { SharedSemaphore } from '../../src/concurrency/threads/shared-semaphore.ts';

type Cells = Int32Array<SharedArrayBuffer>;

export function square(n: number): number {
  return n * n;
}

export async function squareLater(n: number): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return n * n;
}

export function power(base: number, exponent: number): number {
  return base ** exponent;
}

export function types(value: unknown): unknown {
  return value;
}

export function place(): string {
  return `${process.pid}/${threadId}`;
}

export function fail(message: string): never {
  throw Object.assign(new RangeError(message), { code: 'ERR_TEST' });
}

export function unclonable(): unknown {
  return () => undefined;
}

export function die(): never {
  process.exit(3);
}

export function never(): Promise<never> {
  return new Promise(() => {
    setInterval(() => undefined, 1000);
  });
}

/** `times` rounds of add and subtract, load and store apart, under the mutex. */
export function addUnderMutex(mutexCells: Cells, cells: Cells, times: number): void {
  const mutex = new SharedMutex(mutexCells);
  for (let i = 0; i < times; i++) {
    mutex.lock();
    cells[0] = (cells[0] ?? 0) + 1;
    mutex.unlock();
  }
}

export function addAtomically(cells: Cells, times: number): void {
  const counter = new SharedCounter(cells);
  for (let i = 0; i < times; i++) counter.add(1);
}

/** Keeps the most permits that were ever out at once in `peak[1]`. */
export function workUnderPermits(permitCells: Cells, peak: Cells, times: number): void {
  const permits = new SharedSemaphore(permitCells);
  for (let i = 0; i < times; i++) {
    permits.acquire();
    const out = Atomics.add(peak, 0, 1) + 1;
    for (let most = Atomics.load(peak, 1); out > most; most = Atomics.load(peak, 1)) {
      if (Atomics.compareExchange(peak, 1, most, out) === most) break;
    }
    Atomics.sub(peak, 0, 1);
    permits.release();
  }
}

/** Takes `times` from the stock in `stock[0]`; `stock[1]` keeps how often it was found below 0. */
export function consumeStock(mutexCells: Cells, conditionCells: Cells, stock: Cells, times: number): void {
  const mutex = new SharedMutex(mutexCells);
  const condition = new SharedCondition(mutex, conditionCells);
  for (let i = 0; i < times; i++) {
    mutex.lock();
    condition.wait(() => (stock[0] ?? 0) > 0);
    stock[0] = (stock[0] ?? 0) - 1;
    if (stock[0] < 0) stock[1] = (stock[1] ?? 0) + 1;
    mutex.unlock();
  }
}
