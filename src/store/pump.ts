/**
 * The store thread's turn-taking. Message handlers only push to arrays; one pump serves what has gathered, in this order:
 *
 *     1. claims and other short calls   a claim that waits leaves fetchers idle
 *     2. results                        gathered into transactions
 *     3. import                         one transaction, then claims and results get another look
 *
 * Results are committed when 500 rows or 8 MB have gathered, 250 ms after the first, or earlier where waiting gains nothing:
 * 64 rows are there and no message is waiting, or every leased URL has reported. The last two matter because posters stop
 * at their window of credits, which may be smaller than 500: a batch that waited for them would stall the pipeline.
 */
import type { PageResult } from '../model/page.ts';
import type * as ports from '../model/ports.ts';
import type { CrawlError } from '../model/errors.ts';
import { type PackedRequest, releaseLines, unpackLines } from './packed-lines.ts';
import type { StoreCall } from './protocol.ts';
import type { SqliteStore } from './sqlite-store.ts';

const BATCH_ROWS = 500;
const BATCH_BYTES = 8_000_000;
const BATCH_AGE_MS = 250;
/** From this many rows on, the pages that every transaction writes again cost under a tenth of it (store.bench.ts). */
const IDLE_ROWS = 64;
/**
 * Lines of a list in one transaction, and a batch at least: the more, the fewer times a page is written. A claim may have to wait
 * for them, about 60 ms while no results come, and 15 ms while they do. The first transactions are small and twice as large each
 * time: as long as nothing has been claimed, the fetchers stand still, and all code here is cold.
 */
const FIRST_IMPORT_LINES = 64;
const IMPORT_LINES = 8_000;
const IMPORT_LINES_BESIDE_RESULTS = 2_000;

export interface PumpOutput {
  reply(id: number, value: unknown): void;
  fail(id: number, error: unknown): void;
  ack(ack: ports.CommitAck): void;
  /** A transaction failed: the store accepts nothing more. Called once. */
  failure(error: unknown): void;
}

interface Waiting {
  readonly id: number;
  readonly call: StoreCall;
}

type EnqueueCall = Extract<StoreCall, { method: 'enqueue' }>;
type CloseCall = Extract<StoreCall, { method: 'close' }>;
type ShortCall = Exclude<StoreCall, { method: 'enqueue' | 'commit' | 'close' }>;

export class Pump {
  readonly #store: SqliteStore;
  readonly #output: PumpOutput;
  #calls: { id: number; call: ShortCall }[] = [];
  #imports: { id: number; request: PackedRequest }[] = [];
  #closing: { id: number; call: CloseCall } | null = null;
  #results: PageResult[] = [];
  #resultBytes = 0;
  /** Calls of `commit`, each to be answered once the results up to its `end` (counted from the start) are on disk. */
  #commits: { id: number; end: number }[] = [];
  #accepted = 0;
  /** At the last import. */
  #acceptedBefore = 0;
  #importLines = FIRST_IMPORT_LINES;
  #committed = 0;
  #firstResultAt = 0;
  #failure: unknown = null;
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(store: SqliteStore, output: PumpOutput) {
    this.#store = store;
    this.#output = output;
  }

  accept({ id, call }: Waiting): void {
    switch (call.method) {
      case 'enqueue':
        this.#imports.push({ id, request: (call satisfies EnqueueCall).request });
        break;
      case 'commit':
        this.#push(call.results);
        this.#commits.push({ id, end: this.#accepted });
        break;
      case 'close':
        this.#closing = { id, call };
        break;
      default:
        this.#calls.push({ id, call });
    }
    this.#schedule();
  }

  /** Results of a parser thread: nobody waits for an answer but the ack. */
  acceptResults(results: readonly PageResult[]): void {
    this.#push(results);
    this.#schedule();
  }

