import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore, type SqliteStore } from '../../../src/store/sqlite-store.ts';
import { fileSource, resultOf, storeOptions, temporaryFolder, urlBatch } from '../../support/store-fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const opened = (): SqliteStore => openSqliteStore(storeOptions(folder.file));

/** As an earlier version wrote it: `urlBatch` names a host as its URLs do, dot and all. */
async function olderFile(urls: readonly string[]): Promise<void> {
  const store = opened();
  const { sourceId } = await store.openSource(fileSource(), false);
  await store.enqueue(urlBatch(sourceId, urls));
  const { leases } = await store.claim({ refill: [], newHosts: 9, perNewHost: 1, max: 9 });
  const retried = leases.map((lease) =>
    resultOf(lease, {
      body: null,
      attempt: { status: 503, errorClass: 'http-5xx' },
      settlement: { state: 'queued', reason: 'http-5xx', notBefore: 1 },
      hostNote: { host: lease.host, notBefore: 2, slowDown: { slots: 1, extraMs: 200 }, reason: '503', at: 1 },
    }),
  );
  await store.commit(retried);
  await store.close('stopped', null);
}

function rows(sql: string): unknown[] {
  const db = new SqliteDatabase(folder.file, { readonly: true });
  const all = db.prepare(sql).raw().all();
  db.close();
  return all;
}

it('a file of an earlier version has one host where it had two, and goes on', async () => {
  const urls = [
    'http://a.test/1',
    'http://a.test.:8080/1',
    'http://a.test.:8080/2',
    'http://b.test./1',
    'http://c.test/1',
  ];
  await olderFile(urls);
  expect(rows('SELECT host FROM hosts')).toEqual([['a.test'], ['a.test.'], ['b.test.'], ['c.test']]);

  const store = opened();
  expect(await store.isListed('a.test', 8080)).toBe(true);
  expect(await store.isListed('b.test', 80)).toBe(true);
  const { sourceId } = await store.openSource(fileSource('/lists/more.txt'), false);
  await store.enqueue({
    ...urlBatch(sourceId, []),
    lines: ['http://b.test/2', 'http://d.test/1', 'http://a.test/3'].map((url, i) => ({
      kind: 'url',
      line: i + 1,
      url,
      host: new URL(url).hostname,
      bareHost: false,
      columns: null,
    })),
  });
  const { leases } = await store.claim({ refill: [], newHosts: 9, perNewHost: 9, max: 99 });
  expect(leases.map(({ url, host }) => `${host} ${url}`).sort()).toEqual([
    'a.test http://a.test.:8080/1',
    'a.test http://a.test.:8080/2',
    'a.test http://a.test/1',
    'a.test http://a.test/3',
    'b.test http://b.test./1',
    'b.test http://b.test/2',
    'c.test http://c.test/1',
    'd.test http://d.test/1',
  ]);
  await store.commit(leases.map((lease) => resultOf(lease)));
  await store.close('finished', null);
  expect(rows('SELECT host, urls, done, not_before IS NULL, slots FROM hosts ORDER BY host')).toEqual([
    ['a.test', 4, 4, 0, 1],
    ['b.test', 2, 2, 0, 1],
    ['c.test', 1, 1, 0, 1],
    ['d.test', 1, 1, 1, null],
  ]);
  expect(rows('PRAGMA foreign_key_check')).toEqual([]);
});

it('a host whose id was given up and out again is found after a crash', async () => {
  await olderFile(['http://a.test/1', 'http://a.test./1']);
  const first = opened();
  const { sourceId } = await first.openSource(fileSource('/lists/more.txt'), false);
  await first.enqueue(urlBatch(sourceId, ['http://new.test/1']));
  // No merge of the index, as when a run is killed.
  const copy = new SqliteDatabase(folder.file, { readonly: true });
  copy.prepare('VACUUM INTO ?').run(`${folder.file}.copy`);
  copy.close();
  await first.close('stopped', null);

  const second = openSqliteStore(storeOptions(`${folder.file}.copy`));
  expect(await second.isListed('new.test', 80)).toBe(true);
  await second.close('finished', null);
});
