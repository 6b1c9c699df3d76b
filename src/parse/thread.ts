/** A parser's thread, which may be started before it is known what it is to look for in pages. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WarmWorker } from '../concurrency/threads/warm-worker.ts';

/**
 * Young generation, MiB: bodies and texts live outside of the heap, what is left dies with its page. With 16 or 48 a run takes no
 * less CPU, but more memory; and V8 starts a full collection when the old generation comes within one young one of its limit.
 */
const YOUNG_GENERATION_MB = 6;
const OLD_GENERATION_MB = 256;

/** The sources run as they are, the package from `dist/`: the worker is the file of the same kind beside this one. */
const EXTENSION = extname(import.meta.filename);
const ENTRY = new URL(`./worker${EXTENSION}`, import.meta.url);

/** What another thread loads to have a parser as its guest. */
export const GUEST_MODULE: string = new URL(`./serve${EXTENSION}`, import.meta.url).href;

export const parserThread: WarmWorker = new WarmWorker(() => startParserThread(OLD_GENERATION_MB));

/** A thread with a limit of its own for what its heap may hold, MiB. */
export function startParserThread(memoryMb: number): Worker {
  return new Worker(ENTRY, {
    name: 'parser',
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}
