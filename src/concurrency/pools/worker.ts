/** Concurrency: one worker of a task pool: a place where one task at a time runs. The pool owns it and ends it. */

export interface PoolWorker {
  /** False once its thread or process has gone: the pool starts another in its place. */
  readonly isAlive: boolean;
  /** Runs one task; rejects with what it throws, or with the reason the worker died. Never two at a time. */
  run(task: string, args: readonly unknown[]): Promise<unknown>;
  /** Resolves when the thread or process is gone; what still runs rejects. */
  end(): Promise<void>;
}

/** What goes to a worker on another thread or in another process. */
export interface TaskMessage {
  readonly task: string;
  readonly args: readonly unknown[];
}

/** What comes back. */
export type TaskAnswer =
  | { readonly value: unknown }
  | {
      readonly error: {
        readonly name: string;
        readonly message: string;
        readonly code?: string;
        readonly stack?: string;
      };
    };
