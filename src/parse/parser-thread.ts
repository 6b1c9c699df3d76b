/**
 * One parser thread as the main thread sees it: what it was sent, how far it is, whether it hangs, what it took with it.
 *
 * In: batches of pages. Out: calls of its owner's hooks. Invariant: each page sent is accounted for exactly once, either by
 * `onProgress` (its result is in the store's port) or by `onEnd` (lost). Owns its worker and the results port; both are gone
 * when `onEnd` has been called. All methods run on the main thread; the only state shared is `ThreadProgress`.
 */
import { isMarkedAsUntransferable } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { ErrorClass } from '../model/error-codes.ts';
import type { FetchedPage } from '../model/page.ts';
import { packFetched } from '../model/packed-pages.ts';
import type { ToThread } from './messages.ts';
import type { ParserOptions } from './options.ts';
import type { ParserHost } from './parser-host.ts';
import { ThreadProgress } from './progress.ts';

/** How often the watchdog looks, ms: by this much a verdict may be late. */
export const WATCH_MS = 250;

/** A page that went down with its thread. */
export interface LostPage {
  readonly urlId: number;
  /** `parse-timeout`, `parse-memory` or `worker-crash` for the page that ended the thread; `null` for the innocent rest. */
  readonly culprit: ErrorClass | null;
}

interface ThreadHooks {
  /** Results of `count` pages are in the store's port. */
  readonly onProgress: (thread: ParserThread, count: number) => void;
  /** The thread is gone; `error` is what it died of, `null` if it was ended from here. */
  readonly onEnd: (thread: ParserThread, lost: readonly LostPage[], error: Error | null) => void;
}

export class ParserThread {
  readonly #host: ParserHost;
  readonly #progress = new ThreadProgress();
  readonly #hooks: ThreadHooks;
  /** Sent and not known to be posted, in order of sending. */
  #sent: { readonly urlId: number; readonly bytes: number }[] = [];
  #bytes = 0;
  /** Counter values as last seen by this side. */
  #posted = 0;
  #started = 0;
  /** The last look, and the time from look to look that the page in work has had. */
  #lookedAt = 0;
  #seenMs = 0;
  /** Sizes of the batches that are not wholly posted, oldest first. */
  readonly #batches: number[] = [];
  #timedOut: number | null = null;
  #error: Error | null = null;
  readonly #exited: Promise<void>;
  readonly #ready: Promise<void>;

