/** Laboratory: opens a task pool and starts its workers, so that what is measured afterwards is the work. */
import { openPool } from '../../concurrency/pools/open-pool.ts';
import type { PoolKind, TaskPool } from '../../concurrency/pools/task-pool.ts';
import { taskModule } from './task-module.ts';

/** What a module of tasks for measured pools exports besides its tasks. */
export interface HasHere {
  here(): string;
}

/** `module`: the file's name in `tasks/`. The caller closes the pool. */
export async function warmPool<M extends HasHere>(kind: PoolKind, module: string, size: number): Promise<TaskPool<M>> {
  const pool = await openPool<HasHere>({ kind, module: taskModule(module), size });
  await Promise.all(Array.from({ length: pool.size }, () => pool.submit('here').result()));
  return pool;
}
