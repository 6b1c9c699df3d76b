/**
 * The parse stage as the engine sees it: pages in, nothing back; results go from the threads straight to the store.
 *
 * In: `FetchedPage`s, one by one, never refused and never waited for: the engine's window (one item credit and the body's
 * bytes per page, from the start of the fetch to the store's commit) bounds what can be in here. Out: results in the store's
 * port, and `onLost` for pages that went down with a thread.
 * Invariant: each page submitted leaves exactly once, as a result or as lost. Never both: `progress.ts` has the gate.
 *
 * Pages travel in batches of about 16 or 256 KB (`page-line.ts`), because a message costs as much as a tenth of a page; a lone page waits
 * a few milliseconds for company (`GATHER_MS`). A thread holds at most two batches: one in work, one to go on with. The rest waits here,
 * where it can still go to whichever thread is free first, and is not lost when a thread dies.
 *
 * Owns its threads. It starts with `threads` and takes one more, up to `mostThreads`, when small pages have piled up for a while.
 * A thread that dies is replaced; one that hangs on a page is ended by the watchdog. Whoever made the pool ends it, by `close`
 * (what was submitted is worked off) or `destroy`.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Clock, Timer } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import type { FetchedPage } from '../model/page.ts';
import type { ParserOptions } from './options.ts';
import { PageLine } from './page-line.ts';
import { Guest, OwnThread, type ParserHost } from './parser-host.ts';
import { ParserThread, WATCH_MS } from './parser-thread.ts';
import type { LostPage } from './parser-thread.ts';
import { parserThread, startParserThread } from './thread.ts';

export type { ParserOptions } from './options.ts';
export type { LostPage } from './parser-thread.ts';

export interface ParserPoolOptions {
  /** At the start; at least 1. */
  readonly threads: number;
  /** Default: `threads`. More threads than cores cost more than they bring. */
  readonly mostThreads?: number | undefined;
  readonly options: ParserOptions;
  readonly clock: Clock;
  /** A fresh port whose other end is in the store thread; each thread, replacements too, gets its own. */
  readonly resultPort: () => MessagePort;
  /**
   * Lets the first parser be a guest of the store's thread instead of having one of its own: a fresh port to there. For pages of which
   * no HTML is read: nobody watches over a guest. Default: none.
   */
  readonly guestPort?: (() => MessagePort) | undefined;
  /** Pages whose results will never come. The culprit should be fetched once more with `parse: 'none'`. */
  readonly onLost: (pages: LostPage[]) => void;
  /** The pool cannot go on: threads do not start, or die one after the other without a page to blame. */
  readonly onError: (error: Error) => void;
  /** Items of the engine's window, to be shown in the gauge. Default 0: not known. */
  readonly capacity?: number | undefined;
}

const MOST_BATCHES = 2;

/**
 * How long a page waits for others of its batch, ms. Each message wakes a parser thread, whose results wake the store's, whose
 * count wakes this one: at 1,400 pages a second from slow hosts one by one, that was a sixth of the main thread's time. A
 * fast server fills a batch sooner.
 */
const GATHER_MS = 10;

export const PAGE_TIMEOUT_MS = 5000;

/**
 * Small pages that wait while every thread has all it may hold, and for how long, before one more thread is started: it takes a
 * tenth of a second of processor time and 30 MB, so a moment in which cold code falls behind is not worth it.
 */
const BACKLOG_PAGES = 64;
const BACKLOG_MS = 100;

/** Deaths in a row without a page to blame that mean the environment is broken. */
const MOST_DEATHS = 5;

export class ParserPool {
  readonly #setup: ParserPoolOptions;
  readonly #timeoutMs: number;
  readonly #mostThreads: number;
  readonly #threads = new Set<ParserThread>();
  readonly #idleSince = new Map<ParserThread, number>();
  /** Submitted, not sent. */
  readonly #line = new PageLine();
  /** Since when the backlog is there. */
  #behindSince: number | null = null;
  #flush: Timer | null = null;
  #watch: Timer | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #onDrained: (() => void) | null = null;
  #queued = 0;
  #highWater = 0;
  #passed = 0;
  #starved = 0;
  #starvedMs = 0;
  #deathsInRow = 0;

