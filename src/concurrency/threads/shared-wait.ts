/**
 * Concurrency across threads: waiting for a number in shared memory to change. All of `threads/` rests on two operations
 * of the processor, as lent out by `Atomics`:
 *
 * - *compare and exchange*: one step that nothing can come between, to decide who was first;
 * - *wait while cell = value*, and *notify*: the test and the falling asleep are one step as well (the kernel's futex), so a
 *   change right before it is seen and no wake-up is lost.
 *
 * A thread that blocks runs nothing else, its event loop included: fine for a worker that computes, wrong for the main
 * thread. So each waiting exists in both forms. Notifications may come without cause, hence every caller waits in a loop.
 */
import { cancellation } from '../wait-list.ts';

/** A cell of shared memory. */
export interface Cell {
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly index: number;
}

/** `count` cells of shared memory, all 0. Send them to a thread as they are: the memory is shared, not copied. */
export function sharedCells(count: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

/** Blocks this thread while the cell holds `value`, until somebody notifies. */
export function blockWhile({ cells, index }: Cell, value: number): void {
  Atomics.wait(cells, index, value);
}

/**
 * As `blockWhile`, with the event loop running on.
 * @throws {CancelledError} when `signal` fires first.
 */
export async function waitWhile({ cells, index }: Cell, value: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) throw cancellation(signal);
  const waiting = Atomics.waitAsync(cells, index, value);
  if (!waiting.async) return;
  if (signal === undefined) {
    await waiting.value;
    return;
  }
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  const cancel = (): void => {
    reject(cancellation(signal));
    // The kernel's line knows no leaving: this place stays in it. The wake-up it will get belongs to somebody who waits.
    void waiting.value.then(() => Atomics.notify(cells, index, 1));
  };
  signal.addEventListener('abort', cancel);
  try {
    await Promise.race([waiting.value, cancelled]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Wakes those who wait for this cell, at most `count`. @returns how many. */
export function wake({ cells, index }: Cell, count?: number): number {
  return Atomics.notify(cells, index, count);
}
