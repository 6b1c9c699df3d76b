/**
 * Turns what SQLite and the file system throw into a `StoreError` (exit code 5) that says which file, what happened and
 * what to do. Nothing is ever overwritten or repaired here: what is committed stays as it is.
 */
import { dirname } from 'node:path';
import { CrawlError, StoreError } from '../model/errors.ts';

/** The code of an SQLite or file-system error, or ''. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** True where another connection holds a lock that may go away by itself. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** True where SQLite cannot make sense of what it reads. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}

function advice(code: string, file: string): string {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return `no space left on the disk of ${file}. What was committed is safe: free some space and run the same command again`;
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return (
      `${file} is damaged; nothing more is written to it. Restore a copy, or rescue what can be read with ` +
      `sqlite3 ${file} .recover | sqlite3 rescued.db`
    );
  }
  if (code === 'SQLITE_NOTADB')
    return `${file} is not a SQLite database; it has been left as it is. Name another file with -o`;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return `${file} is locked by another program; close it there and run the same command again`;
  }
  if (code === 'SQLITE_READONLY_DBMOVED') {
    return (
      `${file} was moved or removed while it was being written. What was committed is in the file that was moved: ` +
      `put it back and run the same command again`
    );
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return `${file} cannot be written: the file or its folder is read-only. Check the permissions, or name another file with -o`;
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return `${file} cannot be opened; check that the folder ${dirname(file)} exists and can be written`;
  }
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return `the folder ${dirname(file)} cannot be made: a file is in the way`;
  if (/^SQLITE_(IOERR_.*LOCK|PROTOCOL)/.test(code)) {
    return `the disk of ${file} refuses locks, as some network file systems do: name a file on a local disk with -o`;
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
    return `reading or writing ${file} failed. What was committed is safe: check the disk and run the same command again`;
  }
  return `${file} cannot be used`;
}

/** Leaves errors of this project as they are and wraps everything else. */
export function toStoreError(error: unknown, file: string): CrawlError {
  if (error instanceof CrawlError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  // Errors that are neither SQLite's nor the system's are defects of this program: never dressed up as a disk problem.
  if (code === '') return new CrawlError('ERR_INTERNAL', text, { cause: error });
  return new StoreError(`${advice(code, file)} (${code}: ${text})`, { cause: error });
}
