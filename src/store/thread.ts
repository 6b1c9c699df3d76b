/** The store's thread, which may be started before it is known which file it is to open. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WarmWorker } from '../concurrency/threads/warm-worker.ts';

/** Young generation, MiB: bodies and texts live outside of the heap, what is left dies with its batch; 48 is no faster. */
const YOUNG_GENERATION_MB = 6;

/** The file's own extension: .ts from the sources, .js from dist/. */
const ENTRY = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);

export const storeThread: WarmWorker = new WarmWorker(
  () => new Worker(ENTRY, { name: 'weir-store', resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } }),
);
