/**
 * Pages that wait for a parser thread, in two lines: small ones, and large ones, which may take a hundred times as long.
 *
 * The small ones go first; a large one when none of them has come for a moment and a thread has nothing else to do, when too much
 * waits, or after `PATIENCE_MS`. A few pages of megabytes would else hold up thousands that take a fraction of a millisecond each: all
 * that may be in flight has come long before such a page is through, and the fetchers stand still. A large page travels alone.
 *
 * Invariant: what goes in comes out once; within each line in the order in which it came.
 */
import { Deque } from '../concurrency/deque.ts';
import type { FetchedPage } from '../model/page.ts';
import { announcedSize } from './announced-size.ts';

const BATCH_PAGES = 16;
const BATCH_BYTES = 256 * 1024;
/** Bytes on the wire from which on a page is a large one. */
const LARGE_PAGE = BATCH_BYTES;
/** Decoded bytes that make a large one of a page, too, where its coding announces them: a bomb is small on the wire. */
const LARGE_DECODED = 2 * 1024 * 1024;
/** The longest a large page gives way to small ones. */
const PATIENCE_MS = 3_000;
/** Small pages that come closer together than this are a stream, which a large one lets pass. */
const LULL_MS = 50;
/** Bytes of large pages from which on one goes as soon as a thread is idle: they are taken from the bytes that may be in flight. */
const MOST_WAITING = 16 * 1024 * 1024;

interface Large {
  readonly page: FetchedPage;
  readonly since: number;
}

export class PageLine {
  readonly #small = new Deque<FetchedPage>();
  readonly #large = new Deque<Large>();
  #smallBytes = 0;
  #largeBytes = 0;
  #lastSmallAt = -Infinity;

  get length(): number {
    return this.#small.length + this.#large.length;
  }

  /** Those that are not large. */
  get smallPages(): number {
    return this.#small.length;
  }

  /** Whether waiting for more would not make the next batch better. */
  get hasBatch(): boolean {
    return (
      this.#small.length >= BATCH_PAGES ||
      this.#smallBytes >= BATCH_BYTES ||
      (this.#large.length > 0 && this.#small.length === 0)
    );
  }

  push(page: FetchedPage, now: number): void {
    if (isLarge(page)) {
      this.#large.push({ page, since: now });
      this.#largeBytes += page.body.length;
    } else {
      this.#lastSmallAt = now;
      this.#small.push(page);
      this.#smallBytes += page.body.length;
    }
  }

  /** The pages to be sent next to a thread that is idle or not; empty if there are none for it. */
  takeBatch(now: number, isIdle: boolean): FetchedPage[] {
    const oldest = this.#large.peek();
    if (oldest !== undefined && (now - oldest.since >= PATIENCE_MS || (isIdle && this.#letsLargePass(now)))) {
      this.#large.shift();
      this.#largeBytes -= oldest.page.body.length;
      return [oldest.page];
    }
    const batch: FetchedPage[] = [];
    let bytes = 0;
    while (batch.length < BATCH_PAGES && bytes < BATCH_BYTES) {
      const page = this.#small.shift();
      if (page === undefined) break;
      bytes += page.body.length;
      batch.push(page);
    }
    this.#smallBytes -= bytes;
    return batch;
  }

  #letsLargePass(now: number): boolean {
    return this.#small.length === 0 && (now - this.#lastSmallAt >= LULL_MS || this.#largeBytes >= MOST_WAITING);
  }

  holds(urlId: number): boolean {
    return (
      this.#small.some(({ attempt }) => attempt.urlId === urlId) ||
      this.#large.some(({ page }) => page.attempt.urlId === urlId)
    );
  }
}

function isLarge({ body, contentEncoding }: FetchedPage): boolean {
  return body.length >= LARGE_PAGE || announcedSize(body, contentEncoding) >= LARGE_DECODED;
}
