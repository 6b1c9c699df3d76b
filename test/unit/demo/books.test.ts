import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareBooks, renderBooks } from '../../../src/demo/books.ts';
import { expectedOutcome } from '../../../src/demo/expected.ts';
import { demoUrls } from '../../../src/demo/urls.ts';

/** A finished crawl's database, reduced to the columns that the comparison reads. */
describe('compareBooks', () => {
  const urls = demoUrls(8321).slice(0, 60);
  let folder: string;
  let file: string;
  let database: Database.Database;
  let counts: Map<string, number>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-books-'));
    file = join(folder, 'demo.db');
    database = new Database(file);
    database.exec(`CREATE TABLE url (id INTEGER PRIMARY KEY, url TEXT, state TEXT, attempts INTEGER);
      CREATE TABLE fetch (url_id INTEGER, error_class TEXT);
      CREATE TABLE page (url TEXT, status INTEGER, sha256 TEXT);
      CREATE VIEW urls AS SELECT url, state, attempts FROM url;
      CREATE VIEW pages AS SELECT * FROM page;`);
    counts = new Map(urls.map((url) => [url, 1]));
    database.exec('BEGIN');
    for (const [index, url] of urls.entries()) {
      const expected = expectedOutcome(1, url);
      database.prepare('INSERT INTO url VALUES (?, ?, ?, 1)').run(index + 1, url, expected.state);
      database.prepare('INSERT INTO fetch VALUES (?, ?)').run(index + 1, expected.state === 'done' ? null : 'http-4xx');
      database.prepare('INSERT INTO page VALUES (?, ?, ?)').run(url, expected.status, expected.sha256);
    }
    database.exec('COMMIT');
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  function firstDone(): string {
    return urls.find((url) => expectedOutcome(1, url).state === 'done') as string;
  }

  it('finds nothing to say about a database that is right', () => {
    const books = compareBooks(file, urls, counts);
    expect(books).toMatchObject({ listed: 60, lost: 0, storedTwice: 0, unseen: 0, repeated: 0, examples: [] });
    expect(books.done + books.failed + books.skipped).toBe(60);
    expect(renderBooks(books, 3)).toContain('lost 0, stored twice 0\n');
  });

  it('counts requests beyond the recorded attempts as made again', () => {
    counts.set(firstDone(), 3);
    expect(compareBooks(file, urls, counts)).toMatchObject({ requests: 62, attempts: 60, repeated: 2, lost: 0 });
  });

  it.each([
    ['is missing', 'DELETE FROM url WHERE url = ?'],
    ['is still queued', "UPDATE url SET state = 'queued' WHERE url = ?"],
    ['has another digest', "UPDATE page SET sha256 = 'abc' WHERE url = ?"],
    ['has no page', 'DELETE FROM page WHERE url = ?'],
  ])('calls a URL lost that %s', (_, sql) => {
    database.prepare(sql).run(firstDone());
    const books = compareBooks(file, urls, counts);
    expect(books.lost).toBe(1);
    expect(books.examples[0]).toContain(firstDone());
  });

  it.each([
    ['two rows', "INSERT INTO url SELECT id + 1000, url, 'done', 1 FROM url WHERE url = ?"],
    ['two pages', 'INSERT INTO page SELECT * FROM page WHERE url = ?'],
    ['two successful attempts', 'INSERT INTO fetch SELECT id, NULL FROM url WHERE url = ?'],
  ])('calls a URL stored twice that has %s', (_, sql) => {
    database.prepare(sql).run(firstDone());
    expect(compareBooks(file, urls, counts).storedTwice).toBe(1);
  });

  it('notices an answer that no server gave', () => {
    counts.delete(firstDone());
    expect(compareBooks(file, urls, counts).unseen).toBe(1);
  });
});
