/**
 * Keeps the WAL short beside readers. SQLite's own checkpoints never wait, so a WAL that is never without a reader (two dashboards whose short
 * reads overlap are enough) is never begun anew: it grew to twice the database. Past the limit the store therefore waits a moment for the
 * reads that go on; new ones read the file alone meanwhile. Only a single long read outlasts that: then the WAL grows, and it is said.
 *
 * In: the writing connection, after each commit. The wait blocks the store's thread, at most once every 64 MB.
 */
import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { BUSY_TIMEOUT_MS, WAL_SIZE_LIMIT_BYTES } from './open-database.ts';

/** Readers of this program let go within a second. */
const READER_PATIENCE_MS = 1_500;

export interface WalLimitOptions {
  readonly file: string;
  /** Told the size of the WAL when a reader keeps it from being emptied. */
  readonly onHeld: (walBytes: number) => void;
  readonly limitBytes?: number;
  readonly patienceMs?: number;
}

export class WalLimit {
  readonly #db: Database;
  readonly #options: WalLimitOptions;
  readonly #limit: number;
  readonly #patienceMs: number;
  /** Size at which to try next. */
  #nextAt: number;

  constructor(db: Database, options: WalLimitOptions) {
    this.#db = db;
    this.#options = options;
    this.#limit = options.limitBytes ?? WAL_SIZE_LIMIT_BYTES;
    this.#patienceMs = options.patienceMs ?? READER_PATIENCE_MS;
    this.#nextAt = this.#limit;
  }

  /** Not within a transaction. */
  keep(): void {
    const { file, onHeld } = this.#options;
    const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.#nextAt) return;
    const isEmpty = this.#empty();
    this.#nextAt = isEmpty ? this.#limit : size + this.#limit;
    if (!isEmpty) onHeld(size);
  }

  #empty(): boolean {
    this.#db.pragma(`busy_timeout = ${this.#patienceMs}`);
    try {
      const [row] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      return row?.busy === 0;
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }
}
