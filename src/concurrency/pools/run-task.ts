/** Concurrency: runs a task by its name, wherever: the one step that all kinds of workers share. */
import { CrawlError } from '../../model/errors.ts';
import type { TaskAnswer, TaskMessage } from './worker.ts';

/** Calls the export `task` of `module`. @throws {CrawlError} ERR_INTERNAL where it has none. @throws what the task throws. */
export async function runTask(module: string, { task, args }: TaskMessage): Promise<unknown> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const found = exports[task];
  if (typeof found !== 'function') throw new CrawlError('ERR_INTERNAL', `${module} exports no function ${task}`);
  return await (found as (...args: readonly unknown[]) => unknown)(...args);
}

/** As `runTask`, in the form that crosses to the pool: an error is taken apart, since its class does not survive. */
async function answerTask(module: string, message: TaskMessage): Promise<TaskAnswer> {
  try {
    return { value: await runTask(module, message) };
  } catch (error) {
    if (!(error instanceof Error)) return { error: { name: 'Error', message: String(error) } };
    const { name, message: text, stack } = error;
    const code = (error as { code?: unknown }).code;
    return {
      error: {
        name,
        message: text,
        ...(stack === undefined ? {} : { stack }),
        ...(typeof code === 'string' ? { code } : {}),
      },
    };
  }
}

/** Runs the task of a message and sends its answer. A result that cannot be copied is the task's failure, not the worker's. */
export async function serveTask(
  module: string,
  message: TaskMessage,
  send: (answer: TaskAnswer) => unknown,
): Promise<void> {
  const answer = await answerTask(module, message);
  try {
    send(answer);
  } catch (error) {
    send({ error: { name: 'DataCloneError', message: String(error) } });
  }
}

/** The value of an answer. @throws {Error} with the name, message and code that the task's error had. */
export function valueOf(answer: TaskAnswer): unknown {
  if ('value' in answer) return answer.value;
  const { name, message, code, stack } = answer.error;
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  if (code !== undefined) Object.assign(error, { code });
  throw error;
}
