/** The end of a run: everything into the one file, and back to a journal mode in which that file needs no companions. */
import type { Database } from 'better-sqlite3';
import { isBusy } from './store-failure.ts';

/** How long the end of a run waits for readers (ms): they are asked for, not waited out. */
const READER_PATIENCE_MS = 1_000;

/**
 * Moves the WAL into the file and leaves WAL mode, so that the file can be copied, mailed, and opened from a read-only
 * folder. Returns false where another process reads it: then `-wal` belongs to the file.
 */
export function closeDatabase(db: Database): boolean {
  try {
    db.pragma(`busy_timeout = ${READER_PATIENCE_MS}`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    return db.pragma('journal_mode = DELETE', { simple: true }) === 'delete';
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