  /** @param results Where its results go; `null` for a guest, who hands them over where it is. */
  constructor(host: ParserHost, options: ParserOptions, results: MessagePort | null, hooks: ThreadHooks) {
    this.#hooks = hooks;
    this.#host = host;
    const ready = Promise.withResolvers<void>();
    const exited = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    this.#exited = exited.promise;
    host.listen({
      onMessage: ({ type }) => {
        if (type === 'ready') ready.resolve();
        else this.settle();
      },
      onError: (error) => {
        this.#error ??= error instanceof Error ? error : new Error(String(error));
      },
      onExit: () => {
        ready.resolve();
        this.#end();
        exited.resolve();
      },
    });
    const start: ToThread = { type: 'start', options, results, progress: this.#progress.buffer };
    host.post(start, results === null ? [] : [results]);
  }

  /** Resolves when the thread takes pages, or has ended instead. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Body bytes sent and not yet posted. */
  get bytes(): number {
    return this.#bytes;
  }

  get isIdle(): boolean {
    return this.#sent.length === 0;
  }

  /** Condemned or dying: what is sent to it now would only be lost. */
  get isEnding(): boolean {
    return this.#timedOut !== null || this.#error !== null;
  }

  /** Batches sent and not wholly posted. */
  get batches(): number {
    return this.#batches.length;
  }

  holds(urlId: number): boolean {
    return this.#sent.some((page) => page.urlId === urlId);
  }

  /** Hands pages over, bodies by transfer: their senders' views become empty. */
  send(pages: readonly FetchedPage[], now: number): void {
    if (this.isIdle) {
      this.#lookedAt = now;
      this.#seenMs = 0;
    }
    const transfer = new Set<ArrayBuffer>();
    const safe = pages.map((page) => (isMarkedAsUntransferable(page.body.buffer) ? withOwnBody(page) : page));
    for (const { attempt, body } of safe) {
      this.#sent.push({ urlId: attempt.urlId, bytes: body.length });
      this.#bytes += body.length;
      transfer.add(body.buffer);
    }
    this.#batches.push(pages.length);
    this.#host.post({ type: 'pages', pages: safe.map(packFetched) }, [...transfer]);
  }

  /** Reads off the counters what has been posted since the last time, and reports it. */
  settle(): void {
    const count = (this.#progress.posted - this.#posted) | 0;
    if (count === 0) return;
    this.#posted = (this.#posted + count) | 0;
    for (const { bytes } of this.#sent.splice(0, count)) this.#bytes -= bytes;
    let rest = count;
    while (rest > 0) {
      const first = Math.min(rest, this.#batches[0]!);
      rest -= first;
      if (this.#batches[0] === first) this.#batches.shift();
      else this.#batches[0]! -= first;
    }
    this.#hooks.onProgress(this, count);
  }

  /**
   * The watchdog's look: ends the thread if it has been at one page for `limitMs`. A look that is late counts as one in time: this
   * process was stopped meanwhile, or waited for its processor, and so did the thread.
   */
  judge(now: number, limitMs: number): void {
    if (this.#timedOut !== null || !this.#host.canBeEnded) return;
    const passedMs = Math.min(now - this.#lookedAt, WATCH_MS);
    this.#lookedAt = now;
    const started = this.#progress.started;
    if (started !== this.#started || this.#progress.finished === started) {
      this.#started = started;
      this.#seenMs = 0;
      return;
    }
    this.#seenMs += passedMs;
    if (this.#seenMs < limitMs || !this.#progress.condemn()) return;
    // It may have moved on between the first look and the verdict.
    if (this.#progress.started !== started || this.#progress.finished === started) {
      this.#progress.pardon();
      return;
    }
    this.#timedOut = started;
    this.#host.end();
  }

  /** Share of the time since the last call that the thread was busy, 0…1. */
  utilization(): number {
    return this.#host.utilization();
  }

  /** Ends the thread after what it was sent. Resolves when it is gone. */
  close(): Promise<void> {
    this.#host.post({ type: 'close' }, []);
    return this.#exited;
  }

  /** Ends the thread now. Resolves when it is gone. */
  async destroy(): Promise<void> {
    this.#host.end();
    await this.#exited;
  }

  #end(): void {
    this.settle();
    const culprit = this.#culpritIndex();
    const reason = this.#culpritClass();
    const lost = this.#sent.map(({ urlId }, index) => ({ urlId, culprit: index === culprit ? reason : null }));
    this.#sent = [];
    this.#bytes = 0;
    this.#hooks.onEnd(this, lost, this.#error);
  }

  /** Which of the pages lost ended the thread: the one in work, else the last one finished (its result may not fit). */
  #culpritIndex(): number {
    if (this.#timedOut !== null) return (this.#timedOut - 1 - this.#posted) | 0;
    const { started, finished } = this.#progress;
    // Without an error it was ended from here, or it left by itself (`process.exit`): then in the midst of a page.
    if (this.#error === null && started === finished) return -1;
    return (started - 1 - this.#posted) | 0;
  }

  #culpritClass(): ErrorClass {
    if (this.#timedOut !== null) return 'parse-timeout';
    const code = (this.#error as { code?: unknown } | null)?.code;
    return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'parse-memory' : 'worker-crash';
  }
}

/** A body in memory that Node keeps for itself (its buffer pool) is copied instead of transferred. */
function withOwnBody(page: FetchedPage): FetchedPage {
  return { ...page, body: new Uint8Array(page.body) };
}
