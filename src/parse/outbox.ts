/**
 * Results on their way from a parser to the store: gathered, then delivered at once, to another thread in one message, bodies and
 * texts by transfer.
 *
 * A message costs about as much as a page's digest, so a batch shares one; but not beyond 50 ms or 1 MB, and `serve.ts`
 * flushes before it takes up a large page: what waits here is lost to a re-fetch should that page end the thread.
 */
import type { MessagePort } from 'node:worker_threads';
import type { PageResult } from '../model/page.ts';
import { packResult, type ResultsMessage } from '../model/packed-pages.ts';
import type { ThreadProgress } from './progress.ts';

const MOST_BYTES = 1_000_000;
const LONGEST_WAIT_MS = 50;

export class Outbox {
  readonly #deliver: (results: PageResult[]) => void;
  readonly #progress: ThreadProgress;
  readonly #onPosted: () => void;
  #results: PageResult[] = [];
  #bytes = 0;
  #since = 0;

  /** @param onPosted Called after each delivery. */
  constructor(deliver: (results: PageResult[]) => void, progress: ThreadProgress, onPosted: () => void) {
    this.#deliver = deliver;
    this.#progress = progress;
    this.#onPosted = onPosted;
  }

  add(result: PageResult): void {
    const now = performance.now();
    if (this.#results.length === 0) this.#since = now;
    this.#results.push(result);
    this.#bytes += (result.body?.bytes?.length ?? 0) + (result.page?.text?.length ?? 0);
    if (this.#bytes >= MOST_BYTES || now - this.#since >= LONGEST_WAIT_MS) this.flush();
  }

  flush(): void {
    const results = this.#results;
    if (results.length === 0) return;
    this.#results = [];
    this.#bytes = 0;
    this.#progress.passGate(results.length, () => this.#deliver(results));
    this.#onPosted();
  }
}

/** Delivery to another thread. */
export function postTo(port: MessagePort): (results: PageResult[]) => void {
  return (results) => {
    const message: ResultsMessage = { type: 'results', results: results.map(packResult) };
    port.postMessage(message, buffersOf(results));
  };
}

/** Each buffer once: a list that names one twice is refused. Digests go as text. */
function buffersOf(results: readonly PageResult[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { body, page } of results) {
    const bytes = body?.bytes ?? null;
    const text = page?.text ?? null;
    const links = page?.links ?? null;
    if (bytes !== null) buffers.add(bytes.buffer as ArrayBuffer);
    if (text !== null) buffers.add(text.buffer as ArrayBuffer);
    if (links instanceof Uint8Array) buffers.add(links.buffer as ArrayBuffer);
  }
  return [...buffers];
}
