import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../../src/store/migrations.ts';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openReader } from '../../../src/store/reader.ts';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import { toStoreError } from '../../../src/store/store-failure.ts';
import { fileSource, resultOf, storeOptions, temporaryFolder, urlBatch } from '../../support/store-fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** A small sound database at `folder.file`. */
async function makeDatabase(urls = 3): Promise<void> {
  const store = openSqliteStore(storeOptions(folder.file));
  const { sourceId } = await store.openSource(fileSource(), false);
  await store.enqueue(
    urlBatch(
      sourceId,
      Array.from({ length: urls }, (_, i) => `http://a.test/${i}`),
    ),
  );
  const { leases } = await store.claim({ refill: [], newHosts: 1, perNewHost: urls, max: urls });
  await store.commit(leases.map((lease) => resultOf(lease, { body: lease.url.repeat(500) })));
  await store.close('finished', null);
}

/** What stands in a file that was cut to `size`, and what opening it says; the file must not be touched. */
async function afterCut(size: (whole: number) => number): Promise<unknown> {
  await makeDatabase(200);
  truncateSync(folder.file, size(readFileSync(folder.file).length));
  const before = readFileSync(folder.file);
  const error = openingError();
  expect(readFileSync(folder.file).equals(before)).toBe(true);
  return error;
}

describe('a file that was cut short', () => {
  it.each([
    ['one byte', (whole: number) => whole - 1],
    ['nearly a page', (whole: number) => whole - 16_383],
    ['a page', (whole: number) => whole - 16_384],
    ['half', (whole: number) => Math.floor(whole / 2)],
  ])('is refused: %s', async (_name, size) => {
    expect(await afterCut(size)).toMatchObject({
      code: 'ERR_STORE',
      message: expect.stringMatching(/is damaged.*cut short/) as unknown,
    });
  });

  it.each([1, 99])('is no database when only %d bytes are left', async (bytes) => {
    const message = expect.stringContaining('is not a SQLite database') as unknown;
    expect(await afterCut(() => bytes)).toMatchObject({ message });
  });
});

function openingError(fresh = false): unknown {
  try {
    openSqliteStore(storeOptions(folder.file, { fresh }));
  } catch (error) {
    return error;
  }
  return expect.fail('the file was accepted');
}

