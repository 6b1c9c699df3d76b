import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packResult, type ResultsMessage } from '../../../src/model/packed-pages.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import type { StoreError } from '../../../src/model/errors.ts';
import type { Lease } from '../../../src/model/lease.ts';
import { packLinks } from '../../../src/model/packed-links.ts';
import type { BodyEncoding, PageLink } from '../../../src/model/page.ts';
import type { CommitAck, Store, StoreOptions } from '../../../src/model/ports.ts';
import { openStore } from '../../../src/store/client.ts';
import { openReader } from '../../../src/store/reader.ts';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import {
  fileSource,
  pageBody,
  refusal,
  resultOf,
  storeOptions,
  temporaryFolder,
  urlBatch,
} from '../../support/store-fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

async function leasesOf(store: Store, count: number): Promise<Lease[]> {
  const { sourceId } = await store.openSource(fileSource(), false);
  await store.enqueue(
    urlBatch(
      sourceId,
      Array.from({ length: count }, (_, i) => `http://a.test/${i}`),
    ),
  );
  const { leases } = await store.claim({ refill: [], newHosts: 1, perNewHost: count, max: count });
  return [...leases];
}

function open(options: Partial<StoreOptions> = {}): ReturnType<typeof openSqliteStore> {
  return openSqliteStore(storeOptions(folder.file, options));
}

function rows(sql: string, ...values: string[]): unknown[] {
  const db = new SqliteDatabase(folder.file, { readonly: true });
  try {
    return db
      .prepare<string[]>(sql)
      .raw()
      .all(...values);
  } finally {
    db.close();
  }
}

function link(to: string, n = 1): PageLink {
  return { to, anchor: `to ${to}`, rel: null, n };
}

