/**
 * Concurrency: a worker behind a connection: a thread or a process. One message out, one answer back, one at a time; should
 * the other side end meanwhile, the task that ran there fails with the reason.
 */
import { CancelledError, CrawlError } from '../../model/errors.ts';
import { valueOf } from './run-task.ts';
import type { PoolWorker, TaskAnswer, TaskMessage } from './worker.ts';

/** A thread or process, as far as the worker needs to know it. */
export interface Remote {
  send(message: TaskMessage): void;
  /** Whether it keeps this process alive: only while a task runs there. */
  keepAlive(isWanted: boolean): void;
  /** Resolves when it is gone. */
  end(): Promise<void>;
}

/** What the remote tells its worker. */
export interface RemoteEvents {
  readonly answered: (answer: TaskAnswer) => void;
  /** It is gone, or as good as. */
  readonly died: (reason: string) => void;
}

export class RemoteWorker implements PoolWorker {
  readonly #remote: Remote;
  #task: PromiseWithResolvers<unknown> | undefined;
  #isAlive = true;
  #isEnding = false;

  constructor(connect: (events: RemoteEvents) => Remote) {
    this.#remote = connect({
      answered: (answer) => this.#answered(answer),
      died: (reason) => this.#died(reason),
    });
    this.#remote.keepAlive(false);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  async run(task: string, args: readonly unknown[]): Promise<unknown> {
    this.#task = Promise.withResolvers();
    this.#remote.keepAlive(true);
    const { promise } = this.#task;
    try {
      this.#remote.send({ task, args });
      return await promise;
    } finally {
      this.#task = undefined;
      if (this.#isAlive) this.#remote.keepAlive(false);
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#remote.end();
    this.#died('ended');
  }

  #answered(answer: TaskAnswer): void {
    try {
      this.#task?.resolve(valueOf(answer));
    } catch (error) {
      this.#task?.reject(error);
    }
  }

  #died(reason: string): void {
    this.#isAlive = false;
    this.#task?.reject(
      this.#isEnding
        ? new CancelledError('the pool was destroyed while the task ran')
        : new CrawlError('ERR_INTERNAL', `the worker died while it ran the task: ${reason}`),
    );
  }
}