describe('opening for a run', () => {
  it('makes the folder of default outputs, and no other', async () => {
    await openSqliteStore(storeOptions(join(folder.path, 'data', 'run.db'))).close('finished', null);
    expect(readdirSync(join(folder.path, 'data'))).toEqual(['run.db']);
    for (const missing of ['other', 'other/data']) {
      const file = join(folder.path, missing, 'run.db');
      expect(() => openSqliteStore(storeOptions(file))).toThrow(
        `the folder ${join(folder.path, missing)} does not exist`,
      );
    }
    expect(readdirSync(folder.path)).toEqual(['data']);
  });

  it('leaves one file behind that says what it is', async () => {
    await makeDatabase();
    expect(readdirSync(folder.path)).toEqual(['run.db']);
    const db = new SqliteDatabase(folder.file, { readonly: true });
    expect(db.pragma('application_id', { simple: true })).toBe(0x57656972);
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(db.pragma('page_size', { simple: true })).toBe(16_384);
    expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
    const comments = db.prepare(
      "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND sql NOT LIKE '%-- %'",
    );
    expect(comments.pluck().get()).toBe(0);
    db.close();
  });

  it.each([false, true])('leaves a file alone that is no database (fresh: %s)', (fresh) => {
    writeFileSync(folder.file, 'my notes, not a database\n'.repeat(100));
    const before = readFileSync(folder.file);
    expect(openingError(fresh)).toMatchObject({
      code: 'ERR_STORE',
      message: expect.stringContaining('not a SQLite database'),
    });
    expect(readFileSync(folder.file)).toEqual(before);
  });

  it.each([false, true])("leaves another program's database alone (fresh: %s)", (fresh) => {
    const other = new SqliteDatabase(folder.file);
    other.exec('CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES (1)');
    other.close();
    const before = readFileSync(folder.file);
    expect(openingError(fresh)).toMatchObject({
      code: 'ERR_STORE',
      message: expect.stringContaining('another program'),
    });
    expect(readFileSync(folder.file)).toEqual(before);
    expect(readdirSync(folder.path)).toEqual(['run.db']);
  });

  it('refuses a file of a later version and names both versions', async () => {
    await makeDatabase();
    const db = new SqliteDatabase(folder.file);
    db.pragma('user_version = 99');
    db.close();
    const before = readFileSync(folder.file);
    const message = expect.stringMatching(/schema version 99.*up to \d+\. Update weir-crawl/);
    expect(openingError()).toMatchObject({ code: 'ERR_STORE', message });
    expect(() => openReader(folder.file)).toThrow(/schema version 99/);
    expect(readFileSync(folder.file)).toEqual(before);
  });

  it('says how to rescue a truncated file, and leaves it as it is', async () => {
    await makeDatabase(50);
    truncateSync(folder.file, readFileSync(folder.file).length - 40_000);
    const before = readFileSync(folder.file);
    expect(openingError()).toMatchObject({ code: 'ERR_STORE', message: expect.stringContaining('.recover') });
    expect(() => openReader(folder.file)).toThrow(/\.recover/);
    expect(readFileSync(folder.file)).toEqual(before);
  });

  it('takes an empty file for a new one', async () => {
    writeFileSync(folder.file, '');
    expect(() => openReader(folder.file)).toThrow(/holds no run yet: run the same command again/);
    const store = openSqliteStore(storeOptions(folder.file));
    expect(store.info.existed).toBe(false);
    await store.close('finished', null);
  });

  it.each(['missing', 'empty'])('does not delete a WAL whose database is %s', (kind) => {
    if (kind === 'empty') writeFileSync(folder.file, '');
    writeFileSync(`${folder.file}-wal`, 'pages that were never moved into the file');
    for (const fresh of [false, true]) {
      expect(openingError(fresh)).toMatchObject({
        code: 'ERR_STORE',
        message: expect.stringMatching(/run\.db-wal holds pages of a database.*Put .* back/),
      });
      expect(readFileSync(`${folder.file}-wal`, 'utf8')).toMatch(/never moved/);
    }
  });

  it('says how to rescue a file of which pages are damaged, whatever reads it', async () => {
    await makeDatabase(50);
    const damaged = readFileSync(folder.file);
    damaged.fill(0x5a, 16_384, 12 * 16_384);
    writeFileSync(folder.file, damaged);
    expect(openingError()).toMatchObject({ code: 'ERR_STORE', message: expect.stringContaining('.recover') });
    const reader = openReader(folder.file);
    expect(() => reader.sources()).toThrow(/\.recover/);
    expect(() => reader.summary()).toThrow(/\.recover/);
    expect(() => [...reader.query('SELECT * FROM pages').rows]).toThrow(/\.recover/);
    expect(() => reader.verify()).toThrow(/\.recover/);
    reader.close();
    expect(readFileSync(folder.file).subarray(16_384)).toEqual(damaged.subarray(16_384));
  });

  it('refuses a folder in the place of the file', () => {
    mkdirSync(folder.file);
    expect(openingError()).toMatchObject({ code: 'ERR_STORE', message: expect.stringContaining('is a folder') });
  });

  it('refuses a pipe, which it would wait for, and a device', () => {
    execFileSync('mkfifo', [folder.file]);
    expect(openingError()).toMatchObject({ code: 'ERR_STORE', message: expect.stringContaining('a device or a pipe') });
    expect(() => openReader('/dev/null')).toThrow(/a device or a pipe/);
  });

  it('follows a link, and is one run for all names of a file', async () => {
    const link = join(folder.path, 'link.db');
    symlinkSync('run.db', link);
    const store = openSqliteStore(storeOptions(link));
    expect(openingError()).toMatchObject({ code: 'ERR_LOCKED' });
    const reader = openReader(link);
    expect(reader.lastRun()).toMatchObject({ state: 'running' });
    reader.close();
    await store.close('finished', null);
    expect(readdirSync(folder.path).toSorted()).toEqual(['link.db', 'run.db']);
  });

  it('refuses a folder that cannot be made', () => {
    writeFileSync(join(folder.path, 'file'), '');
    expect(() => openSqliteStore(storeOptions(join(folder.path, 'file', 'run.db')))).toThrow(/a file is in the way/);
  });

  it.each([
    { durable: true, synchronous: 2 },
    { durable: false, synchronous: 1 },
  ])('has each commit synced with durable, and the log at checkpoints without', ({ durable, synchronous }) => {
    const { db } = openDatabase(folder.file, { durable, fresh: false });
    // FULL is 2, NORMAL is 1 (https://sqlite.org/pragma.html#pragma_synchronous).
    expect(db.pragma('synchronous', { simple: true })).toBe(synchronous);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });

  it('is not hindered by the lock file of a killed run', async () => {
    writeFileSync(`${folder.file}.lock`, '');
    await makeDatabase();
    expect(existsSync(`${folder.file}.lock`)).toBe(false);
  });

  it('gives the lock back when opening fails', async () => {
    const clashing = storeOptions(folder.file, { datasets: [{ name: 'pages', fields: ['a'] }] });
    expect(() => openSqliteStore(clashing)).toThrow(/extract\.pages/);
    await makeDatabase();
  });
});

