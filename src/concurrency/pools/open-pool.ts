/** Concurrency: opens a task pool of any kind. Code for threads and processes is loaded only where it is asked for. */
import { LocalWorker } from './local-worker.ts';
import type { PoolKind, TaskPool } from './task-pool.ts';
import { WorkerPool } from './worker-pool.ts';
import type { PoolWorker } from './worker.ts';

type StartWorker = () => PoolWorker;

export interface OpenPoolOptions {
  readonly kind: PoolKind;
  /** The module whose exports are the tasks: `new URL('./tasks.js', import.meta.url)`. */
  readonly module: URL;
  /** Workers at most: an integer ≥ 1, default 4. An inline pool always has one. */
  readonly size?: number;
  /** A worker that was idle for so many ms is ended; the next task starts another. Default: workers are kept. */
  readonly idleMs?: number;
}

/**
 * Opens a pool. Its owner closes it, best by `await using`.
 * @example
 * import type * as tasks from './tasks.js';
 * await using pool = await openPool<typeof tasks>({ kind: 'threads', module: new URL('./tasks.js', import.meta.url) });
 * await pool.submit('square', 5).result();
 */
export async function openPool<M>({ kind, module, size = 4, idleMs }: OpenPoolOptions): Promise<TaskPool<M>> {
  const startWorker = await WORKER_STARTERS[kind](module);
  return new WorkerPool<M>({ kind, size: kind === 'inline' ? 1 : size, startWorker, idleMs });
}

const onThisThread =
  (module: URL): StartWorker =>
  () =>
    new LocalWorker(module);

const WORKER_STARTERS: Readonly<Record<PoolKind, (module: URL) => StartWorker | Promise<StartWorker>>> = {
  inline: onThisThread,
  async: onThisThread,
  threads: async (module) => {
    const { threadWorker } = await import('./thread-worker.ts');
    return () => threadWorker(module);
  },
  processes: async (module) => {
    const { processWorker } = await import('./process-worker.ts');
    return () => processWorker(module);
  },
};
