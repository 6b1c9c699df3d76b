/**
 * What a database holds, read from a copy of the file and its WAL: looking at what a kill left behind must neither repair it
 * nor help the next run. Only the public views are read, besides SQLite's own check.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { SourceBook, UrlBook } from '../../src/model/url-state.ts';
import { openReader } from '../../src/store/reader.ts';
import { pageSha256, type LatencyServer } from './latency-server.ts';

export interface UrlSnapshot {
  readonly url: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly sha256: string | null;
}

export interface Snapshot {
  readonly urls: readonly UrlSnapshot[];
  /** `from to`, sorted. */
  readonly links: readonly string[];
  readonly books: { readonly urls: UrlBook; readonly sources: readonly SourceBook[] };
  /** What `PRAGMA integrity_check` says: `ok`. */
  readonly integrity: string;
  /** What `crawl verify` finds: nothing. */
  readonly differences: readonly string[];
}

/** Safe at any time after the writing process has ended; beside a writer the copy may be torn. */
export function snapshotOf(file: string): Snapshot {
  const folder = mkdtempSync(join(tmpdir(), 'weir-snapshot-'));
  try {
    const copy = join(folder, 'copy.db');
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    return read(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The set that must not depend on kills: everything but the number of attempts. */
export function outcomeSet({ urls }: Snapshot): string[] {
  return urls.map(({ url, state, status, sha256 }) => `${url} ${state} ${status} ${sha256}`).sort();
}

/** Every URL of the server's list is there once, with its page, in a file without a flaw. */
export function expectWholeList(snapshot: Snapshot, server: LatencyServer, what?: string): void {
  expect([snapshot.integrity, snapshot.differences], what).toEqual(['ok', []]);
  const expected = server.urls().map((url, n) => `${url} done 200 ${pageSha256(n)}`);
  expect(outcomeSet(snapshot), what).toEqual(expected.sort());
}

function read(file: string): Snapshot {
  const db = new Database(file);
  const reader = openReader(file);
  try {
    return {
      urls: db
        .prepare<[], UrlSnapshot>(
          'SELECT urls.url, urls.state, urls.attempts, pages.status, pages.sha256 FROM urls LEFT JOIN pages USING (url) ORDER BY url',
        )
        .all(),
      links: db.prepare<[], string>('SELECT "from" || \' \' || "to" FROM links ORDER BY 1').pluck().all(),
      books: reader.books(),
      integrity: String(db.pragma('integrity_check', { simple: true })),
      differences: reader.verify().map(({ check, subject, message }) => `${check} ${subject}: ${message}`),
    };
  } finally {
    reader.close();
    db.close();
  }
}
