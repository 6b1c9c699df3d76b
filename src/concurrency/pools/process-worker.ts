/** Concurrency: a worker in a process of its own: memory that nobody shares, and a crash that harms nobody else. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RemoteWorker } from './remote-worker.ts';
import type { TaskAnswer } from './worker.ts';

const ENTRY = fileURLToPath(new URL(`./process-entry${extname(import.meta.filename)}`, import.meta.url));

/** Starts a process that runs exports of `module`. */
export function processWorker(module: URL): RemoteWorker {
  return new RemoteWorker(({ answered, died }) => {
    // `advanced` clones Map, Set, BigInt and typed arrays; the default would make JSON of them.
    const child = fork(ENTRY, [module.href], { serialization: 'advanced', execArgv: [] });
    child.on('message', (answer) => answered(answer as TaskAnswer));
    child.on('error', (error) => died(error.message));
    child.on('exit', (code, signal) => died(signal ?? `exit code ${String(code)}`));
    return {
      send: (message) => child.send(message),
      keepAlive: (isWanted) => {
        if (isWanted) child.ref();
        else child.unref();
        if (isWanted) child.channel?.ref();
        else child.channel?.unref();
      },
      end: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.ref();
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
    };
  });
}
