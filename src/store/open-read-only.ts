/**
 * Opens a database for reading: one that a running crawl writes, one that a kill left behind with its WAL, one in a folder
 * that cannot be written. Nothing in the file is changed.
 */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { StoreError } from '../model/errors.ts';
import { assertReadable } from './migrations.ts';
import { realFile } from './real-file.ts';
import { codeOf, toStoreError } from './store-failure.ts';

const READER_BUSY_TIMEOUT_MS = 5_000;
const READER_CACHE_KIB = 8_000;

/** @throws {StoreError} `ERR_NOT_FOUND` where there is no file; otherwise not a Weir database, newer, or damaged. */
export function openReadOnly(name: string): Database {
  const file = realFile(name);
  if (!existsSync(file)) {
    throw new StoreError(`there is no database ${file}; crawl --urls LIST makes one, --db FILE names one`, {
      code: 'ERR_NOT_FOUND',
    });
  }
  try {
    return openChecked(file, file);
  } catch (error) {
    // In WAL mode even a reader needs to make `-shm`. Without a WAL nothing can change behind our back: read the file alone.
    const unwritable = /^SQLITE_(CANTOPEN|READONLY)/.test(codeOf(error));
    if (!unwritable || existsSync(`${file}-wal`)) throw toStoreError(error, file);
    try {
      return openChecked(`${pathToFileURL(file).href}?immutable=1`, file);
    } catch (second) {
      throw toStoreError(second, file);
    }
  }
}

function openChecked(name: string, file: string): Database {
  const db = new SqliteDatabase(name, { readonly: true, timeout: READER_BUSY_TIMEOUT_MS });
  try {
    assertReadable(db, file);
    db.pragma(`cache_size = -${READER_CACHE_KIB}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
