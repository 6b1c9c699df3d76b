/**
 * Entry of a parser thread.
 *
 * In: the start, then batches of `FetchedPage`s from the main thread, whose bodies it owns from then on. Out: `PageResult`s straight
 * to the store's port; to the main thread only the word that counters have moved. Works through batches in order, one page at a
 * time, and never waits for anybody: the window of the main thread bounds what can be under way.
 * An exception that gets out of here is a defect and ends the thread; the pool starts another.
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { type PackedFetched, unpackFetched } from '../model/packed-pages.ts';
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

/** The thread at work. */
class ParserWork {
  readonly #main: MessagePort;
  readonly #parser: PageParser;
  readonly #progress: ThreadProgress;
  readonly #results: MessagePort;
  readonly #outbox: Outbox;

  constructor(main: MessagePort, { results, progress }: ThreadStart, parser: PageParser) {
    this.#main = main;
    this.#parser = parser;
    this.#progress = new ThreadProgress(progress);
    this.#results = results;
    this.#outbox = new Outbox(results, this.#progress, () => this.#tell({ type: 'posted' }));
    this.#tell({ type: 'ready' });
  }

  parse(pages: readonly PackedFetched[]): void {
    for (const packed of pages) {
      const page = unpackFetched(packed);
      if (page.body.length >= LARGE_PAGE) this.#outbox.flush();
      this.#progress.start();
      const result = this.#parser.parse(page);
      this.#progress.finish();
      this.#outbox.add(result);
    }
    this.#outbox.flush();
  }

  close(): void {
    this.#results.close();
    this.#main.close();
  }

  #tell(message: FromThread): void {
    this.#main.postMessage(message);
  }
}

/** Serves the port. What comes while the parser is being made (users' rules load a library) waits for it, in order. */
function serve(main: MessagePort): void {
  let making: Promise<ParserWork> | null = null;
  main.on('message', (message: ToThread) => {
    if (message.type === 'start') {
      making = PageParser.create(message.options).then((parser) => new ParserWork(main, message, parser));
      return;
    }
    if (making === null) throw new Error('the parser thread was given pages before it was told what to do');
    void making.then((work) => (message.type === 'close' ? work.close() : work.parse(message.pages)));
  });
}

Buffer.poolSize = BUFFER_POOL;
if (parentPort === null) throw new Error('parse/worker.ts runs as a worker thread only');
serve(parentPort);
