/**
 * Reading a database: what `inspect`, `verify`, `cat`, `explain`, `query`, `export` and the library's `body()` need. Synchronous
 * and read-only; may be used beside a running crawl, from any thread. Whoever opens a reader closes it.
 */
import type { OpenInfo } from '../model/ports.ts';
import type { Database } from 'better-sqlite3';
import type { OriginRecord } from '../model/robots.ts';
import type { PageSource, StoredPage } from '../model/stored-page.ts';
import type { RejectedHistory, UrlHistory } from '../model/url-history.ts';
import type { SourceBook, UrlBook } from '../model/url-state.ts';
import { urlHash } from '../url/hash.ts';
import { rejectedText } from '../url/redact.ts';
import { type PageContent, readContent } from './page-content.ts';
import type { Difference, VerifyProgress } from './difference.ts';
import { openReadOnly } from './open-read-only.ts';
import { OriginTable } from './origin-table.ts';
import { type QueryResult, ReaderQuery } from './reader-query.ts';
import type { ErrorRow, HostRow, ReaderSummary, RunRow, SizeRow, UrlRow } from './reader-rows.ts';
import { isRunLocked } from './run-lock.ts';
import { KILLED } from './runs.ts';
import { readBooks, readSources } from './sources.ts';
import { toStoreError } from './store-failure.ts';
import { readBodyBytes, readColumnNames, readLastPage, readPages } from './stored-pages.ts';
import { UrlCounters } from './url-counters.ts';
import { readHistory, readRejected, readUrlsOfHost } from './url-history.ts';
import { verifyDatabase } from './verify.ts';

const RUN_COLUMNS = `id, started_at AS startedAt, ended_at AS endedAt, state, reason, argv, config, versions, pid, hostname,
  fetches, done, failed, skipped, retries, wire_bytes AS wireBytes, decoded_bytes AS decodedBytes`;

/** @throws {StoreError} `ERR_NOT_FOUND` where there is no file; not a Weir database; of a newer version; damaged. */
export function openReader(file: string): StoreReader {
  return new StoreReader(openReadOnly(file), file);
}

export class StoreReader implements PageSource {
  readonly file: string;
  readonly #db: Database;
  #query: ReaderQuery | null = null;

  constructor(db: Database, file: string) {
    this.#db = db;
    this.file = file;
  }

  /** Both books, what went wrong by reason, and the last run. Milliseconds at any size. */
  summary(): ReaderSummary {
    const read = this.#db.transaction(() => {
      const counters = new UrlCounters(this.#db);
      return {
        urls: counters.book,
        sources: readBooks(this.#db),
        reasons: counters.reasons(),
        hosts: this.#number('SELECT coalesce(max(id), 0) FROM host'),
        decodedBytes: this.#number('SELECT coalesce(sum(decoded_bytes), 0) FROM run'),
      };
    });
    return { ...this.#read(read), lastRun: this.lastRun() };
  }

  /** The lists that this file was made from. */
  sources(): OpenInfo['sources'] {
    return this.#read(() => readSources(this.#db));
  }

  /** Both books alone. */
  books(): { urls: UrlBook; sources: readonly SourceBook[] } {
    const { urls, sources } = this.summary();
    return { urls, sources };
  }

  /** The `limit` largest pages fetched successfully, largest first. */
  largest(limit: number): SizeRow[] {
    return this.#rows<SizeRow>(
      'SELECT url, bytes, fetched_at AS fetchedAt FROM sizes ORDER BY bytes DESC, url LIMIT ?',
      limit,
    );
  }

