/** Concurrency: a worker on a thread of its own. Threads share no variables, but they may share memory (`threads/`). */
import { extname } from 'node:path';
import { MessagePort, Worker } from 'node:worker_threads';
import { RemoteWorker } from './remote-worker.ts';
import type { TaskAnswer } from './worker.ts';

const ENTRY = new URL(`./thread-entry${extname(import.meta.filename)}`, import.meta.url);

/** Starts a thread that runs exports of `module`. */
export function threadWorker(module: URL): RemoteWorker {
  return new RemoteWorker(({ answered, died }) => {
    const thread = new Worker(ENTRY, { workerData: module.href });
    thread.on('message', (answer: TaskAnswer) => answered(answer));
    thread.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    thread.on('exit', (code) => died(`exit code ${String(code)}`));
    return {
      // Ports among the arguments move to the thread: they cannot be copied.
      send: (message) =>
        thread.postMessage(
          message,
          message.args.filter((arg) => arg instanceof MessagePort),
        ),
      keepAlive: (isWanted) => (isWanted ? thread.ref() : thread.unref()),
      end: async () => {
        await thread.terminate();
      },
    };
  });
}
