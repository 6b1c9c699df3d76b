/**
 * The store on one SQLite connection: `Store` and `Frontier` of `model/ports.ts`, each call one transaction at most. It runs
 * in the store thread (`worker.ts` calls it, batches gathered by `pump.ts`) and, unchanged, directly in tests.
 *
 * The database is the truth; memory holds what can be rebuilt from it: the counters of the first book, the ready hosts,
 * the newest hashes and the set of leased ids. Memory changes only after a COMMIT. When a transaction fails the store is
 * finished: every later call is rejected with that error, and what was committed stays.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { SkipReason } from '../model/error-codes.ts';
import { CrawlError } from '../model/errors.ts';
import type { BodyEncoding, PageResult } from '../model/page.ts';
import type * as ports from '../model/ports.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { OriginRecord } from '../model/robots.ts';
import type { SourceIdentity } from '../model/seed.ts';
import { urlHash } from '../url/hash.ts';
import { BodyTable } from './body-table.ts';
import { Claims } from './claims.ts';
import { closeDatabase } from './close-database.ts';
import { Committer } from './committer.ts';
import { createDatasetViews } from './dataset-views.ts';
import { ReadyHosts } from './ready-hosts.ts';
import { HostSegments } from './host-segments.ts';
import { HostTable } from './host-table.ts';
import { Importer, type ImportRequest } from './importer.ts';
import { LargeValues } from './large-values.ts';
import { ListedPorts } from './listed-ports.ts';
import { ensureFolder, openDatabase } from './open-database.ts';
import { OriginTable } from './origin-table.ts';
import { PageWriter } from './page-writer.ts';
import { QueueScan } from './queue-scan.ts';
import { requeueFailed } from './requeue.ts';
import { acquireRunLock, type RunLock } from './run-lock.ts';
import { realFile } from './real-file.ts';
import { Runs } from './runs.ts';
import { CONTENTS_VIEW } from './schema/views.ts';
import { Sources } from './sources.ts';
import { isDamage, toStoreError } from './store-failure.ts';
import { transact } from './transaction.ts';
import { UrlCounters } from './url-counters.ts';
import { UrlTable } from './url-table.ts';
import { WalLimit } from './wal-limit.ts';

/** What tests replace. */
export interface StoreParts {
  readonly clock?: Clock;
  readonly hash?: (text: string) => number;
  /** Newest URL hashes kept in memory. */
  readonly portion?: number;
  /** Told what the user should know while the store goes on. */
  readonly warn?: (key: string, message: string) => void;
}

interface BodyRow {
  readonly sha256: string;
  readonly decodedBytes: number;
  readonly encoding: BodyEncoding;
  readonly bytes: Uint8Array;
  readonly charset: string | null;
  readonly text: string | null;
}

/** @throws {StoreError} see `open-database.ts` and `run-lock.ts`; {ConfigError} for data sets that cannot be views. */
export function openSqliteStore(given: ports.StoreOptions, parts: StoreParts = {}): SqliteStore {
  const options = { ...given, file: realFile(given.file) };
  const clock = parts.clock ?? systemClock;
  ensureFolder(options.file);
  const lock = acquireRunLock(options.file, options.run, clock.wallTime());
  let db: Database | undefined;
  try {
    const opened = openDatabase(options.file, options);
    db = opened.db;
    if (opened.backup !== null) {
      parts.warn?.('migrated', `${options.file} was made by an earlier version; a copy as it was is ${opened.backup}`);
    }
    return new SqliteStore(db, lock, options, opened.existed, { ...parts, clock });
  } catch (error) {
    db?.close();
    lock.release();
    throw toStoreError(error, options.file);
  }
}