describe('migrations', () => {
  it('bring an older file up to date after copying it', async () => {
    await makeDatabase();
    const db = new SqliteDatabase(folder.file);
    const steps = [...MIGRATIONS, 'ALTER TABLE host ADD COLUMN robots TEXT'];
    const backup = migrate(db, folder.file, steps);
    expect(backup).toBe(`${folder.file}.v${MIGRATIONS.length}.bak`);
    expect(db.pragma('user_version', { simple: true })).toBe(steps.length);
    expect(db.prepare('SELECT name, robots FROM host').raw().all()).toEqual([['a.test', null]]);
    expect(migrate(db, folder.file, steps)).toBeNull();
    db.close();
    const reader = openReader(backup ?? '');
    expect([reader.verify(), reader.books().urls.done]).toEqual([[], 3]);
    reader.close();
  });

  it('find the hosts and ports that a file of version 1 lists', () => {
    const db = new SqliteDatabase(folder.file);
    migrate(db, folder.file, MIGRATIONS.slice(0, 1));
    db.exec(`DROP TABLE listed_port;
      INSERT INTO source (id, kind, name, keep_columns) VALUES (1, 'file', '/l', 0);
      INSERT INTO host (id, name) VALUES (1, 'a.test'), (2, '[::1]');
      INSERT INTO url (url, host_id, state, depth, priority, source_id) VALUES
        ('http://a.test/1', 1, 'done', 0, 0, 1), ('http://a.test/:9', 1, 'queued', 0, 0, 1),
        ('https://a.test:80/', 1, 'queued', 0, 0, 1), ('https://a.test/?x=:7', 1, 'queued', 0, 0, 1),
        ('http://[::1]:65535/', 2, 'failed', 0, 0, 1), ('http://a.test:8080/found', 1, 'queued', 1, 0, NULL)`);
    migrate(db, folder.file);
    expect(db.prepare('SELECT host_id, port FROM listed_port ORDER BY 1, 2').raw().all()).toEqual([
      [1, 80],
      [1, 443],
      [2, 65_535],
    ]);
    db.close();
  });

  it('keep the links of a file of version 2, page by page and in their order', () => {
    const db = new SqliteDatabase(folder.file);
    migrate(db, folder.file, MIGRATIONS.slice(0, 2));
    db.pragma('foreign_keys = OFF'); // no fetch rows
    db.exec(`INSERT INTO host (id, name) VALUES (1, 'a.test');
      INSERT INTO url (id, url, host_id, state, depth, priority) VALUES
        (1, 'http://a.test/1', 1, 'done', 0, 0), (2, 'http://a.test/2', 1, 'failed', 0, 0);
      INSERT INTO page (id, url_id) VALUES (1, 1), (2, 2);
      INSERT INTO link (id, page_id, "to", anchor, rel, n) VALUES
        (16385, 1, 'http://a.test/"\\', 'it''s "b"', 'nofollow', 3), (16384, 1, 'http://a.test/2', 'a', NULL, 1),
        (32768, 2, 'http://a.test/2', '', NULL, 2)`);
    const [links, broken] = [db.prepare('SELECT * FROM links').raw(), db.prepare('SELECT * FROM broken_links').raw()];
    const before = [links.all(), broken.all()];
    expect(before.map((rows) => rows.length)).toEqual([3, 2]);
    migrate(db, folder.file);
    expect([links.all(), broken.all()]).toEqual(before);
    db.close();
  });

  it('need not be made to read the story of a URL in a file of version 1', () => {
    const db = new SqliteDatabase(folder.file);
    migrate(db, folder.file, MIGRATIONS.slice(0, 1));
    db.exec(`DROP TABLE origin; INSERT INTO host (id, name) VALUES (1, 'a.test');
      INSERT INTO url (id, url, host_id, state, depth, priority) VALUES (1, 'http://a.test/', 1, 'failed', 0, 0);
      INSERT INTO run (id, started_at, state, argv, config, versions, pid, hostname)
        VALUES (1, 1, 'finished', '[]', '{}', '{}', 1, 'here');
      INSERT INTO fetch (url_id, attempt, run_id, started_at, total_ms, wait_ms, wire_bytes) VALUES (1, 1, 1, 1, 2, 3, 4)`);
    db.close();
    const reader = openReader(folder.file);
    expect(reader.history('http://a.test/')?.attempts).toMatchObject([{ waitMs: 3, heldMs: 0 }]);
    expect(reader.origin('http://a.test')).toBe(null);
    reader.close();
  });

  it('leave no half backup behind: a full disk would make one', async () => {
    await makeDatabase();
    const db = new SqliteDatabase(folder.file);
    mkdirSync(`${folder.file}.v${MIGRATIONS.length}.bak.part`); // nothing can be written there
    expect(() => migrate(db, folder.file, [...MIGRATIONS, 'SELECT 1'])).toThrow();
    expect(existsSync(`${folder.file}.v${MIGRATIONS.length}.bak`)).toBe(false);
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    db.close();
  });

  it('change nothing when a step fails', async () => {
    await makeDatabase();
    const db = new SqliteDatabase(folder.file);
    const steps = [...MIGRATIONS, 'CREATE TABLE extra (id INTEGER); INSERT INTO nowhere VALUES (1)'];
    expect(() => migrate(db, folder.file, steps)).toThrow(/nowhere/);
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").get()).toBeUndefined();
    db.close();
  });
});

