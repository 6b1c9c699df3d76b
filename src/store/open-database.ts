/**
 * Opens the one connection that writes: makes the folder, refuses what is not ours, sets the pragmas, migrates.
 * The caller holds the run lock and closes the connection.
 */
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { StoreError } from '../model/errors.ts';
import { identify, migrate } from './migrations.ts';
import { isBusy, toStoreError } from './store-failure.ts';
import { refuseCutShort, sizeOf } from './whole-file.ts';

/** How long one statement waits for another program's lock before the store itself starts to wait and retry (ms). */
export const BUSY_TIMEOUT_MS = 5_000;
const BUSY_RETRY_MS = 50;

/** Measured (`test/bench/store.bench.ts`): with 16 KiB pages a row with its body costs less than half of what 4 KiB pages take. */
const PAGE_SIZE = 16_384;
/** Upper bound of the page cache, in KiB: memory must not grow with the file. As much as a batch; 12,000 were no faster, up to 2 million rows. */
const CACHE_KIB = 8_000;
/**
 * 512 pages of 16 KiB = 8 MiB: from there on each commit tries a passive checkpoint. On a disk one of 32 MiB holds the store for
 * 70 to 100 ms, and fetching nearly stops meanwhile. With 8 MiB 10,000 pages on a disk took 4 % less time, beside all faults 17 %;
 * on tmpfs there is no difference.
 */
const WAL_AUTOCHECKPOINT_PAGES = 512;
export const WAL_SIZE_LIMIT_BYTES: number = 64 * 1024 * 1024;

/** See `config/output-name.ts`. */
const DEFAULT_FOLDER = 'data';

export interface OpenedDatabase {
  readonly db: Database;
  /** False when this call made the database. */
  readonly existed: boolean;
  /** Copy of the file as it was before its schema was brought up to date; `null` where it was up to date. */
  readonly backup: string | null;
}

/**
 * The file's folder has to exist: a missing one is a slip of the pen or a disk that is not mounted, and a crawl must not
 * fill another disk for it. Only `data`, where runs go by default, is made. @throws {StoreError}
 */
export function ensureFolder(file: string): void {
  const folder = dirname(file);
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true) {
      const isMade = basename(folder) === DEFAULT_FOLDER && existsSync(dirname(folder));
      if (found === undefined && !isMade) {
        throw new StoreError(`the folder ${folder} does not exist; make it, or name another file with -o`);
      }
      mkdirSync(folder);
    }
  } catch (error) {
    throw toStoreError(error, file);
  }
}

/** @throws {StoreError} when the file is not ours, newer, damaged, or cannot be written. */
export function openDatabase(file: string, options: { durable: boolean; fresh: boolean }): OpenedDatabase {
  refuseLoneWal(file);
  if (options.fresh) removeOld(file);
  let db: Database | undefined;
  try {
    refuseCutShort(file);
    db = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT_MS });
    const kind = identify(db);
    // The page size can only be set while the file is empty, and before it becomes a WAL database.
    if (kind === 'empty') db.pragma(`page_size = ${PAGE_SIZE}`);
    if (kind === 'foreign') {
      throw new StoreError(
        `${file} is a database of another program; it has been left as it is. Name another file with -o`,
      );
    }
    const backup = migrateUnderPragmas(db, file, options.durable);
    return { db, existed: kind === 'weir', backup };
  } catch (error) {
    db?.close();
    throw toStoreError(error, file);
  }
}

/** Commits that were never moved into a file that is now gone: SQLite would make a new file and delete them. */
function refuseLoneWal(file: string): void {
  const wal = `${file}-wal`;
  if (sizeOf(file) > 0 || sizeOf(wal) === 0) return;
  throw new StoreError(
    `${wal} holds pages of a database, but ${file} is missing or empty; both have been left as they are. ` +
      `Put ${file} back beside it, move ${wal} away, or name another file with -o`,
  );
}

function migrateUnderPragmas(db: Database, file: string, durable: boolean): string | null {
  // Refuses a newer file before the journal mode, which is a write, touches it.
  const backup = identify(db) === 'weir' ? migrate(db, file) : null;
  waitWhileBusy(() => db.pragma('journal_mode = WAL'));
  db.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma('mmap_size = 0');
  db.pragma(`wal_autocheckpoint = ${WAL_AUTOCHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`);
  // Declared, but not checked at each insert: the writer makes parents and children in one transaction, and looking each
  // parent up again costs about a fifth of a commit. `crawl verify` runs foreign_key_check.
  db.pragma('foreign_keys = OFF');
  migrate(db, file);
  return backup;
}

/** For statements to which SQLite's own busy timeout does not apply: changing the journal mode is one. */
function waitWhileBusy(work: () => void): void {
  const until = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS);
  }
}

/** `--fresh`: removes a Weir database; anything else is left alone. */
function removeOld(file: string): void {
  if (!existsSync(file)) return;
  let old: Database | undefined;
  try {
    old = new SqliteDatabase(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    const kind = identify(old);
    if (kind === 'foreign') {
      throw new StoreError(`${file} is a database of another program and is not removed. Name another file with -o`);
    }
  } catch (error) {
    throw toStoreError(error, file);
  } finally {
    old?.close();
  }
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}
