/** Concurrency: a worker that is no other thread: tasks run here, between the caller's own `await`s. */
import { CancelledError } from '../../model/errors.ts';
import { runTask } from './run-task.ts';
import type { PoolWorker } from './worker.ts';

export class LocalWorker implements PoolWorker {
  readonly #module: string;
  /** Rejects what runs when the worker ends: the task's own code cannot be stopped from here, only not waited for. */
  #giveUp: ((reason: Error) => void) | undefined;
  #isAlive = true;

  constructor(module: URL) {
    this.#module = module.href;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  async run(task: string, args: readonly unknown[]): Promise<unknown> {
    const { promise: given, reject } = Promise.withResolvers<never>();
    this.#giveUp = reject;
    return await Promise.race([runTask(this.#module, { task, args }), given]);
  }

  end(): Promise<void> {
    this.#isAlive = false;
    this.#giveUp?.(new CancelledError('the pool was destroyed while the task ran'));
    return Promise.resolve();
  }
}