describe('messages of storage failures', () => {
  const failure = (code: string): Error => Object.assign(new Error('as SQLite says it'), { code });

  it.each([
    ['SQLITE_FULL', 'free some space'],
    ['ENOSPC', 'free some space'],
    ['SQLITE_IOERR_FSYNC', 'check the disk'],
    ['SQLITE_IOERR_LOCK', 'a file on a local disk'],
    ['SQLITE_CORRUPT_INDEX', '.recover'],
    ['SQLITE_NOTADB', 'not a SQLite database'],
    ['SQLITE_READONLY_DIRECTORY', 'read-only'],
    ['EACCES', 'permissions'],
    ['SQLITE_CANTOPEN', 'check that the folder'],
    ['SQLITE_BUSY', 'close it there'],
  ])('%s says what to do', (code, advice) => {
    const error = toStoreError(failure(code), '/data/run.db');
    expect(error).toMatchObject({ code: 'ERR_STORE', message: expect.stringContaining(advice) });
    expect(error.message).toContain('/data/run.db');
    expect(error.message).toContain(code);
  });

  it('a defect of the program is not called a storage failure', () => {
    expect(toStoreError(new TypeError('x is not a function'), '/data/run.db')).toMatchObject({ code: 'ERR_INTERNAL' });
  });
});
