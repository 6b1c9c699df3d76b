/** Concurrency: what runs in a thread of a task pool. In: a task's name and arguments. Out: its answer. One at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveTask } from './run-task.ts';
import type { TaskMessage } from './worker.ts';

parentPort?.on('message', (message: TaskMessage) => {
  void serveTask(workerData as string, message, (answer) => parentPort?.postMessage(answer));
});
