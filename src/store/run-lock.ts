/**
 * One run per database: an operating-system lock that is gone at once with the process, however it ends.
 *
 * The lock is a transaction, held open for the life of the run, on a side database `FILE.lock`. BEGIN IMMEDIATE takes SQLite's
 * RESERVED lock: one process can have it, others can still read, and so learn from the `holder` row who has it. A file left
 * over from a kill holds no lock and is simply used again. A clean end removes it.
 */
import { existsSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { StoreError } from '../model/errors.ts';
import type { RunRecord } from '../model/ports.ts';
import { realFile } from './real-file.ts';
import { isBusy, toStoreError } from './store-failure.ts';

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly hostname: string;
  readonly since: string;
}

export interface RunLock {
  /** Removes the side file and lets go. Safe to call twice. */
  release(): void;
}

/** @throws {StoreError} `ERR_LOCKED` naming process, host and start of the run that has the lock. */
export function acquireRunLock(file: string, run: RunRecord, wallTime: number): RunLock {
  const path = `${file}.lock`;
  const holder: Holder = {
    token: randomUUID(),
    pid: run.pid,
    hostname: run.hostname,
    since: new Date(wallTime).toISOString(),
  };
  // Second try: another run may have removed the file between our opening and locking it (see `isOurs`).
  const lock = tryLock(path, file, holder) ?? tryLock(path, file, holder);
  if (lock === null) throw new StoreError(`${path} changes hands all the time; try again`, { code: 'ERR_LOCKED' });
  return {
    release() {
      if (!lock.open) return;
      // Removed while still locked, so that nobody can lock a file that is about to disappear.
      removeIfPossible(path);
      lock.close();
      removeIfPossible(`${path}-journal`);
    },
  };
}

/** A lock file that stays behind locks nobody out: no reason to fail a run that is over. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The next run uses it again.
  }
}

/** The connection that holds the lock; `null` when the file at `path` is no longer the one that was locked. */
function tryLock(path: string, file: string, holder: Holder): Database | null {
  let db: Database | undefined;
  try {
    db = new SqliteDatabase(path, { timeout: 200 });
    db.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (token TEXT, pid INTEGER, hostname TEXT, since TEXT)');
    db.exec('DELETE FROM holder');
    db.prepare('INSERT INTO holder VALUES (@token, @pid, @hostname, @since)').run(holder);
    db.exec('COMMIT; BEGIN IMMEDIATE');
    if (readHolder(path)?.token === holder.token) return db;
    db.close();
    return null;
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw lockedBy(file, readHolder(path));
    throw toStoreError(error, path);
  }
}

/**
 * Whether a run holds `file`; `null` where that cannot be found out, as where the lock file may not be written. Asks for the lock
 * and gives it back, which writes nothing.
 */
export function isRunLocked(file: string): boolean | null {
  const path = `${realFile(file)}.lock`;
  if (!existsSync(path)) return false;
  let db: Database | undefined;
  try {
    db = new SqliteDatabase(path, { fileMustExist: true, timeout: 0 });
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    return isBusy(error) ? true : null;
  } finally {
    db?.close();
  }
}

/** Reads over a connection of its own: the path may lead to another file than the one a held connection has open. */
function readHolder(path: string): Holder | null {
  let db: Database | undefined;
  try {
    db = new SqliteDatabase(path, { readonly: true, timeout: 1_000 });
    return db.prepare<[], Holder>('SELECT token, pid, hostname, since FROM holder').get() ?? null;
  } catch {
    // The holder is just coming or going: the caller says "another process" instead of its number.
    return null;
  } finally {
    db?.close();
  }
}

function lockedBy(file: string, holder: Holder | null): StoreError {
  // SQLite tells "no locks available", with which some network file systems refuse all of them, as a lock of somebody else.
  const text =
    holder === null
      ? `is being written by another process, or its disk refuses locks; wait for it or stop it, or name a file on a local disk with -o`
      : `is being written by process ${holder.pid} on ${holder.hostname} since ${holder.since}; wait for it or stop it`;
  return new StoreError(`${file} ${text}`, { code: 'ERR_LOCKED' });
}
