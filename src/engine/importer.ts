/**
 * The producer end of the pipeline: pulls the sources, one after the other, and brings their lines into the frontier beside
 * the crawl. The sources fill the on-disk frontier, not the fetch queue, so that a list sorted by host cannot stall it.
 *
 * In: producers (opened, checked). Out: `store.enqueue` batches with the position after them. A bounded queue stands between
 * reading and storing, and at most `CREDIT` batches are with the store at once: import never crowds out results.
 * Invariant: batches reach the store in the order of their lines, so the committed position is always a prefix of the source.
 */
import { BoundedQueue } from '../concurrency/bounded-queue.ts';
import { Semaphore } from '../concurrency/semaphore.ts';
import type { Gauge } from '../model/gauge.ts';
import type { EnqueueReceipt, EnqueueRequest, Store } from '../model/ports.ts';
import { ConfigError } from '../model/errors.ts';
import type { Producer, SeedBatch } from '../model/seed.ts';
import { sourceName } from '../report/books.ts';
import type { UrlPasswords } from './url-passwords.ts';

/** Lines of one batch. */
const BATCH_LINES = 1000;
/** Lines of the first one; each next one has twice as many. So fetching starts after the first few lines, not after a thousand. */
const FIRST_LINES = 64;
/** Batches read ahead, and batches with the store. */
const READ_AHEAD = 4;
const CREDIT = 8;
/** Rejected lines named in the error of `--strict`. */
const SHOWN_REJECTED = 10;

export class Importer {
  readonly #store: Store;
  readonly #producers: readonly Producer[];
  readonly #onReceipt: (receipt: EnqueueReceipt) => void;
  readonly #passwords: UrlPasswords;
  readonly #space: () => Promise<void>;
  readonly #batches = new BoundedQueue<EnqueueRequest>({ capacity: READ_AHEAD });
  /** The first lines that were not URLs, for `--strict`. */
  readonly #rejected: string[] = [];
  readonly #sourceIds = new Set<number>();
  #source: string | null = null;
  #stopped = false;

  /** `space` is awaited before each batch: while the disk is low the reading of lists pauses too. */
  constructor(
    store: Store,
    producers: readonly Producer[],
    onReceipt: (receipt: EnqueueReceipt) => void,
    passwords: UrlPasswords,
    space: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#space = space;
    this.#store = store;
    this.#producers = producers;
    this.#onReceipt = onReceipt;
    this.#passwords = passwords;
  }

  /** Resolves when every source has been read to its end and committed, or after `stop()`. */
  async run(): Promise<void> {
    const sending = this.#send();
    const reading = this.#read().catch(async (error: unknown) => {
      // A list that breaks off: what was read of it is stored first.
      await sending.catch(() => undefined);
      throw error;
    });
    await Promise.all([reading, sending]);
  }

  /** Reads no further. What has been read is still stored; the next run goes on behind it. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * `--strict`: any line that is not a URL ends the run before it starts, also one that an earlier run read.
   * @throws {ConfigError} with the first of them
   */
  async refuseRejectedLines(): Promise<void> {
    const { sources } = await this.#store.progress();
    const rejected = sources
      .filter(({ sourceId }) => this.#sourceIds.has(sourceId))
      .reduce((sum, book) => sum + book.rejected, 0);
    if (rejected === 0) return;
    const more = rejected - this.#rejected.length;
    const where = 'crawl query "SELECT source, line, url, reason FROM inputs" shows all';
    const problems =
      more > 0
        ? [...this.#rejected, `${more} ${this.#rejected.length > 0 ? 'more' : 'lines are not URLs'}; ${where}`]
        : this.#rejected;
    throw new ConfigError([...problems, 'nothing was fetched: mend these lines, or run without --strict'], 'ERR_INPUT');
  }

  /** The list that is being read; `null` before and after. */
  get source(): string | null {
    return this.#source;
  }

  gauge(): Gauge {
    return this.#batches.gauge();
  }

  #noteRejected(producer: Producer, batch: SeedBatch): void {
    for (const line of batch.lines) {
      if (line.kind !== 'rejected') continue;
      if (this.#rejected.length < SHOWN_REJECTED) {
        this.#rejected.push(
          `${sourceName(producer.identity.name)}:${line.line}: ${line.reason}: ${JSON.stringify(line.raw.slice(0, 100))}`,
        );
      }
    }
  }

  async #read(): Promise<void> {
    try {
      for (const producer of this.#producers) {
        if (this.#stopped) break;
        const source = await this.#store.openSource(producer.identity, producer.keepsColumns);
        this.#sourceIds.add(source.sourceId);
        if (source.complete) continue;
        this.#source = sourceName(producer.identity.name);
        for await (const batch of producer.batches(source.position, BATCH_LINES, FIRST_LINES)) {
          this.#noteRejected(producer, batch);
          await this.#batches.put({ sourceId: source.sourceId, ...batch, ...this.#passwords.take(batch) });
          if (this.#stopped) break;
        }
      }
    } finally {
      this.#source = null;
      this.#batches.close();
    }
  }

  async #send(): Promise<void> {
    const credits = new Semaphore({ capacity: CREDIT });
    let failure: Error | undefined;
    for await (const request of this.#batches) {
      await this.#space();
      const credit = await credits.acquire();
      if (failure !== undefined) break;
      void this.#store
        .enqueue(request)
        .then(this.#onReceipt)
        .catch((error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(String(error));
        })
        .finally(() => credit.release());
    }
    await credits.idle();
    if (failure !== undefined) {
      this.#batches.abort(failure);
      throw failure;
    }
  }
}
