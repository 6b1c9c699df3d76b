/**
 * Concurrency: the one implementation of `TaskPool`: a line of tasks and up to `size` workers, of whatever kind.
 *
 * Invariants: a worker has at most one task; tasks begin in the order in which they were submitted; a task waits only
 * while every worker is busy; each future is settled exactly once, also when its worker dies. The pool owns its workers.
 *
 * The pool follows the load: a worker is started when there is work and nobody is idle, and ended once it has been idle for
 * `idleMs` (default: kept until the end). The one that worked last goes on first, so where few are needed, few stay idle
 * for a moment only, and the others age.
 */
import { systemClock, type Clock, type Timer } from '../../model/clock.ts';
import { CrawlError } from '../../model/errors.ts';
import { Future, type Resolver } from '../future.ts';
import { orderedMap } from '../ordered-map.ts';
import { requireAtLeastOne } from '../require.ts';
import type { MapOptions, PoolKind, TaskArguments, TaskName, TaskPool, TaskResult } from './task-pool.ts';
import type { PoolWorker } from './worker.ts';

interface Entry {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly resolver: Resolver<unknown>;
}

export interface WorkerPoolOptions {
  readonly kind: PoolKind;
  readonly size: number;
  readonly startWorker: () => PoolWorker;
  /** A worker that was idle that long is ended. Default: never. */
  readonly idleMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A worker without a task. */
interface Idle {
  readonly worker: PoolWorker;
  readonly timer: Timer | undefined;
}

export class WorkerPool<M> implements TaskPool<M> {
  readonly kind: PoolKind;
  readonly size: number;
  readonly #startWorker: () => PoolWorker;
  /** Sets keep their order and give up any member in O(1): a cancelled task leaves the middle of the line. */
  readonly #line = new Set<Entry>();
  readonly #idleMs: number | undefined;
  readonly #clock: Clock;
  readonly #idle: Idle[] = [];
  readonly #busy = new Set<PoolWorker>();
  /** Ends of workers that were idle for too long. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;
  #isDestroyed = false;
  #whenEmpty: PromiseWithResolvers<void> | undefined;

  constructor({ kind, size, startWorker, idleMs, clock = systemClock }: WorkerPoolOptions) {
    this.kind = kind;
    this.size = requireAtLeastOne('size of a task pool', size);
    this.#startWorker = startWorker;
    this.#idleMs = idleMs;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#line.size;
  }

  get running(): number {
    return this.#busy.size;
  }

  submit<K extends TaskName<M>>(task: K, ...args: TaskArguments<M, K>): Future<TaskResult<M, K>> {
    if (this.#isClosed) throw new CrawlError('ERR_CLOSED', `${task} was submitted to a closed task pool`);
    const entry: Entry = { task, args, resolver: Future.withResolver<unknown>(() => this.#line.delete(entry)) };
    this.#line.add(entry);
    this.#dispatch();
    return entry.resolver.future as Future<TaskResult<M, K>>;
  }

  map<K extends TaskName<M>>(
    task: K,
    inputs: Iterable<TaskArguments<M, K>[0]> | AsyncIterable<TaskArguments<M, K>[0]>,
    options: MapOptions = {},
  ): AsyncGenerator<TaskResult<M, K>, void, undefined> {
    const start = (input: TaskArguments<M, K>[0]): Future<TaskResult<M, K>> =>
      this.submit(task, ...([input] as TaskArguments<M, K>));
    return orderedMap(inputs, start, { buffer: 2 * this.size, ...options });
  }

  starmap<K extends TaskName<M>>(
    task: K,
    inputs: Iterable<TaskArguments<M, K>> | AsyncIterable<TaskArguments<M, K>>,
    options: MapOptions = {},
  ): AsyncGenerator<TaskResult<M, K>, void, undefined> {
    return orderedMap(inputs, (args) => this.submit(task, ...args), { buffer: 2 * this.size, ...options });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#busy.size > 0) await (this.#whenEmpty ??= Promise.withResolvers()).promise;
    await this.#endAll();
  }

  async destroy(): Promise<void> {
    this.#isClosed = true;
    this.#isDestroyed = true;
    for (const { resolver } of this.#line) resolver.future.cancel();
    await this.#endAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #dispatch(): void {
    for (const entry of this.#line) {
      const worker = this.#takeIdle() ?? (this.#busy.size < this.size ? this.#startWorker() : undefined);
      if (worker === undefined) return;
      this.#line.delete(entry);
      void this.#work(worker, entry);
    }
  }

  async #work(worker: PoolWorker, { task, args, resolver }: Entry): Promise<void> {
    this.#busy.add(worker);
    try {
      resolver.resolve(await worker.run(task, args));
    } catch (error) {
      // Whoever destroys a pool wants its tasks to fail: that needs no witness.
      if (this.#isDestroyed) resolver.future.onSettled(() => undefined);
      resolver.reject(error);
    }
    this.#busy.delete(worker);
    // A dead worker is not put back; the next task starts another one.
    if (worker.isAlive) this.#rest(worker);
    this.#dispatch();
    if (this.#busy.size === 0) this.#whenEmpty?.resolve();
  }

  #takeIdle(): PoolWorker | undefined {
    const idle = this.#idle.pop();
    idle?.timer?.cancel();
    return idle?.worker;
  }

  #rest(worker: PoolWorker): void {
    const timer = this.#idleMs === undefined ? undefined : this.#clock.after(this.#idleMs, () => this.#retire(idle));
    const idle: Idle = { worker, timer };
    this.#idle.push(idle);
  }

  #retire(idle: Idle): void {
    this.#idle.splice(this.#idle.indexOf(idle), 1);
    const end = idle.worker.end().finally(() => this.#ending.delete(end));
    this.#ending.add(end);
  }

  async #endAll(): Promise<void> {
    const workers = [...this.#busy];
    for (let idle = this.#takeIdle(); idle !== undefined; idle = this.#takeIdle()) workers.push(idle);
    await Promise.all([...workers.map((worker) => worker.end()), ...this.#ending]);
  }
}
