/**
 * Concurrency: applies a function to each input, several at a time, and yields the results in the order of the inputs.
 *
 * Order costs memory: a slow head holds back results that are there. So `buffer` bounds how far the work may run ahead of
 * the reader. Invariant: inputs pulled ≤ results yielded + `buffer`, so an endless input is fine, and a reader that stops
 * reading stops the work. (Python's `Executor.map` pulls all inputs before the first result.)
 */
import { Deque } from './deque.ts';
import type { Future, FutureWait } from './future.ts';
import { requireAtLeastOne } from './require.ts';

export interface OrderedMapOptions extends FutureWait {
  /** Inputs pulled and not yet yielded, at most: an integer ≥ 1. */
  readonly buffer: number;
}

/**
 * `start` begins the work on one input. The first failure, in the order of the inputs, ends the iteration; so does the
 * signal (`CancelledError`). At the end, however it comes, work that has not begun is cancelled.
 */
export async function* orderedMap<T, R>(
  inputs: Iterable<T> | AsyncIterable<T>,
  start: (input: T) => Future<R>,
  options: OrderedMapOptions,
): AsyncGenerator<R, void, undefined> {
  const buffer = requireAtLeastOne('buffer of a map', options.buffer);
  const running = new Deque<Future<R>>();
  try {
    for await (const input of inputs) {
      const future = start(input);
      // Its failure is reported in its turn, which may come after it failed.
      future.onSettled(() => undefined);
      running.push(future);
      if (running.length >= buffer) yield await oldest(running).result(options);
    }
    while (running.length > 0) yield await oldest(running).result(options);
  } finally {
    for (let future = running.shift(); future !== undefined; future = running.shift()) future.cancel();
  }
}

function oldest<R>(running: Deque<Future<R>>): Future<R> {
  return running.shift() as Future<R>;
}
