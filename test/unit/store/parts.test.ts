import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatasetViews } from '../../../src/store/dataset-views.ts';
import { decodeBody } from '../../../src/store/decode-body.ts';
import { migrate } from '../../../src/store/migrations.ts';
import { statusRange } from '../../../src/store/requeue.ts';
import { UrlTable } from '../../../src/store/url-table.ts';

let db: Database;
beforeEach(() => {
  db = new SqliteDatabase(':memory:');
  migrate(db, ':memory:');
  db.pragma('foreign_keys = OFF');
  db.exec("INSERT INTO host (name) VALUES ('a.test')");
});
afterEach(() => db.close());

describe('the table of URLs', () => {
  const url = (n: number): string => `http://a.test/${n}`;

  it.each([1, 7, 100])('finds every URL though all hashes are equal, in portions of %i', (portion) => {
    const table = new UrlTable(db, () => 42, portion);
    for (let n = 0; n < 30; n++) {
      expect(table.find(url(n))).toBeNull();
      expect(table.insertSeed(url(n), 1, 1, n)).toBe(n + 1);
    }
    for (let n = 0; n < 30; n++) expect(table.find(url(n))).toBe(n + 1);
  });

  it('is rebuilt from the rows that a crash left out of the hash table', () => {
    const table = new UrlTable(db, (text) => text.length, 4);
    for (let n = 0; n < 10; n++) table.insertSeed(url(n), 1, 1, n);
    expect(db.prepare('SELECT count(*) FROM url_hash').pluck().get()).toBe(8);
    const again = new UrlTable(db, (text) => text.length, 4);
    for (let n = 0; n < 10; n++) expect(again.find(url(n))).toBe(n + 1);
    again.mergeIndex();
    expect(db.prepare('SELECT count(*) FROM url_hash').pluck().get()).toBe(10);
  });
});

describe('stored bodies', () => {
  const text = 'the body '.repeat(500);

  it.each([
    ['identity', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync(text.slice(0, 100)), gzipSync(text.slice(100))])],
    ['deflate', deflateSync(text)],
    ['deflate-raw', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
  ] as const)('decode from %s', (encoding, bytes) => {
    expect(Buffer.from(decodeBody(bytes, encoding, text.length)).toString()).toBe(text);
  });

  it('may be empty', () => {
    expect(decodeBody(gzipSync(''), 'gzip', 0)).toHaveLength(0);
  });

  it('are refused when they are damaged or larger than recorded', () => {
    expect(() => decodeBody(Buffer.from('junk'), 'gzip', 10)).toThrow(/does not decode as gzip/);
    expect(() => decodeBody(gzipSync(text), 'gzip', 10)).toThrow(/does not decode as gzip/);
  });
});

describe('views of data sets', () => {
  it.each([
    ['pages', ['a'], 'extract.pages: "pages" is a table or view'],
    ['Contents', ['a'], 'extract.Contents: "Contents" is a table or view'],
    ['a b', ['a'], 'got "a b"'],
    ['x"; DROP TABLE url; --', ['a'], 'use letters'],
    ['sqlite_x', ['a'], 'use letters'],
    ['fine', ['a"b'], 'extract.fine.a"b: the field becomes a column'],
    ['fine', ['a', 'A'], 'extract.fine.A: another field'],
  ])('refuse %s with %j', (name, fields, message) => {
    expect(() => createDatasetViews(db, [{ name, fields }])).toThrow(message);
  });

  it('report all problems at once and refuse doubled names', () => {
    const datasets = [
      { name: 'one', fields: ['a'] },
      { name: 'One', fields: ['b'] },
      { name: 'url', fields: ['c'] },
    ];
    expect(() => createDatasetViews(db, datasets)).toThrow(
      expect.objectContaining({ problems: expect.objectContaining({ length: 2 }) }),
    );
  });

  it('follow the config when its fields change', () => {
    createDatasetViews(db, [{ name: 'prices', fields: ['price'] }]);
    createDatasetViews(db, [{ name: 'prices', fields: ['price', 'größe', 'in-stock'] }]);
    const columns = db.prepare('SELECT * FROM prices').columns();
    expect(columns.map(({ name }) => name)).toEqual(['url', 'price', 'größe', 'in-stock']);
  });
});

describe('the status of a retry', () => {
  it.each([
    ['404', [404, 404]],
    ['5xx', [500, 599]],
    ['4XX', [400, 499]],
    ['500-503', [500, 503]],
  ])('%s is a range', (text, range) => {
    expect(statusRange(text)).toEqual(range);
  });

  it.each(['', '40', '6xx', '503-500', 'abc'])('"%s" is refused', (text) => {
    expect(() => statusRange(text)).toThrow(/404, 5xx or 500-503/);
  });
});
