/**
 * Concurrency: waits for some of several futures, and says which.
 *
 * Invariant: `done` and `pending` part the input: each future stands in exactly one of the two sets. `done` holds all that
 * had ended when the wait did, whichever way. The work goes on; nothing is cancelled.
 */
import { futureWaiters, type Future, type FutureWait } from './future.ts';

export interface WaitForOptions extends FutureWait {
  /** `first`: one has ended. `firstError`: one has failed or was cancelled, or all have ended. `all`: all have ended. */
  readonly until: 'first' | 'all' | 'firstError';
}

export interface DoneAndPending<T> {
  readonly done: ReadonlySet<Future<T>>;
  readonly pending: ReadonlySet<Future<T>>;
}

/** @throws {CancelledError} when the signal fires first. */
export async function waitFor<T>(futures: Iterable<Future<T>>, options: WaitForOptions): Promise<DoneAndPending<T>> {
  const { until, signal } = options;
  const done = new Set<Future<T>>();
  const pending = new Set(futures);
  const waiting = futureWaiters(options);
  const isOver = (): boolean =>
    pending.size === 0 ||
    (until === 'first' && done.size > 0) ||
    (until === 'firstError' && [...done].some(({ state }) => state !== 'done'));
  let hasAnswered = false;
  for (const future of pending) {
    future.onSettled(() => {
      // What ends later belongs to the next wait: the sets handed out do not change any more.
      if (hasAnswered) return;
      pending.delete(future);
      done.add(future);
      if (isOver()) waiting.resolveAll();
    });
  }
  try {
    if (!isOver()) await waiting.wait(undefined, signal);
  } finally {
    hasAnswered = true;
  }
  return { done, pending };
}
