/**
 * Reading for exports: pages by key, bodies one at a time, the names of the lists' columns. Every statement is one read of a
 * few ms at most: a cursor that stays open would pin the WAL of a running crawl.
 */
import type { Database } from 'better-sqlite3';
import type { BodyEncoding } from '../model/page.ts';
import type { StoredPage } from '../model/stored-page.ts';
import { decodeBody } from './decode-body.ts';

const PAGES_A_READ = 100;
const LINES_A_READ = 1_000;

/** Over the index on `page.url_id`: URLs without an answer cost nothing, however many are queued. */
export function readPages(db: Database, after: number, upTo: number): StoredPage[] {
  return db
    .prepare<[number, number, number], StoredPage>(
      `SELECT page.url_id AS urlId, url.url, url.state, fetch.status, page.content_type AS contentType, page.title,
              page.body_id AS bodyId, lower(hex(body.sha256)) AS sha256, fetch.started_at AS fetchedAt, input.columns
       FROM page JOIN url ON url.id = page.url_id JOIN fetch ON fetch.id = page.id
       LEFT JOIN body ON body.id = page.body_id
       LEFT JOIN input ON input.source_id = url.source_id AND input.line = url.line
       WHERE page.url_id > ? AND page.url_id <= ? ORDER BY page.url_id LIMIT ?`,
    )
    .all(after, upTo, PAGES_A_READ);
}

export function readLastPage(db: Database): number {
  return db.prepare<[], number | null>('SELECT max(url_id) FROM page').pluck().get() ?? 0;
}

interface BodyRow {
  readonly encoding: BodyEncoding;
  readonly bytes: number;
  readonly content: Uint8Array;
}

/** @throws {StoreError} when the stored bytes do not decode. */
export function readBodyBytes(db: Database, bodyId: number): Uint8Array | null {
  const row = db
    .prepare<[number], BodyRow>(
      'SELECT encoding, bytes, content FROM body JOIN content ON content.body_id = body.id WHERE body.id = ?',
    )
    .get(bodyId);
  return row === undefined ? null : decodeBody(row.content, row.encoding, row.bytes);
}

/**
 * Names of the lists' kept columns, in the order they are met: as many lines are read as it takes to meet all of `wanted`, all where
 * one of them does not exist (only in JSON Lines do later lines bring further names).
 */
export function readColumnNames(db: Database, wanted: readonly string[]): Set<string> {
  const names = new Set<string>();
  const select = db.prepare<[number, number, number], { sourceId: number; line: number; columns: string | null }>(
    `SELECT source_id AS sourceId, line, columns FROM input WHERE (source_id, line) > (?, ?)
     ORDER BY source_id, line LIMIT ?`,
  );
  let [sourceId, line] = [0, 0];
  for (;;) {
    const rows = select.all(sourceId, line, LINES_A_READ);
    for (const { columns } of rows) {
      if (columns !== null) for (const name of Object.keys(JSON.parse(columns) as object)) names.add(name);
    }
    const last = rows.at(-1);
    if (last === undefined || wanted.every((name) => names.has(name))) return names;
    ({ sourceId, line } = last);
  }
}
