/** Concurrency: what runs in a process of a task pool. Ends with its parent: a lost connection leaves it nothing to do. */
import { serveTask } from './run-task.ts';
import type { TaskMessage } from './worker.ts';

const module = process.argv[2] ?? '';

process.on('message', (message) => {
  void serveTask(module, message as TaskMessage, (answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; the parent decides what becomes of its workers.
process.on('SIGINT', () => undefined);
