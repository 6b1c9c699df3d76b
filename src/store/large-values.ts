/**
 * Writes rows of an id and a value that may be of megabytes, so that two copies of it are alive, not three.
 *
 * A value bound to a statement is copied, and copied once more into the row; what it was copied from stays for as long as the
 * statement runs. A large one is therefore asked for by the statement, through one function, and another function hears that it
 * has its copy: then the bytes given are freed, before the row is made. Should SQLite one day ask in another order, they are
 * freed after the row, and nothing else changes.
 *
 * In: ids and bytes. Bytes of a large value are empty afterwards. One of these per connection; it lives as long.
 */
import type { Database, Statement } from 'better-sqlite3';
import { release } from '../model/large-memory.ts';

/** Bytes from which on memory is given back at once, not at the next collection. */
export const LARGE = 1_000_000;

/** KiB of page cache while a large value is written: its pages pass through once, and would fill all there is. */
const LARGE_CACHE = -1_000;

interface Target {
  readonly table: string;
  readonly id: string;
  readonly column: string;
  /** The bytes are UTF-8, the column is text. */
  readonly isText: boolean;
}

export class LargeValues {
  readonly #db: Database;
  /** As the pragma gives it. */
  readonly #cacheSize: number;
  /** The value that is being written. */
  #value: Uint8Array | null = null;
  #isCopied = false;

  constructor(db: Database) {
    this.#db = db;
    this.#cacheSize = db.pragma('cache_size', { simple: true }) as number;
    db.function('weir_value', { directOnly: true }, () => {
      this.#isCopied = true;
      return this.#value;
    });
    db.function('weir_id', { directOnly: true }, (id: unknown) => {
      if (this.#isCopied && this.#value !== null) release(this.#value);
      return id;
    });
  }

  /** What writes rows of this table. */
  insertInto({ table, id, column, isText }: Target): (id: number, value: Uint8Array) => void {
    const insertOf = (idSource: string, value: string): string =>
      `INSERT INTO ${table} (${id}, ${column}) VALUES (${idSource}, ${isText ? `CAST(${value} AS TEXT)` : value})`;
    const small = this.#db.prepare<[number, Uint8Array]>(insertOf('?', '?'));
    const large = this.#db.prepare<[number]>(insertOf('weir_id(?)', 'weir_value()'));
    return (rowId, value) => {
      if (value.length < LARGE) small.run(rowId, value);
      else this.#insertLarge(large, rowId, value);
    };
  }

  #insertLarge(insert: Statement<[number]>, id: number, value: Uint8Array): void {
    this.#value = value;
    this.#isCopied = false;
    this.#db.exec(`PRAGMA cache_size = ${LARGE_CACHE}`);
    try {
      insert.run(id);
    } finally {
      this.#db.exec(`PRAGMA cache_size = ${this.#cacheSize}`);
      this.#value = null;
      release(value);
    }
  }
}
