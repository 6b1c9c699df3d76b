/**
 * Holds the database of a demo crawl against two witnesses that it cannot have influenced: the answers that the site's seed
 * predicts, and the requests that the server counted itself. In: a finished database, the list, the counts. Out: one
 * record of numbers, and that record as a table for people.
 */
import Database from 'better-sqlite3';
import { expectedOutcome } from './expected.ts';
import { DEMO_SEED } from './site.ts';

export interface DemoBooks {
  /** URLs of the list. */
  readonly listed: number;
  readonly done: number;
  readonly failed: number;
  /** Forbidden by the robots.txt of their host. */
  readonly skipped: number;
  /** Listed URLs that are missing, unfinished, or stored with another state, status or digest than the site gives. */
  readonly lost: number;
  /** URLs with more than one row, more than one page or more than one successful attempt. */
  readonly storedTwice: number;
  /** URLs with more attempts in the database than requests at the server: answers that nobody gave. */
  readonly unseen: number;
  /** Attempts that the database records. */
  readonly attempts: number;
  /** Requests for listed URLs that the server counted. */
  readonly requests: number;
  /**
   * Requests beyond the attempts recorded: their answers were not committed when a kill came, or a kept-alive connection
   * was reset before the answer began, which a crawl repeats within the same attempt.
   */
  readonly repeated: number;
  /** The first few URLs that are lost, stored twice or unseen, with what is wrong. */
  readonly examples: readonly string[];
}

interface UrlRow {
  readonly url: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly sha256: string | null;
}

const MOST_EXAMPLES = 5;

/** Reads the database at `file`; `counts` are the server's requests by URL. */
export function compareBooks(file: string, urls: readonly string[], counts: ReadonlyMap<string, number>): DemoBooks {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = database
      .prepare<[], UrlRow>(
        'SELECT urls.url, urls.state, urls.attempts, pages.status, pages.sha256 FROM urls LEFT JOIN pages USING (url)',
      )
      .all();
    const successes = database
      .prepare<[], string>(
        `SELECT url.url FROM fetch JOIN url ON url.id = fetch.url_id WHERE fetch.error_class IS NULL
         GROUP BY fetch.url_id HAVING count(*) > 1`,
      )
      .pluck()
      .all();
    return compare(rows, successes, urls, counts);
  } finally {
    database.close();
  }
}

function compare(
  rows: readonly UrlRow[],
  successes: readonly string[],
  urls: readonly string[],
  counts: ReadonlyMap<string, number>,
): DemoBooks {
  const byUrl = new Map<string, UrlRow>();
  const twice = new Set(successes);
  for (const row of rows) {
    if (byUrl.has(row.url)) twice.add(row.url);
    byUrl.set(row.url, row);
  }
  const examples: string[] = [];
  let [lost, unseen, requests, attempts] = [0, 0, 0, 0];
  for (const url of urls) {
    const row = byUrl.get(url);
    const hits = counts.get(url) ?? 0;
    requests += hits;
    attempts += row?.attempts ?? 0;
    const wrong = whatIsWrong(url, row);
    if (wrong !== null) {
      lost += 1;
      examples.push(`${url}: ${wrong}`);
    }
    if (hits < (row?.attempts ?? 0)) {
      unseen += 1;
      examples.push(`${url}: ${row?.attempts} attempts recorded, the server saw ${hits}`);
    }
  }
  examples.push(...[...twice].map((url) => `${url}: stored twice`));
  return {
    listed: urls.length,
    done: urls.filter((url) => byUrl.get(url)?.state === 'done').length,
    failed: urls.filter((url) => byUrl.get(url)?.state === 'failed').length,
    skipped: urls.filter((url) => byUrl.get(url)?.state === 'skipped').length,
    lost,
    storedTwice: twice.size,
    unseen,
    attempts,
    requests,
    repeated: requests - attempts,
    examples: examples.slice(0, MOST_EXAMPLES),
  };
}

function whatIsWrong(url: string, row: UrlRow | undefined): string | null {
  if (row === undefined) return 'not in the database';
  const expected = expectedOutcome(DEMO_SEED, url);
  if (row.state !== expected.state) return `${row.state}, should be ${expected.state}`;
  // Where no answer counts in the end (reset, redirect loop) a body may or may not have been kept on the way.
  if (expected.sha256 === null) return null;
  if (row.status !== expected.status) return `status ${row.status}, should be ${expected.status}`;
  if (row.sha256 !== expected.sha256) return `sha256 ${row.sha256}, should be ${expected.sha256}`;
  return null;
}

/** The record as a table; its last line is the verdict. */
export function renderBooks(books: DemoBooks, kills: number): string {
  const line = (label: string, ...numbers: (number | null)[]): string =>
    label.padEnd(22) + numbers.map((n) => (n === null ? '' : n.toLocaleString('en-US')).padStart(12)).join('');
  return [
    `The books after ${kills} kills:`,
    `${''.padEnd(22)}${'the list'.padStart(12)}${'database'.padStart(12)}${'the server'.padStart(12)}`,
    line('URLs', books.listed, books.done + books.failed + books.skipped, null),
    line('  done', null, books.done, null),
    line('  failed', null, books.failed, null),
    line('  skipped (robots.txt)', null, books.skipped, null),
    line('attempts, requests', null, books.attempts, books.requests),
    line('  made again', null, null, books.repeated),
    '  (answers that a kill kept from the database, or a reset of a kept-alive connection)',
    ...books.examples,
    `lost ${books.lost}, stored twice ${books.storedTwice}${books.unseen === 0 ? '' : `, never asked ${books.unseen}`}`,
    '',
  ].join('\n');
}
