/**
 * Laboratory: the engine's task pool on the scheduler. Each task that the pool begins is a task of the scheduler, with a lane of
 * its own, so pools can be watched on the virtual clock: who waits in the pool's line, who runs, in which order results come.
 */
import type { TaskPool } from '../../concurrency/pools/task-pool.ts';
import { WorkerPool } from '../../concurrency/pools/worker-pool.ts';
import type { PoolWorker } from '../../concurrency/pools/worker.ts';
import type { Scheduler, Task } from './scheduler.ts';

/** The body of a task of the pool: it gets the scheduler's task before its arguments. */
type Body = (task: Task, ...args: never[]) => unknown;

/** What the pool's callers see: the bodies without their first parameter. */
type Calls<B extends Readonly<Record<string, Body>>> = {
  readonly [K in keyof B]: B[K] extends (task: Task, ...args: infer A) => infer R ? (...args: A) => R : never;
};

/** A pool of `size` workers. Lanes are named by task and arguments, as `download(3)`. */
export function scheduledPool<B extends Readonly<Record<string, Body>>>(
  scheduler: Scheduler,
  size: number,
  bodies: B,
): TaskPool<Calls<B>> {
  const startWorker = (): PoolWorker => ({
    isAlive: true,
    run: (name, args) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      scheduler.spawn(`${name}(${args.join(', ')})`, async (task) => {
        try {
          resolve(await bodies[name]?.(task, ...(args as never[])));
        } catch (error) {
          reject(error);
        }
      });
      return promise;
    },
    end: () => Promise.resolve(),
  });
  return new WorkerPool<Calls<B>>({ kind: 'async', size, startWorker });
}