  #push(results: readonly PageResult[]): void {
    if (this.#results.length === 0) this.#firstResultAt = performance.now();
    for (const result of results) {
      this.#results.push(result);
      this.#resultBytes += (result.body?.bytes?.byteLength ?? 0) + (result.page?.text?.length ?? 0);
    }
    this.#accepted += results.length;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the messages that are there already: a turn sees all of them.
    setImmediate(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    this.#scheduled = false;
    const calls = this.#calls;
    this.#calls = [];
    for (const { id, call } of calls) await this.#answer(id, () => this.#serve(call));
    if (this.#isDue()) this.#commitBatch();
    else if (this.#imports.length > 0) this.#importBatches();
    if (this.#calls.length > 0 || this.#imports.length > 0 || this.#isDue()) {
      this.#schedule();
    } else if (this.#closing !== null && this.#results.length === 0) {
      const { id, call } = this.#closing;
      this.#closing = null;
      await this.#answer(id, () => this.#store.close(call.state, call.reason));
    } else {
      this.#setTimer();
    }
  }

  /** Whether waiting longer would not make the batch better. */
  #isDue(): boolean {
    const rows = this.#results.length;
    if (rows === 0) return false;
    return (
      rows >= IDLE_ROWS ||
      this.#resultBytes >= BATCH_BYTES ||
      this.#closing !== null ||
      this.#failure !== null ||
      rows >= this.#store.leasedCount ||
      performance.now() - this.#firstResultAt >= BATCH_AGE_MS
    );
  }

  #setTimer(): void {
    if (this.#timer !== null || this.#results.length === 0) return;
    const wait = Math.max(0, this.#firstResultAt + BATCH_AGE_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#schedule();
    }, wait);
  }

  #commitBatch(): void {
    const batch = this.#takeBatch();
    try {
      if (this.#failure !== null) throw this.#failure;
      this.#output.ack(this.#store.commitBatch(batch));
      this.#committed += batch.length;
      while ((this.#commits[0]?.end ?? Infinity) <= this.#committed)
        this.#output.reply(this.#commits.shift()?.id ?? 0, null);
    } catch (error) {
      this.#fail(error);
      this.#results = [];
      this.#resultBytes = 0;
      for (const { id } of this.#commits.splice(0)) this.#output.fail(id, error);
    }
  }

  /** The results of one transaction: at most 500 rows and about 8 MB. */
  #takeBatch(): PageResult[] {
    let bytes = 0;
    let rows = 0;
    for (const result of this.#results) {
      if (rows === BATCH_ROWS || bytes >= BATCH_BYTES) break;
      bytes += (result.body?.bytes?.byteLength ?? 0) + (result.page?.text?.length ?? 0);
      rows++;
    }
    const batch = this.#results.slice(0, rows);
    this.#results = this.#results.slice(rows);
    this.#resultBytes = Math.max(0, this.#resultBytes - bytes);
    if (this.#results.length > 0) this.#firstResultAt = performance.now();
    return batch;
  }

  #importBatches(): void {
    const isIdle = this.#accepted === this.#acceptedBefore;
    this.#acceptedBefore = this.#accepted;
    const batches = this.#takeImports(isIdle ? this.#importLines : IMPORT_LINES_BESIDE_RESULTS);
    this.#importLines = Math.min(2 * this.#importLines, IMPORT_LINES);
    try {
      const receipts = this.#store.importBatches(
        batches.map(({ request }) => ({ ...request, lines: unpackLines(request.lines) })),
      );
      batches.forEach(({ id }, i) => this.#output.reply(id, receipts[i]));
    } catch (error) {
      this.#fail(error);
      for (const { id } of batches) this.#output.fail(id, error);
    } finally {
      for (const { request } of batches) releaseLines(request.lines);
    }
  }

  /** The next batches of no more than `mostLines` in all; one at least. */
  #takeImports(mostLines: number): { id: number; request: PackedRequest }[] {
    let lines = 0;
    let count = 0;
    for (const { request } of this.#imports) {
      lines += request.lines.count;
      if (count > 0 && lines > mostLines) break;
      count++;
    }
    return this.#imports.splice(0, count);
  }

  #serve(call: ShortCall): Promise<unknown> {
    switch (call.method) {
      case 'claim':
        return this.#store.claim(call.request);
      case 'progress':
        return this.#store.progress();
      case 'nextDue':
        return this.#store.nextDue();
      case 'openSource':
        return this.#store.openSource(call.identity, call.keepColumns);
      case 'requeue':
        return this.#store.requeue(call.filter);
      case 'skip':
        return this.#store.skip(call.urlIds, call.reason);
      case 'isListed':
        return this.#store.isListed(call.host, call.port);
      case 'loadOrigins':
        return this.#store.loadOrigins(call.origins);
      case 'saveOrigins':
        return this.#store.saveOrigins(call.records);
      case 'readBody':
        return this.#store.readBody(call.urlId);
      default:
        return this.#store.recordStages(call.samples);
    }
  }

  async #answer(id: number, serve: () => Promise<unknown>): Promise<void> {
    try {
      this.#output.reply(id, await serve());
    } catch (error) {
      if (!isCallersMistake(error)) this.#fail(error);
      this.#output.fail(id, error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#output.failure(error);
  }
}

function isCallersMistake(error: unknown): boolean {
  const { code } = error as Partial<CrawlError>;
  return code === 'ERR_USAGE' || code === 'ERR_CONFIG';
}
