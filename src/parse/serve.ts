/**
 * A parser at work, in a thread of its own (`worker.ts`) or as a guest in another's.
 *
 * In: the start, then batches of `FetchedPage`s from the main thread, whose bodies it owns from then on. Out: `PageResult`s straight
 * to the store; to the main thread only the word that counters have moved. Works through batches in order, one page at a
 * time, and never waits for anybody: the window of the main thread bounds what can be under way.
 */
import type { MessagePort } from 'node:worker_threads';
import { toErrorMessage } from '../model/errors.ts';
import { type PackedFetched, unpackFetched } from '../model/packed-pages.ts';
import type { PageResult } from '../model/page.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';
import { Outbox, postTo } from './outbox.ts';
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

type Deliver = (results: PageResult[]) => void;

class ParserWork {
  readonly #port: MessagePort;
  readonly #results: MessagePort | null;
  readonly #parser: PageParser;
  readonly #progress: ThreadProgress;
  readonly #outbox: Outbox;

  constructor(port: MessagePort, { results, progress }: ThreadStart, parser: PageParser, deliver: Deliver) {
    this.#port = port;
    this.#results = results;
    this.#parser = parser;
    this.#progress = new ThreadProgress(progress);
    this.#outbox = new Outbox(deliver, this.#progress, () => this.#tell({ type: 'posted' }));
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
    this.#results?.close();
    this.#port.close();
  }

  #tell(message: FromThread): void {
    this.#port.postMessage(message);
  }
}

/** Serves a thread's own port. An exception that gets out is a defect and ends the thread; the pool starts another. */
export function serve(port: MessagePort): void {
  void attend(port, ({ results }) => {
    if (results === null) throw new Error('a parser thread needs a port for its results');
    return postTo(results);
  });
}

/**
 * Serves a port within the store's thread, which takes the results in by `deliver`. That thread must not end for a defect of its
 * guest: the guest says what it died of, and leaves.
 */
export function serveAsGuest(port: MessagePort, deliver: Deliver): void {
  attend(port, () => deliver).catch((error: unknown) => {
    port.postMessage({ type: 'defect', error: toErrorMessage(error) } satisfies FromThread);
    port.close();
  });
}

/** Rejects with the first defect; never resolves. What comes while the parser is being made (users' rules load a library) waits, in order. */
function attend(port: MessagePort, deliveryOf: (start: ThreadStart) => Deliver): Promise<never> {
  Buffer.poolSize = BUFFER_POOL;
  return new Promise((_, reject) => {
    let making: Promise<ParserWork> = Promise.reject(
      new Error('a parser was given work before it was told what to do'),
    );
    making.catch(() => undefined); // as long as none is given
    port.on('message', (message: ToThread) => {
      if (message.type === 'start') {
        making = PageParser.create(message.options).then(
          (parser) => new ParserWork(port, message, parser, deliveryOf(message)),
        );
        making.catch(reject);
        return;
      }
      const done = making.then((work) => (message.type === 'pages' ? work.parse(message.pages) : work.close()));
      done.catch(reject);
    });
  });
}
