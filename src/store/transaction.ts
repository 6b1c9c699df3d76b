/**
 * One write transaction: all of it or nothing. Taken with BEGIN IMMEDIATE, so that a lock of another program shows before
 * anything is done; after that no statement can meet one.
 */
import type { Database } from 'better-sqlite3';
import { isBusy } from './store-failure.ts';

/** Twelve waits of the 5 s busy timeout: after a minute the other program is not going to let go by itself. */
const BUSY_ROUNDS = 12;

/**
 * Runs `work` in a transaction and returns its result after COMMIT. `onBusy` hears of each round of waiting.
 *
 * While another program holds the file the thread waits here and takes no messages: that is the back-pressure. Results stay
 * in the pipeline's window, the fetchers run out of credits, nothing is lost.
 */
export function transact<T>(db: Database, onBusy: () => void, work: () => T): T {
  begin(db, onBusy);
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk rolls back by itself.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function begin(db: Database, onBusy: () => void): void {
  for (let round = 1; ; round++) {
    try {
      db.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || round === BUSY_ROUNDS) throw error;
      onBusy();
    }
  }
}
