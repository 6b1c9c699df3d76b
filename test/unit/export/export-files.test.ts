import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { exportFiles, type ExportFilesOptions, type SavedPage } from '../../../src/export/export-files.ts';
import { NameTemplate } from '../../../src/export/name-template.ts';
import { OutputFolder } from '../../../src/export/output-folder.ts';
import { openReader, type StoreReader } from '../../../src/store/reader.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/store/sqlite-store.ts';
import { fileSource, resultOf, storeOptions, temporaryFolder, urlBatch } from '../../support/store-fixtures.ts';

/** More than two reads take. */
const PAGES = 230;

let scratch: ReturnType<typeof temporaryFolder>;
let store: SqliteStore;
let reader: StoreReader;

/** Fetches `urls` into the store, as a run does. */
async function crawled(urls: readonly string[], name: string): Promise<void> {
  const { sourceId } = await store.openSource(fileSource(name), false);
  await store.enqueue(urlBatch(sourceId, urls));
  const { leases } = await store.claim({ refill: [], newHosts: 1_000, perNewHost: 1_000, max: 1_000 });
  await store.commit(leases.map((lease) => resultOf(lease, { body: `body of ${lease.url}` })));
}

beforeAll(async () => {
  scratch = temporaryFolder();
  store = openSqliteStore(storeOptions(scratch.file));
  await crawled(
    Array.from({ length: PAGES }, (_, n) => `http://h${n % 3}.test/${n}`),
    'first',
  );
  reader = openReader(scratch.file);
});

afterAll(async () => {
  reader.close();
  await store.close('finished', null);
  scratch.remove();
});

function optionsInto(name: string, onSaved: (page: SavedPage) => void): ExportFilesOptions {
  return {
    template: new NameTemplate('{id}'),
    withColumns: true,
    folder: new OutputFolder(join(scratch.path, name), { force: false, protectedFiles: [] }),
    isWanted: ({ state }) => state === 'done',
    onSaved,
    onProgress: async () => await Promise.resolve(),
  };
}

test('every page is written once, beyond what one read gives', async () => {
  const saved: SavedPage[] = [];
  const counts = await exportFiles(
    reader,
    optionsInto('all', (page) => saved.push(page)),
  );
  expect(counts).toMatchObject({ pages: PAGES, written: PAGES, numbered: 0, withoutBody: 0 });
  expect(new Set(saved.map(({ url }) => url)).size).toBe(PAGES);
  for (const { url, file } of saved) {
    expect(readFileSync(join(scratch.path, 'all', file), 'utf8')).toBe(`body of ${url}`);
  }
});

test('holds no read open from page to page: the WAL of a running crawl can be emptied at any moment', async () => {
  const crawl = new SqliteDatabase(scratch.file);
  const busy = new Set<unknown>();
  try {
    expect(existsSync(`${scratch.file}-wal`)).toBe(true);
    const counts = await exportFiles(
      reader,
      optionsInto('beside', () => {
        crawl.exec("UPDATE run SET reason = coalesce(reason, '') || 'x'");
        busy.add((crawl.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[])[0]?.busy);
      }),
    );
    expect(counts.written).toBe(PAGES);
    expect([...busy]).toEqual([0]);
  } finally {
    crawl.close();
  }
});

test('ends although a crawl adds pages all the time: it exports those that were there at its start', async () => {
  let added = 0;
  const options = optionsInto('growing', () => undefined);
  const counts = await exportFiles(reader, {
    ...options,
    onProgress: async () => {
      added++;
      await crawled([`http://new.test/${added}`], `list ${added}`);
    },
  });
  expect(added).toBeGreaterThan(5);
  expect(counts.written).toBe(PAGES);
  expect(readdirSync(join(scratch.path, 'growing'))).toHaveLength(PAGES);
});
