import { createHash } from 'node:crypto';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lease } from '../../../src/model/lease.ts';
import { packLinks } from '../../../src/model/packed-links.ts';
import { openReader, type StoreReader } from '../../../src/store/reader.ts';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import { fileSource, refusal, resultOf, storeOptions, temporaryFolder, urlLine } from '../../support/store-fixtures.ts';

const PAGE = '<title>Long</title>'.repeat(100);
const AT = '2026-01-02T03:04:05.678Z';

let folder: ReturnType<typeof temporaryFolder>;
let reader: StoreReader;

beforeAll(async () => {
  folder = temporaryFolder();
  const datasets = [{ name: 'prices', fields: ['price', 'url'] }];
  const store = openSqliteStore(storeOptions(folder.file, { datasets }));
  const { sourceId } = await store.openSource(fileSource(), true);
  await store.enqueue({
    sourceId,
    lines: [
      urlLine(1, 'http://a.test/long', { columns: '{"id":"7"}' }),
      urlLine(2, 'http://a.test/short'),
      urlLine(3, 'http://b.test/gone'),
      urlLine(4, 'http://b.test/refused'),
      urlLine(5, 'http://b.test/never'),
      { kind: 'rejected', line: 6, raw: 'not a url', reason: 'bad-url', columns: null },
    ],
    position: { byteOffset: 99, line: 6 },
    last: true,
  });
  const { leases } = await store.claim({ refill: [], newHosts: 9, perNewHost: 9, max: 9 });
  const lease = (path: string): Lease => leases.find(({ url }) => url.endsWith(path)) ?? expect.fail(path);
  const sha256 = createHash('sha256').update(PAGE).digest();
  const wire = gzipSync(PAGE);
  await store.commit([
    resultOf(lease('/long'), {
      body: { sha256, decodedBytes: PAGE.length, encoding: 'gzip', bytes: wire },
      attempt: { headers: '[["Content-Encoding","gzip"],["X-A","1"]]', wireBytes: wire.length },
      page: {
        links: packLinks([{ to: 'http://b.test/gone', anchor: 'gone', rel: 'nofollow', n: 2 }]),
        linksTotal: 1,
        items: [{ dataset: 'prices', fields: { price: '12', url: ['/x', '/y'] } }],
      },
    }),
    resultOf(lease('/short'), {
      body: 'short',
      attempt: {
        finalUrl: 'http://a.test/moved',
        redirects: [{ url: 'http://a.test/short', status: 301, location: '/moved' }],
      },
    }),
    resultOf(lease('/gone'), {
      body: 'gone',
      settlement: { state: 'failed', reason: 'http-4xx' },
      attempt: { status: 410, errorClass: 'http-4xx', error: '410 Gone' },
    }),
    refusal(lease('/refused'), { state: 'failed', reason: 'connect-refused' }),
  ]);
  await store.skip([lease('/never').id], 'budget');
  await store.close('finished', 'all done');
  reader = openReader(folder.file);
});

afterAll(() => {
  reader.close();
  folder.remove();
});

/** The reader on a copy that `change` has tampered with. */
function withChanged<T>(change: string, use: (reader: StoreReader) => T): T {
  const copy = join(folder.path, 'changed.db');
  copyFileSync(folder.file, copy);
  const db = new SqliteDatabase(copy);
  db.pragma('foreign_keys = OFF');
  db.exec(change);
  db.close();
  const changed = openReader(copy);
  try {
    return use(changed);
  } finally {
    changed.close();
  }
}

function query(sql: string): unknown[] {
  return [...reader.query(sql).rows];
}

