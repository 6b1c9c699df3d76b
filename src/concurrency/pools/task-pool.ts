/**
 * Concurrency: the task pool. Work is submitted here and done by whichever worker is free, somewhere: on this thread,
 * on worker threads, in processes. The interface is the same for all, and so is the suite of tests that all pass.
 *
 * A task is *named*, never passed: a function cannot cross to another thread or process, so a pool is opened for one module
 * and runs its exports by name (Python pickles functions by name for the same reason). Arguments and results are copied
 * (structured clone), on the same thread too as far as types can say.
 */
import type { Future, FutureWait } from '../future.ts';

/**
 * inline: one at a time, on this thread. async: `size` at a time, on this thread, taking turns at each `await`: for
 * waiting. threads: `size` worker threads: for computing. processes: `size` child processes: for isolation.
 */
export type PoolKind = 'inline' | 'async' | 'threads' | 'processes';

/** A module's exports that are functions. `M` is its type: `typeof tasks` after `import type * as tasks from './tasks.js'`. */
export type TaskName<M> = { [K in keyof M]: M[K] extends (...args: never[]) => unknown ? K : never }[keyof M] & string;
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Result<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;
export type TaskArguments<M, K extends TaskName<M>> = Arguments<M[K]>;
export type TaskResult<M, K extends TaskName<M>> = Result<M[K]>;

export interface MapOptions extends FutureWait {
  /** How many inputs may be ahead of the reader of the results; default twice the pool's size. */
  readonly buffer?: number;
}

export interface TaskPool<M> extends AsyncDisposable {
  readonly kind: PoolKind;
  /** Workers at most. */
  readonly size: number;
  /** Tasks submitted and not begun. */
  readonly waiting: number;
  /** Tasks begun and not ended. */
  readonly running: number;

  /**
   * Queues a task. Its future fails with what the task throws, as CrawlError ERR_INTERNAL if its worker dies, or is
   * cancelled by `cancel` before it begins or by `destroy`. @throws {CrawlError} ERR_CLOSED after `close` or `destroy`.
   */
  submit<K extends TaskName<M>>(task: K, ...args: TaskArguments<M, K>): Future<TaskResult<M, K>>;

  /** Results in the order of the inputs, which are pulled at most `buffer` ahead. Throws the first failure. */
  map<K extends TaskName<M>>(
    task: K,
    inputs: Iterable<TaskArguments<M, K>[0]> | AsyncIterable<TaskArguments<M, K>[0]>,
    options?: MapOptions,
  ): AsyncGenerator<TaskResult<M, K>, void, undefined>;

  /** As `map`, each input being all arguments of one call. */
  starmap<K extends TaskName<M>>(
    task: K,
    inputs: Iterable<TaskArguments<M, K>> | AsyncIterable<TaskArguments<M, K>>,
    options?: MapOptions,
  ): AsyncGenerator<TaskResult<M, K>, void, undefined>;

  /** Nothing more is accepted; resolves when all that was has ended and every worker is gone. `await using` does this. */
  close(): Promise<void>;

  /** Ends it now: cancels what waits, fails what runs, ends the workers. */
  destroy(): Promise<void>;
}