  /** Failed attempts, oldest first. `errorClass` picks one class. */
  errors(limit: number, errorClass: string | null = null): ErrorRow[] {
    return this.#rows<ErrorRow>(
      `SELECT url, attempt, status, error_class AS errorClass, error, at FROM errors
       WHERE ? IS NULL OR error_class = ? LIMIT ?`,
      errorClass,
      errorClass,
      limit,
    );
  }

  /** Hosts by number of URLs, largest first. */
  hosts(limit: number): HostRow[] {
    return this.#rows<HostRow>(
      'SELECT host, urls, queued, done, failed, skipped, attempts FROM hosts ORDER BY urls DESC, host LIMIT ?',
      limit,
    );
  }

  /** The latest run. One that was killed could not record its end: it is told as the next run will record it. */
  lastRun(): RunRow | null {
    const recorded = this.#lastRunRow();
    if (recorded?.state !== 'running' || isRunLocked(this.file) !== false) return recorded;
    // It may have ended between the two questions: its end is recorded before it lets go of the file.
    const row = this.#lastRunRow();
    return row?.id === recorded.id && row.state === 'running' ? { ...row, ...KILLED } : row;
  }

  /**
   * Settings (`run.config`) of the runs that may have made a URL what it is, the likeliest first: that of its last attempt, or those
   * that skipped URLs, the latest first. None where no run has had to do with it. A skipped URL does not know its run.
   */
  decidingRuns({ state, attempts }: Pick<UrlHistory, 'state' | 'attempts'>): string[] {
    if (state === 'queued') return [];
    const found =
      state === 'skipped'
        ? this.#rows<{ config: string }>('SELECT config FROM run WHERE skipped > 0 ORDER BY id DESC')
        : this.#rows<{ config: string }>('SELECT config FROM run WHERE id = ?', attempts.at(-1)?.runId ?? 0);
    return [...new Set(found.map(({ config }) => config))];
  }

  #lastRunRow(): RunRow | null {
    const [row] = this.#rows<Omit<RunRow, 'argv'> & { argv: string }>(
      `SELECT ${RUN_COLUMNS} FROM run ORDER BY id DESC LIMIT 1`,
    );
    return row === undefined ? null : { ...row, argv: JSON.parse(row.argv) as string[] };
  }

  /** A canonical URL as it stands; `null` where it is not known. */
  findUrl(url: string): UrlRow | null {
    const select = 'SELECT url.id, url.url, state, reason, depth, attempts FROM url';
    const [indexed] = this.#rows<UrlRow>(
      `${select} JOIN url_hash ON url_hash.id = url.id WHERE hash = ? AND url.url = ?`,
      urlHash(url),
      url,
    );
    if (indexed !== undefined) return indexed;
    // The newest URLs of a running or killed crawl may not be in the hash table yet: at most 262,144.
    const [newest] = this.#rows<UrlRow>(
      `${select} WHERE url.id > (SELECT up_to FROM lookup WHERE name = 'url') AND url.url = ?`,
      url,
    );
    return newest ?? null;
  }

  /** All that is known of a URL; `null` where it is not in this file. */
  history(url: string): UrlHistory | null {
    const found = this.findUrl(url);
    return found === null ? null : readHistory(this.#db, found.id);
  }

  /** What an origin (`scheme://host[:port]`) answered when it was last asked for its robots.txt; `null` = it never was. */
  origin(origin: string): OriginRecord | null {
    return this.#read(() => {
      // Files of version 1 have no such table.
      const version = Number(this.#db.pragma('user_version', { simple: true }));
      return version < 2 ? null : (new OriginTable(this.#db).load([origin])[0] ?? null);
    });
  }

  /** A line of a list that is no URL, by what stands in it. */
  rejected(text: string): RejectedHistory | null {
    return readRejected(this.#db, rejectedText(text));
  }

  /** URLs of one host, the first few thousand. */
  urlsOfHost(host: string): string[] {
    return readUrlsOfHost(this.#db, host);
  }

  /** What is stored of a URL's latest answer; `null` where it has none. */
  body(url: string): PageContent | null {
    const found = this.findUrl(url);
    return found === null ? null : this.#read(() => readContent(this.#db, found.id, url));
  }

  lastPage(): number {
    return this.#read(() => readLastPage(this.#db));
  }

  pages(after: number, upTo: number): StoredPage[] {
    return this.#read(() => readPages(this.#db, after, upTo));
  }

  bodyBytes(bodyId: number): Uint8Array | null {
    return this.#read(() => readBodyBytes(this.#db, bodyId));
  }

  /** Columns of the lists beside the URL: all of `wanted` that exist are among them. */
  columnNames(wanted: readonly string[]): ReadonlySet<string> {
    return this.#read(() => readColumnNames(this.#db, wanted));
  }

  /**
   * Runs one SELECT of the user; rows come as they are read. The SQL function `content(url)` gives a page's decoded bytes.
   *
   * @throws {ConfigError} for anything that is not one reading statement, with SQLite's message.
   */
  query(sql: string): QueryResult {
    this.#query ??= new ReaderQuery(this.#db, openReader(this.file));
    return this.#query.run(sql, (error) => toStoreError(error, this.file));
  }

  /** Adds both books up again and checks every body. Empty = the file is sound. */
  verify(onProgress?: (progress: VerifyProgress) => void): Difference[] {
    return this.#read(() => verifyDatabase(this.#db, onProgress));
  }

  close(): void {
    this.#query?.close();
    this.#db.close();
  }

  #rows<R>(sql: string, ...values: unknown[]): R[] {
    return this.#read(() => this.#db.prepare<unknown[], R>(sql).all(...values));
  }

  /** @throws {StoreError} where the file turns out to be damaged. */
  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, this.file);
    }
  }

  #number(sql: string): number {
    return this.#db.prepare<[], number>(sql).pluck().get() ?? 0;
  }
}