describe('the summary', () => {
  it('holds both books, the reasons and the last run', () => {
    const summary = reader.summary();
    expect(summary.urls).toEqual({ known: 5, queued: 0, done: 2, failed: 2, skipped: 1 });
    expect(summary.sources).toMatchObject([{ lines: 6, added: 5, rejected: 1, complete: true }]);
    expect(summary.reasons).toContainEqual({ state: 'skipped', reason: 'budget', count: 1 });
    expect(summary).toMatchObject({ hosts: 2, decodedBytes: PAGE.length + 9 });
    expect(summary.lastRun).toMatchObject({
      state: 'finished',
      reason: 'all done',
      argv: ['crawl'],
      fetches: 4,
      done: 2,
    });
  });

  it('says of a run without an end whether it goes on or was killed', async () => {
    const other = temporaryFolder();
    try {
      const store = openSqliteStore(storeOptions(other.file));
      const beside = openReader(other.file);
      expect(beside.lastRun()).toMatchObject({ state: 'running', reason: null });
      await store.close('stopped', 'enough');
      expect(beside.summary().lastRun).toMatchObject({ state: 'stopped', reason: 'enough' });
      beside.close();
    } finally {
      other.remove();
    }
    const killed = withChanged("UPDATE run SET state = 'running', reason = NULL", (changed) => changed.lastRun());
    expect(killed).toMatchObject({ state: 'failed', reason: 'killed, or its disk failed' });
  });

  it('lists the largest pages, the errors and the hosts', () => {
    expect(reader.largest(1)).toEqual([{ url: 'http://a.test/long', bytes: PAGE.length, fetchedAt: AT }]);
    expect(reader.errors(9)).toHaveLength(2);
    expect(reader.errors(9, 'http-4xx')).toEqual([
      { url: 'http://b.test/gone', attempt: 1, status: 410, errorClass: 'http-4xx', error: '410 Gone', at: AT },
    ]);
    expect(reader.hosts(1)).toMatchObject([{ host: 'b.test', urls: 3, failed: 2, skipped: 1 }]);
  });

  it('finds a URL by its canonical text', () => {
    expect(reader.findUrl('http://b.test/gone')).toMatchObject({ state: 'failed', reason: 'http-4xx', attempts: 1 });
    expect(reader.findUrl('http://b.test/other')).toBeNull();
  });
});

describe('the content of a page', () => {
  it('comes decoded, as it was on the wire, with headers and text', () => {
    const content = reader.body('http://a.test/long');
    expect(Buffer.from(content?.bytes ?? []).toString()).toBe(PAGE);
    expect(content?.wire).toEqual(gzipSync(PAGE));
    expect(content).toMatchObject({
      status: 200,
      headers: [
        ['Content-Encoding', 'gzip'],
        ['X-A', '1'],
      ],
      text: 'hello',
      sha256: createHash('sha256').update(PAGE).digest('hex'),
    });
  });

  it('is kept for a failed answer and absent without one', () => {
    expect(Buffer.from(reader.body('http://b.test/gone')?.bytes ?? []).toString()).toBe('gone');
    expect(reader.body('http://b.test/refused')).toBeNull();
  });
});

describe('the views', () => {
  it.each([
    [
      'pages',
      'url final_url status content_type bytes sha256 title text charset words depth total_ms fetched_at referrer',
    ],
    ['sizes', 'url bytes fetched_at'],
    ['errors', 'url attempt status error_class error at'],
    ['urls', 'url state reason depth attempts'],
    ['links', 'from to anchor rel n'],
    ['hosts', 'host urls queued done failed skipped'],
    ['redirects', 'url hop from status location final_url attempt'],
    ['broken_links', 'from to anchor reason'],
    ['duplicates', 'url same_as bytes sha256'],
    ['skipped', 'url reason depth'],
    ['inputs', 'source line kind url reason columns'],
    ['items', 'url dataset fields'],
  ])('%s begins with the promised columns', (view, columns) => {
    const promised = columns.split(' ');
    expect(reader.query(`SELECT * FROM ${view}`).columns.slice(0, promised.length)).toEqual(promised);
  });

  it('give times in ISO-8601 and digests in hex', () => {
    const sha256 = createHash('sha256').update('short').digest('hex');
    expect(query("SELECT final_url, bytes, sha256, fetched_at FROM pages WHERE url = 'http://a.test/short'")).toEqual([
      ['http://a.test/moved', 5, sha256, AT],
    ]);
  });

  it('show redirects, broken links, rejected lines and kept columns', () => {
    expect(query('SELECT * FROM redirects')).toEqual([
      ['http://a.test/short', 1, 'http://a.test/short', 301, '/moved', 'http://a.test/moved', 1],
    ]);
    expect(query('SELECT * FROM broken_links')).toEqual([
      ['http://a.test/long', 'http://b.test/gone', 'gone', 'http-4xx'],
    ]);
    expect(query('SELECT line, kind, reason, columns FROM inputs')).toEqual([
      [1, 'url', null, '{"id":"7"}'],
      [6, 'rejected', 'bad-url', null],
    ]);
  });

  it('hold one for each data set, with its fields as columns', () => {
    expect(reader.query('SELECT * FROM prices').columns).toEqual(['page_url', 'price', 'url']);
    expect(query('SELECT * FROM prices')).toEqual([['http://a.test/long', '12', '["/x","/y"]']]);
  });
});