describe('one commit', () => {
  it('stores the same body once, whatever URLs answered it', async () => {
    const store = open();
    const [one, two, three] = (await leasesOf(store, 3)) as [Lease, Lease, Lease];
    await store.commit([resultOf(one, { body: 'same' }), resultOf(two, { body: 'same' })]);
    await store.commit([resultOf(three, { body: 'same' })]);
    await store.close('finished', null);
    expect(rows('SELECT count(*) FROM body')).toEqual([[1]]);
    expect(rows('SELECT url, same_as, bytes FROM duplicates')).toEqual([
      ['http://a.test/1', 'http://a.test/0', 4],
      ['http://a.test/2', 'http://a.test/0', 4],
    ]);
  });

  it('replaces page, links and items by those of a new answer, and keeps every attempt', async () => {
    const store = open();
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    const failed = { state: 'queued', reason: 'http-5xx', notBefore: 1 } as const;
    const item = { dataset: 'prices', fields: { price: '1' } };
    await store.commit([
      resultOf(lease, {
        settlement: failed,
        attempt: { status: 503, errorClass: 'http-5xx' },
        body: 'busy',
        page: {
          title: 'Busy',
          links: packLinks([link('http://x.test/1'), link('http://x.test/2')]),
          linksTotal: 2,
          items: [item],
        },
      }),
      resultOf(
        { ...lease, attempt: 2 },
        { body: 'fine', page: { title: 'Fine', links: packLinks([link('http://x.test/3', 4)]), linksTotal: 1 } },
      ),
    ]);
    await store.close('finished', null);
    expect(rows('SELECT title, text, status, links_total, attempts FROM pages')).toEqual([
      ['Fine', 'hello', 200, 1, 2],
    ]);
    expect(rows('SELECT "from", "to", anchor, rel, n FROM links')).toEqual([
      ['http://a.test/0', 'http://x.test/3', 'to http://x.test/3', null, 4],
    ]);
    expect(rows('SELECT count(*) FROM items')).toEqual([[0]]);
    expect(rows('SELECT attempt, status, error_class FROM errors')).toEqual([[1, 503, 'http-5xx']]);
  });

  it('leaves the page of an earlier answer when a later attempt gets none', async () => {
    const store = open();
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    const failed = { state: 'queued', reason: 'http-5xx', notBefore: 1 } as const;
    await store.commit([resultOf(lease, { settlement: failed, attempt: { status: 503 }, body: 'busy' })]);
    await store.commit([refusal({ ...lease, attempt: 2 }, { state: 'failed', reason: 'connect-refused' })]);
    await store.close('finished', null);
    expect(rows('SELECT status, state, attempts FROM pages')).toEqual([[503, 'failed', 2]]);
  });

  it('takes the page of an earlier answer away when nothing of a later one can be kept', async () => {
    const store = open();
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    const failed = { state: 'queued', reason: 'http-5xx', notBefore: 1 } as const;
    const page = { links: packLinks([link('http://x.test/')]), items: [{ dataset: 'd', fields: {} }] };
    await store.commit([resultOf(lease, { settlement: failed, attempt: { status: 503 }, body: 'busy', page })]);
    const cut = resultOf(
      { ...lease, attempt: 2 },
      {
        settlement: { state: 'failed', reason: 'decode' },
        attempt: { status: 200, errorClass: 'decode' },
        body: null,
        page: null,
      },
    );
    await store.commit([cut]);
    await store.close('finished', null);
    for (const view of ['pages', 'links', 'items']) expect(rows(`SELECT * FROM ${view}`), view).toEqual([]);
    expect(rows('SELECT attempt, status, error_class FROM errors')).toEqual([[2, 200, 'decode']]);
  });

  it('keeps links in order over many pages', async () => {
    const store = open();
    const leases = await leasesOf(store, 5);
    await store.commit(
      leases.map((lease) => {
        const links = Array.from({ length: 30 }, (_, i) => link(`${lease.url}/${i}`));
        return resultOf(lease, { page: { links: packLinks(links), linksTotal: 30 } });
      }),
    );
    await store.close('finished', null);
    const expected = leases.flatMap(({ url }) => Array.from({ length: 30 }, (_, i) => [url, `${url}/${i}`]));
    expect(rows('SELECT "from", "to" FROM links')).toEqual(expected);
  });

  it('stores bodies, texts and links of megabytes, and frees what it was given', async () => {
    const store = open();
    const [one, two, three] = (await leasesOf(store, 3)) as [Lease, Lease, Lease];
    const text = 'Größe '.repeat(200_000);
    const anchor = 'ü'.repeat(200);
    const links = Array.from({ length: 6_000 }, (_, n) => ({ to: `http://x.test/${n}`, anchor, rel: null, n: 1 }));
    const large = (lease: Lease, content: string) =>
      resultOf(lease, {
        body: content,
        page: { text: Buffer.from(content), links: packLinks(links, 6_000 * 220), linksTotal: 6_000 },
      });
    // The second one has a body that is stored already.
    const results = [large(one, text), large(two, text), resultOf(three, { body: 'small' })];
    await store.commit(results);
    await store.close('finished', null);
    const [first, second, small] = results.map(({ body, page }) => [body!.bytes!.length, page!.text!.length]);
    expect([first, second, small]).toEqual([
      [0, 0],
      [0, 0],
      [5, 5],
    ]);
    expect(rows('SELECT typeof(text), text = ? FROM page_text ORDER BY page_id', text)).toEqual([
      ['text', 1],
      ['text', 1],
      ['text', 0],
    ]);
    expect(rows('SELECT typeof(content), CAST(content AS TEXT) = ? FROM content', text)).toEqual([
      ['blob', 1],
      ['blob', 0],
    ]);
    expect(rows('SELECT count(*), min(anchor) = ?, max(anchor) = ? FROM links', anchor, anchor)).toEqual([
      [12_000, 1, 1],
    ]);
    expect(rows('SELECT typeof(links) FROM page_link')).toEqual([['text'], ['text']]);
  });

  it('is all or nothing: one bad result undoes its batch, and the store takes no more', async () => {
    const store = open();
    const [one, two] = (await leasesOf(store, 2)) as [Lease, Lease];
    const bad = { ...pageBody('x'), encoding: 'morse' as BodyEncoding };
    await expect(store.commit([resultOf(one), resultOf(two, { body: bad })])).rejects.toMatchObject({
      code: 'ERR_STORE',
    });
    await expect(store.progress()).rejects.toMatchObject({ code: 'ERR_STORE' });
    await store.close('failed', 'storage');
    const reader = openReader(folder.file);
    expect(reader.books().urls).toMatchObject({ queued: 2, done: 0 });
    expect(reader.verify()).toEqual([]);
    reader.close();
  });

  it('keeps sizes and digests only, until a run stores bodies', async () => {
    const failed = { state: 'failed', reason: 'http-4xx' } as const;
    let store = open({ bodies: 'none' });
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    await store.commit([resultOf(lease, { body: 'secret', settlement: failed, attempt: { status: 404 } })]);
    expect(await store.readBody(lease.id)).toBeNull();
    await store.close('finished', null);
    expect(rows('SELECT bytes, length(sha256) FROM pages')).toEqual([[6, 64]]);
    store = open();
    await store.requeue({});
    await store.commit([resultOf({ ...lease, attempt: 2 }, { body: 'secret' })]);
    expect(Buffer.from((await store.readBody(lease.id))?.bytes ?? []).toString()).toBe('secret');
    await store.close('finished', null);
    const reader = openReader(folder.file);
    expect(reader.verify()).toEqual([]);
    reader.close();
  });

  it('shows bodies in plain SQLite when they are stored plain', async () => {
    const store = open({ bodies: 'plain' });
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    await store.commit([resultOf(lease, { body: 'plain text' })]);
    await store.close('finished', null);
    expect(rows('SELECT url, content_type, bytes, CAST(content AS TEXT) FROM contents')).toEqual([
      ['http://a.test/0', 'text/html', 10, 'plain text'],
    ]);
  });

  it('hands a parked host out when its retry falls due', async () => {
    const clock = new ManualClock();
    const store = openSqliteStore(storeOptions(folder.file), { clock });
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    const notBefore = clock.wallTime() + 1_000;
    await store.commit([refusal(lease, { state: 'queued', reason: 'reset', notBefore })]);
    const request = { refill: [], newHosts: 1, perNewHost: 1, max: 1 };
    clock.advance(999);
    expect((await store.claim(request)).leases).toEqual([]);
    clock.advance(1);
    expect((await store.claim(request)).leases).toMatchObject([{ attempt: 2 }]);
    await store.close('finished', null);
  });
});