  constructor(setup: ParserPoolOptions) {
    if (!Number.isInteger(setup.threads) || setup.threads < 1) {
      throw new CrawlError('ERR_INTERNAL', `parser threads must be an integer ≥ 1, got ${setup.threads}`);
    }
    this.#setup = setup;
    this.#timeoutMs = setup.options.pageTimeoutMs ?? PAGE_TIMEOUT_MS;
    this.#mostThreads = setup.mostThreads ?? setup.threads;
    const { guestPort } = setup;
    if (guestPort !== undefined) this.#add(new Guest(guestPort()), null);
    while (this.#threads.size < setup.threads) this.#spawn();
  }

  /** Resolves when every thread has loaded. A thread that cannot is reported by `onError`. */
  async ready(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.ready));
  }

  /** Pages submitted whose results are not in the store's port yet. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Takes a page; its body's memory belongs to the pool from now on. Never blocks.
   * @throws {CrawlError} `ERR_CLOSED` after `close` or `destroy`.
   */
  submit(page: FetchedPage): void {
    if (this.#state !== 'open') throw new CrawlError('ERR_CLOSED', 'a page was submitted to a closed parser pool');
    this.#line.push(page, this.#setup.clock.now());
    this.#queued++;
    this.#highWater = Math.max(this.#highWater, this.#queued);
    if (this.#line.hasBatch) this.#dispatch();
    else this.#flush ??= this.#setup.clock.after(GATHER_MS, () => this.#dispatch());
  }

  /** Whether a page is here: its result is not in the store's port yet. Looks through all pages held. */
  holds(urlId: number): boolean {
    for (const thread of this.#threads) if (thread.holds(urlId)) return true;
    return this.#line.holds(urlId);
  }

  /** `producerWaits` stay 0: `submit` never waits. A consumer wait is a thread that had run out of pages. */
  gauge(): Gauge {
    const now = this.#setup.clock.now();
    let starvedMs = this.#starvedMs;
    for (const since of this.#idleSince.values()) starvedMs += now - since;
    return {
      capacity: this.#setup.capacity ?? 0,
      length: this.#queued,
      highWater: this.#highWater,
      passed: this.#passed,
      producerWaits: 0,
      producerWaitMs: 0,
      consumerWaits: this.#starved,
      consumerWaitMs: Math.round(starvedMs),
    };
  }

  /** How busy the threads were since the last call, 0…1 on average. Near 1, parsing is what bounds the crawl. */
  utilization(): number {
    let sum = 0;
    for (const thread of this.#threads) sum += thread.utilization();
    return this.#threads.size === 0 ? 0 : sum / this.#threads.size;
  }

  /** Lets every submitted page reach the store's port (or be reported lost), then ends the threads. */
  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#dispatch();
    if (this.#queued > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve));
    this.#shut();
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }

  /** Ends the threads now; what they held is dropped without a word. */
  async destroy(): Promise<void> {
    this.#shut();
    this.#onDrained?.();
    await Promise.all([...this.#threads].map((thread) => thread.destroy()));
  }

  #shut(): void {
    this.#state = 'closed';
    this.#watch?.cancel();
    this.#watch = null;
    this.#flush?.cancel();
    this.#flush = null;
  }

  #spawn(): void {
    const { options, resultPort } = this.#setup;
    const { memoryMb } = options;
    const worker = memoryMb === undefined ? parserThread.take() : startParserThread(memoryMb);
    this.#add(new OwnThread(worker), resultPort());
  }

  #add(host: ParserHost, results: MessagePort | null): void {
    const { options, clock } = this.#setup;
    const thread = new ParserThread(host, options, results, {
      onProgress: (thread, count) => this.#onProgress(thread, count),
      onEnd: (thread, lost, error) => this.#onEnd(thread, lost, error),
    });
    this.#threads.add(thread);
    this.#idleSince.set(thread, clock.now());
  }

  #dispatch(): void {
    this.#flush?.cancel();
    this.#flush = null;
    const now = this.#setup.clock.now();
    for (let thread = this.#freest(); thread !== null; thread = this.#freest()) {
      const batch = this.#line.takeBatch(now, thread.isIdle);
      if (batch.length === 0) {
        this.#behindSince = null;
        // Large pages that let small ones pass: nobody else comes back to them when none follow.
        if (this.#line.length > 0) this.#flush ??= this.#setup.clock.after(GATHER_MS, () => this.#dispatch());
        return;
      }
      this.#send(thread, batch, now);
    }
    this.#grow(now);
  }

  /** One more thread, if those there are have been behind for a while. To be called when each has all it may hold. */
  #grow(now: number): void {
    if (this.#line.smallPages < BACKLOG_PAGES || this.#threads.size >= this.#mostThreads) {
      this.#behindSince = null;
      return;
    }
    this.#behindSince ??= now;
    if (now - this.#behindSince < BACKLOG_MS) return;
    this.#behindSince = null;
    this.#spawn();
  }

  #freest(): ParserThread | null {
    let best: ParserThread | null = null;
    for (const thread of this.#threads) {
      if (thread.isEnding || thread.batches >= MOST_BATCHES) continue;
      if (best === null || thread.bytes < best.bytes) best = thread;
    }
    return best;
  }

  #send(thread: ParserThread, batch: readonly FetchedPage[], now: number): void {
    const idleSince = this.#idleSince.get(thread);
    if (idleSince !== undefined) {
      this.#idleSince.delete(thread);
      this.#starved++;
      this.#starvedMs += now - idleSince;
    }
    thread.send(batch, now);
    this.#watch ??= this.#setup.clock.after(this.#watchMs(), () => this.#look());
  }

  #watchMs(): number {
    return Math.min(WATCH_MS, Math.max(10, this.#timeoutMs / 4));
  }

  /** Armed only while a thread has work: an idle pool keeps no timer. */
  #look(): void {
    this.#watch = null;
    const now = this.#setup.clock.now();
    let isWorking = false;
    for (const thread of this.#threads) {
      thread.settle();
      if (thread.isIdle) continue;
      isWorking = true;
      thread.judge(now, this.#timeoutMs);
    }
    if (isWorking && this.#state !== 'closed') {
      this.#watch ??= this.#setup.clock.after(this.#watchMs(), () => this.#look());
    }
  }

  #onProgress(thread: ParserThread, count: number): void {
    this.#deathsInRow = 0;
    this.#passed += count;
    this.#queued -= count;
    this.#dispatch();
    if (thread.isIdle) this.#idleSince.set(thread, this.#setup.clock.now());
    this.#checkDrained();
  }

  #onEnd(thread: ParserThread, lost: readonly LostPage[], error: Error | null): void {
    this.#threads.delete(thread);
    this.#idleSince.delete(thread);
    if (this.#state === 'closed') return;
    this.#queued -= lost.length;
    // A page to blame is progress: it will not come back to be parsed. Deaths without one might go on for ever.
    const isPageToBlame = lost.some((page) => page.culprit !== null);
    this.#deathsInRow = isPageToBlame ? 0 : this.#deathsInRow + 1;
    const neverWorked = !isPageToBlame && this.#passed === 0 && error !== null;
    if (this.#deathsInRow >= MOST_DEATHS || neverWorked) {
      this.#setup.onError(error ?? new CrawlError('ERR_INTERNAL', 'parser threads end one after the other'));
    } else {
      this.#spawn();
    }
    if (lost.length > 0) this.#setup.onLost([...lost]);
    this.#dispatch();
    this.#checkDrained();
  }

  #checkDrained(): void {
    if (this.#queued > 0) return;
    this.#onDrained?.();
    this.#onDrained = null;
  }
}