describe('a query', () => {
  it('has the contents of pages as a function', () => {
    expect(query("SELECT CAST(content(url) AS TEXT) FROM urls WHERE url LIKE '%/gone' OR url LIKE '%/never'")).toEqual([
      ['gone'],
      [null],
    ]);
  });

  it.each([
    'DELETE FROM url',
    "UPDATE url SET state = 'done' RETURNING id",
    "ATTACH 'x.db' AS x",
    'BEGIN',
    'SELECT 1; SELECT 2',
    'SELECT nonsense',
    "VACUUM INTO 'copy.db'",
  ])('refuses %s', (sql) => {
    expect(() => reader.query(sql)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
    expect(existsSync('copy.db')).toBe(false);
  });
});

describe('verify', () => {
  it('finds nothing in a sound file, and tells how far it is', () => {
    const seen: string[] = [];
    expect(reader.verify(({ check, checked, total }) => seen.push(`${check} ${checked}/${total}`))).toEqual([]);
    expect(seen).toEqual(['urls 5/5', 'bodies 3/3']);
  });

  it.each([
    [
      'a changed body',
      "UPDATE content SET content = CAST('shorx' AS BLOB) WHERE body_id = 2",
      'body',
      'has the digest',
    ],
    ['a shortened body', "UPDATE content SET content = x'00' WHERE body_id = 1", 'body', 'stored bytes instead of'],
    ['a lost body', 'DELETE FROM content WHERE body_id = 1', 'body', 'has lost its content'],
    [
      'a lost page',
      'DELETE FROM page_link; DELETE FROM item; DELETE FROM page_text; DELETE FROM page WHERE url_id = 1',
      'page',
      'no page row',
    ],
    ['a lost attempt', 'DELETE FROM fetch WHERE url_id = 4', 'page', 'another number of attempts'],
    ['a state without an answer', "UPDATE url SET state = 'done' WHERE id = 5", 'page', 'no page row'],
    ['a failure called a success', "UPDATE url SET state = 'done' WHERE id = 3", 'page', 'its answer was 410'],
    ['a lost URL', 'DELETE FROM url WHERE id = 2', 'urls', 'URLs known'],
    [
      'a doubled URL',
      'INSERT INTO url SELECT 6, url, host_id, state, reason, depth, priority, source_id, line, referrer, 0, 0, 0, 0 FROM url WHERE id = 5',
      'urls',
      'known twice',
    ],
    ['a wrong book', 'UPDATE source SET blank = 1', 'source', 'lines'],
    ['a wrong count of rejected lines', 'UPDATE source SET rejected = 2, lines = 7', 'source', 'rejected lines'],
    ['a run that counts more than it did', 'UPDATE run SET fetches = 9', 'run', 'attempts'],
    ['a reference to nothing', 'DELETE FROM host WHERE id = 1', 'foreign-key', 'does not exist'],
  ])('finds %s', (_what, change, check, message) => {
    const differences = withChanged(change, (changed) => changed.verify());
    expect(differences).toContainEqual(expect.objectContaining({ check, message: expect.stringContaining(message) }));
  });
});

describe('opening for reading', () => {
  it('says where there is no database', () => {
    expect(() => openReader(join(folder.path, 'none.db'))).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
  });

  it('works beside a run, and on what a kill leaves behind', async () => {
    const file = join(folder.path, 'live.db');
    const store = openSqliteStore(storeOptions(file));
    const { sourceId } = await store.openSource(fileSource(), false);
    await store.enqueue({
      sourceId,
      lines: [urlLine(1, 'http://a.test/')],
      position: { byteOffset: 1, line: 1 },
      last: true,
    });
    const killed = join(folder.path, 'killed.db');
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, killed + suffix);
    for (const path of [file, killed]) {
      const beside = openReader(path);
      expect(beside.books().urls.queued).toBe(1);
      expect(beside.findUrl('http://a.test/')).toMatchObject({ state: 'queued' });
      expect(beside.verify()).toEqual([]);
      beside.close();
    }
    await store.close('finished', null);
  });
});