export class SqliteStore implements ports.Store {
  readonly info: ports.OpenInfo;
  readonly #db: Database;
  readonly #lock: RunLock;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #counters: UrlCounters;
  readonly #runs: Runs;
  readonly #sources: Sources;
  readonly #urls: UrlTable;
  readonly #hosts: HostTable;
  readonly #listedPorts: ListedPorts;
  readonly #origins: OriginTable;
  readonly #bodies: BodyTable;
  readonly #readyHosts = new ReadyHosts();
  readonly #segments = new HostSegments();
  readonly #claims: Claims;
  readonly #importer: Importer;
  readonly #committer: Committer;
  readonly #selectBody: Statement<[number], BodyRow>;
  readonly #onBusy: () => void;
  readonly #walLimit: WalLimit;
  #failure: CrawlError | null = null;

  constructor(
    db: Database,
    lock: RunLock,
    options: ports.StoreOptions,
    existed: boolean,
    parts: StoreParts & { readonly clock: Clock },
  ) {
    const hash = parts.hash ?? urlHash;
    this.#db = db;
    this.#lock = lock;
    this.#file = options.file;
    this.#clock = parts.clock;
    this.#counters = new UrlCounters(db);
    this.#sources = new Sources(db);
    this.#urls = new UrlTable(db, hash, parts.portion);
    this.#hosts = new HostTable(db, hash);
    const values = new LargeValues(db);
    this.#bodies = new BodyTable(db, values, options.bodies !== 'none');
    this.#onBusy = () => {
      const text = `another program holds ${options.file}; the crawl waits for it to let go, for a minute at most`;
      parts.warn?.('locked', text);
    };
    this.#walLimit = new WalLimit(db, {
      file: options.file,
      onHeld: (walBytes) => {
        const size = `${Math.round(walBytes / 1_000_000)} MB`;
        const text = `${options.file}-wal has grown to ${size}: another program has been reading the file for long; it shrinks when that ends`;
        parts.warn?.('wal', text);
      },
    });
    this.#runs = transact(db, this.#onBusy, () => {
      createDatasetViews(db, options.datasets);
      if (options.bodies === 'plain') db.exec(CONTENTS_VIEW);
      return new Runs(db, options.run, parts.clock.wallTime());
    });
    this.#origins = new OriginTable(db);
    this.#listedPorts = new ListedPorts(db);
    this.#importer = new Importer(db, {
      sources: this.#sources,
      urls: this.#urls,
      hosts: this.#hosts,
      segments: this.#segments,
      listedPorts: this.#listedPorts,
    });
    this.#committer = new Committer(db, {
      writer: new PageWriter(db, this.#runs.id, this.#bodies, values),
      hosts: this.#hosts,
      runs: this.#runs,
      detail: options.detail,
    });
    this.#selectBody = db.prepare<[number], BodyRow>(
      `SELECT lower(hex(body.sha256)) AS sha256, body.bytes AS decodedBytes, body.encoding, content.content AS bytes,
              page.charset, page_text.text
       FROM page JOIN body ON body.id = page.body_id JOIN content ON content.body_id = body.id
       LEFT JOIN page_text ON page_text.page_id = page.id WHERE page.url_id = ?`,
    );
    const paused = this.#readPauses();
    const scan = new QueueScan(db, this.#readyHosts, this.#segments, parts.clock.wallTime());
    this.#claims = new Claims(db, { readyHosts: this.#readyHosts, hosts: this.#hosts, segments: this.#segments, scan });
    this.info = {
      runId: this.#runs.id,
      existed,
      paused,
      urls: this.#counters.book,
      sources: this.#sources.list(),
      lastConfig: this.#runs.lastConfig,
    };
  }

  /** Claimed and not yet committed: what may still arrive as a result. */
  get leasedCount(): number {
    return this.#claims.leasedCount;
  }

  async openSource(identity: SourceIdentity, keepColumns: boolean): Promise<ports.OpenSource> {
    return this.#transact(() => this.#sources.open(identity, keepColumns));
  }

  async enqueue(request: ports.EnqueueRequest): Promise<ports.EnqueueReceipt> {
    const [receipt] = this.importBatches([request]);
    if (receipt === undefined) throw new Error('an import without a receipt');
    return receipt;
  }

  /** Several batches in one transaction: the more, the fewer times a b-tree page is written. */
  importBatches(requests: readonly ImportRequest[]): ports.EnqueueReceipt[] {
    const { added, hosts } = this.#transact(() => this.#importer.write(requests));
    this.#counters.added(added);
    const now = this.#clock.wallTime();
    for (const host of hosts) this.#readyHosts.addWork(host, now);
    const urls = this.#counters.book;
    const { readyCount } = this.#claims;
    return requests.map(({ sourceId }) => ({ book: this.#sources.book(sourceId), urls, readyHosts: readyCount }));
  }

  async claim(request: ports.ClaimRequest): Promise<ports.Claim> {
    return this.#guard(() => this.#claims.claim(request, this.#clock.wallTime()));
  }

  async commit(results: readonly PageResult[]): Promise<void> {
    this.commitBatch(results);
  }

  /** Commits the results in one transaction; the answer is for whoever waits for their credits. */
  commitBatch(results: readonly PageResult[]): ports.CommitAck {
    const startedAt = this.#clock.now();
    const { applied, bytes, settled } = this.#transact(() => this.#committer.write(results));
    const now = this.#clock.wallTime();
    for (const { attempt } of results) this.#claims.returned(attempt.urlId, attempt.attempt);
    for (const { result, state, reason, notBefore } of applied) {
      const { hostId } = result.attempt;
      this.#counters.settled(state, reason);
      const { hostNote } = result;
      if (hostNote !== null && hostNote.notBefore > now) {
        this.#readyHosts.pause(this.#hosts.idOf(hostNote.host), hostNote.notBefore);
      }
      if (state === 'queued') {
        this.#claims.retryAdded(hostId, notBefore);
        this.#readyHosts.addRetry(hostId, notBefore, now);
      }
    }
    this.#readyHosts.promote(now);
    const urlIds = results.map(({ attempt }) => attempt.urlId);
    return this.#ack(urlIds, { rows: applied.length, bytes, settled, startedAt });
  }

  #ack(
    urlIds: readonly number[],
    done: Pick<ports.CommitAck, 'rows' | 'bytes' | 'settled'> & { readonly startedAt: number },
  ): ports.CommitAck {
    const { startedAt, ...rest } = done;
    return {
      ...rest,
      urlIds,
      urls: this.#counters.book,
      readyHosts: this.#claims.readyCount,
      nextDueAt: this.#readyHosts.nextDueAt,
      ms: this.#clock.now() - startedAt,
    };
  }

  async progress(): Promise<ports.Progress> {
    return this.#guard(() => {
      this.#readyHosts.promote(this.#clock.wallTime());
      return {
        urls: this.#counters.book,
        sources: this.#sources.books(),
        readyHosts: this.#claims.readyCount,
        nextDueAt: this.#readyHosts.nextDueAt,
        reasons: this.#counters.reasons(),
        decodedBytes: this.#runs.decodedBytes,
        hosts: this.#hosts.count,
      };
    });
  }

  async nextDue(): Promise<ports.NextDue | null> {
    return this.#guard(() => {
      this.#readyHosts.promote(this.#clock.wallTime());
      return this.#claims.nextDue();
    });
  }

  async requeue(filter: ports.RetryFilter): Promise<number> {
    const { count, hosts } = this.#transact(() => requeueFailed(this.#db, filter));
    this.#counters.recount();
    const now = this.#clock.wallTime();
    for (const { host, firstId, lastId } of hosts) {
      this.#segments.add(host, firstId);
      this.#segments.add(host, lastId);
      this.#readyHosts.addWork(host, now);
    }
    this.#claims.rewind();
    return count;
  }

  async skip(urlIds: readonly number[], reason: SkipReason): Promise<ports.CommitAck> {
    const startedAt = this.#clock.now();
    const { skipped, settled } = this.#transact(() => this.#committer.skip(urlIds, reason));
    for (const id of skipped) {
      this.#claims.revoked(id);
      this.#counters.settled('skipped', reason);
    }
    this.#readyHosts.promote(this.#clock.wallTime());
    return this.#ack(urlIds, { rows: skipped.length, bytes: 0, settled, startedAt });
  }

  async loadOrigins(origins: readonly string[]): Promise<OriginRecord[]> {
    return this.#guard(() => this.#origins.load(origins));
  }

  async saveOrigins(records: readonly OriginRecord[]): Promise<void> {
    this.#transact(() => this.#origins.save(records));
  }

  async isListed(host: string, port: number): Promise<boolean> {
    return this.#guard(() => {
      const hostId = this.#hosts.find(host);
      return hostId !== null && this.#listedPorts.has(hostId, port);
    });
  }

  async readBody(urlId: number): Promise<ports.StoredBody | null> {
    return this.#guard(() => {
      const row = this.#selectBody.get(urlId);
      return row === undefined ? null : { urlId, ...row };
    });
  }

  async recordStages(samples: readonly ports.StageSample[]): Promise<void> {
    this.#transact(() => this.#runs.recordStages(samples));
  }

  async close(state: ports.RunState, reason: string | null): Promise<{ portable: boolean }> {
    try {
      // After a failure only its name is written: the next run on this file starts from what is committed.
      if (this.#failure !== null) {
        this.#recordFailure(state, reason);
        return { portable: false };
      }
      this.#transact(() => {
        this.#urls.mergeIndex();
        this.#hosts.mergeIndex();
        this.#bodies.mergeIndex();
        this.#runs.finish(state, reason, this.#clock.wallTime());
      });
      return { portable: closeDatabase(this.#db) };
    } catch (error) {
      this.#failure ??= toStoreError(error, this.#file);
      this.#recordFailure('failed', this.#failure.message);
      throw this.#failure;
    } finally {
      this.#failure ??= new CrawlError('ERR_CLOSED', 'the store is closed');
      this.#db.close();
      this.#lock.release();
    }
  }

  /**
   * The row of a run whose storage failed, where the file takes that much: an overwritten page of the WAL often has room on a full disk.
   * Where it does not, the row says `running` until the next run; readers see by the lock that it is not.
   */
  #recordFailure(state: ports.RunState, reason: string | null): void {
    // The message about a damaged file promises that nothing more is written to it.
    if (isDamage(this.#failure?.cause)) return;
    try {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      this.#db.pragma('busy_timeout = 0');
      this.#runs.finish(state, reason, this.#clock.wallTime());
    } catch {
      // The failure itself is what the caller hears of.
    }
  }

  /** Hosts that are to be left alone now. */
  #readPauses(): { host: string; notBefore: number }[] {
    const paused = this.#db
      .prepare<[number], { id: number; host: string; notBefore: number }>(
        `SELECT id, name AS host, not_before AS notBefore FROM host INDEXED BY host_paused
         WHERE not_before > 0 AND not_before > ?`,
      )
      .all(this.#clock.wallTime());
    for (const { id, notBefore } of paused) this.#readyHosts.pause(id, notBefore);
    return paused.map(({ host, notBefore }) => ({ host, notBefore }));
  }

  #transact<T>(work: () => T): T {
    return this.#guard(() => {
      const result = transact(this.#db, this.#onBusy, work);
      this.#walLimit.keep();
      return result;
    });
  }

  /** Runs `work` unless the store has failed; a failure of `work` is the store's last. */
  #guard<T>(work: () => T): T {
    if (this.#failure !== null) throw this.#failure;
    try {
      return work();
    } catch (error) {
      const failure = toStoreError(error, this.#file);
      // Wrong arguments are the caller's problem; everything else leaves memory and database of different opinion.
      if (failure.code !== 'ERR_USAGE' && failure.code !== 'ERR_CONFIG') this.#failure = failure;
      throw failure;
    }
  }
}