describe('the store thread', () => {
  it('commits what parser threads post on their ports', async () => {
    const acks: CommitAck[] = [];
    const acked = Promise.withResolvers<void>();
    const store = await openStore(storeOptions(folder.file), {
      onAck: (ack) => {
        acks.push(ack);
        acked.resolve();
      },
      onFailure: (error) => acked.reject(error),
    });
    const leases = await leasesOf(store, 2);
    const results = leases.map((lease) => packResult(resultOf(lease)));
    store.resultPort().postMessage({ type: 'results', results } satisfies ResultsMessage);
    await acked.promise;
    expect(acks[0]).toMatchObject({ urlIds: leases.map(({ id }) => id), rows: 2, urls: { done: 2 } });
    expect(store.utilization()).toBeGreaterThan(0);
    await store.close('finished', null);
  });

  it('reports a failure once, rejects what follows, and keeps what was committed', async () => {
    const failures: StoreError[] = [];
    const store = await openStore(storeOptions(folder.file), {
      onAck: () => undefined,
      onFailure: (error) => failures.push(error),
    });
    const [one, two] = (await leasesOf(store, 2)) as [Lease, Lease];
    await store.commit([resultOf(one)]);
    const bad = resultOf(two, { body: { ...pageBody('x'), encoding: 'morse' as BodyEncoding } });
    await expect(store.commit([bad])).rejects.toMatchObject({ code: 'ERR_STORE' });
    await expect(store.commit([resultOf(two)])).rejects.toMatchObject({ code: 'ERR_STORE' });
    await expect(store.progress()).rejects.toMatchObject({ code: 'ERR_STORE' });
    expect(failures).toHaveLength(1);
    expect(await store.close('failed', 'storage')).toEqual({ portable: false });
    const reader = openReader(folder.file);
    expect(reader.books().urls).toMatchObject({ done: 1, queued: 1 });
    reader.close();
  });

  it('waits for another program that holds the file, and loses nothing', async () => {
    const store = await openStore(storeOptions(folder.file), {
      onAck: () => undefined,
      onFailure: (error) => expect.fail(error.message),
    });
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    const other = new SqliteDatabase(folder.file);
    other.exec('BEGIN IMMEDIATE');
    const committed = store.commit([resultOf(lease)]);
    const released = new Promise<void>((resolve) => setTimeout(() => resolve(void other.exec('ROLLBACK')), 20));
    await Promise.all([committed, released]);
    expect((await store.progress()).urls.done).toBe(1);
    other.close();
    await store.close('finished', null);
  });

  it('ends although a reader keeps the file open, and says that the WAL belongs to it', async () => {
    const store = open();
    const [lease] = (await leasesOf(store, 1)) as [Lease];
    await store.commit([resultOf(lease)]);
    const reader = new SqliteDatabase(folder.file, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM url').get();
    expect(await store.close('finished', null)).toEqual({ portable: false });
    reader.close();
  });
});
