/**
 * The store's thread, which may be started before it is known which file it is to open: Node needs 60 ms to bring a thread up,
 * enough to read the command line and the configuration meanwhile.
 *
 * Invariant: a thread is handed out once. One that waits in vain holds nothing open, neither a file nor the process.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Young generation, MiB: bodies and texts live outside of the heap, what is left dies with its batch; 48 is no faster. */
const YOUNG_GENERATION_MB = 6;

let waiting: Worker | null = null;

/** Has a thread ready for the next `takeStoreThread`. */
export function warmStoreThread(): void {
  waiting ??= startThread();
}

/** The thread that is ready, or a new one. The caller owns it. */
export function takeStoreThread(): Worker {
  const worker = waiting ?? startThread();
  waiting = null;
  worker.ref();
  return worker;
}

function startThread(): Worker {
  // The file's own extension: .ts from the sources, .js from dist/.
  const entry = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(entry, {
    name: 'weir-store',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  worker.unref();
  // Nobody listens yet: who takes the next one hears what is wrong.
  worker.on('error', () => {
    if (waiting === worker) waiting = null;
  });
  return worker;
}
