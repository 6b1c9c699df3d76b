/**
 * Entry of a parser thread.
 *
 * In: batches of `FetchedPage`s from the main thread, whose bodies it owns from then on. Out: `PageResult`s straight to the
 * store's port; to the main thread only the word that counters have moved. Works through batches in order, one page at a
 * time, and never waits for anybody: the window of the main thread bounds what can be under way.
 * An exception that gets out of here is a defect and ends the thread; the pool starts another.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { unpackFetched } from '../model/packed-pages.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';
import { Outbox } from './outbox.ts';
import { PageParser } from './parse-page.ts';
import { ThreadProgress } from './progress.ts';

/** Wire bytes from which on a page may take its time. */
const LARGE_PAGE = 256 * 1024;

/**
 * Bytes. Buffers below half of this share memory, which nobody can give back piece by piece (`release`). Node's own pool is of
 * 64 KB, and most pages fit into half of that: they piled up, and every 600 of them brought on a full collection (10,000 pages of
 * 16 kB: 16 collections became 4, and 6 % of the CPU went with them).
 */
const BUFFER_POOL = 8 * 1024;

Buffer.poolSize = BUFFER_POOL;

const main = parentPort;
if (main === null) throw new Error('parse/worker.ts runs as a worker thread only');

const { options, results, progress: progressMemory } = workerData as ThreadStart;
const progress = new ThreadProgress(progressMemory);
const tell = (message: FromThread): void => main.postMessage(message);
const outbox = new Outbox(results, progress, () => tell({ type: 'posted' }));

// Messages that come in during this wait stay in the port until someone listens.
const parser = await PageParser.create(options);

main.on('message', (message: ToThread) => {
  if (message.type === 'close') {
    results.close();
    main.close();
    return;
  }
  for (const packed of message.pages) {
    const page = unpackFetched(packed);
    if (page.body.length >= LARGE_PAGE) outbox.flush();
    progress.start();
    const result = parser.parse(page);
    progress.finish();
    outbox.add(result);
  }
  outbox.flush();
});
tell({ type: 'ready' });
