/**
 * Concurrency: futures in the order in which they end. A slow first one holds nobody up.
 *
 * Yields the futures, not their values, so that one failure does not end the loop: `await future.result()` inside it gives the value
 * or throws. Each future is yielded exactly once; those that had ended before come first, in the order given.
 */
import { Deque } from './deque.ts';
import { futureWaiters, type Future, type FutureWait } from './future.ts';

/** @throws {CancelledError} from the loop when the signal fires; the work itself goes on. */
export async function* asCompleted<T>(
  futures: Iterable<Future<T>>,
  options: FutureWait = {},
): AsyncGenerator<Future<T>, void, undefined> {
  const settled = new Deque<Future<T>>();
  const reader = futureWaiters(options);
  let open = 0;
  for (const future of new Set(futures)) {
    open++;
    future.onSettled((ended) => {
      settled.push(ended);
      reader.shift()?.resolve();
    });
  }
  for (; open > 0; open--) {
    if (settled.length === 0) await reader.wait(undefined, options.signal);
    const next = settled.shift();
    if (next !== undefined) yield next;
  }
}
