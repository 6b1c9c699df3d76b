/**
 * Finds a row by value without a UNIQUE index on the value: hash → candidate ids, and the caller compares the value itself.
 *
 * A hash lands anywhere in a b-tree, so inserting one row at a time would rewrite a 16 KiB page an insert, over and over,
 * through the WAL. Instead the newest rows wait in memory and are merged into the `*_hash` table in sorted portions,
 * which writes each page once a portion (measured in `test/bench/store.bench.ts`):
 *
 *     ids:   1 ……………………………… up_to | up_to + 1 ………… newest
 *            in the *_hash table          in memory (at most `portion`)
 *
 * `up_to` commits with the merge, so after a crash the ids beyond it are simply read from the table again. Ids must be given
 * in ascending order without gaps. Everything here runs inside the caller's transaction.
 */
import type { Database, Statement } from 'better-sqlite3';

export interface HashIndexOptions<Key> {
  readonly name: 'url' | 'host' | 'body';
  /** Newest rows kept in memory before they are merged. */
  readonly portion: number;
  /** Yields (id, hash) of all rows with a greater id, ascending: what a crash left unmerged. */
  readonly unmerged: (upTo: number) => Iterable<readonly [id: number, hash: number]>;
  /** True if the row with this id holds the key. A hash is never taken for the value. */
  readonly matches: (id: number, key: Key) => boolean;
}

export class HashIndex<Key> {
  readonly #portion: number;
  readonly #matches: (id: number, key: Key) => boolean;
  readonly #select: Statement<[number], number>;
  readonly #insert: Statement<[number, number]>;
  readonly #mark: Statement<[number]>;
  /** One id per hash, or several where hashes collide among the newest rows. */
  readonly #newest = new Map<number, number | number[]>();
  #newestCount = 0;
  #upTo: number;

  constructor(db: Database, options: HashIndexOptions<Key>) {
    const { name } = options;
    this.#portion = options.portion;
    this.#matches = options.matches;
    this.#select = db.prepare<[number], number>(`SELECT id FROM ${name}_hash WHERE hash = ?`).pluck();
    this.#insert = db.prepare(`INSERT INTO ${name}_hash (hash, id) VALUES (?, ?)`);
    this.#mark = db.prepare(`UPDATE lookup SET up_to = ? WHERE name = '${name}'`);
    this.#upTo = db.prepare<[string], number>('SELECT up_to FROM lookup WHERE name = ?').pluck().get(name) ?? 0;
    for (const [id, hash] of options.unmerged(this.#upTo)) this.#remember(hash, id);
  }

  /** The id of the row that holds `key`, or `null`. */
  find(hash: number, key: Key): number | null {
    const newest = this.#newest.get(hash);
    if (typeof newest === 'number') {
      if (this.#matches(newest, key)) return newest;
    } else if (newest !== undefined) {
      for (const id of newest) if (this.#matches(id, key)) return id;
    }
    if (this.#upTo === 0) return null;
    for (const id of this.#select.all(hash)) if (this.#matches(id, key)) return id;
    return null;
  }

  /** Adds the newest row; merges when a portion has gathered. */
  add(hash: number, id: number): void {
    this.#remember(hash, id);
    if (this.#newestCount >= this.#portion) this.merge();
  }

  /** Writes what is in memory to the table: also at the end of a run, so that the file is complete. */
  merge(): void {
    if (this.#newestCount === 0) return;
    // Typed arrays sort numbers natively; an array of pairs took six times as long.
    const hashes = Float64Array.from(this.#newest.keys()).sort();
    for (const hash of hashes) {
      const ids = this.#newest.get(hash);
      if (typeof ids === 'number') this.#insert.run(hash, ids);
      else for (const id of ids ?? []) this.#insert.run(hash, id);
    }
    this.#upTo += this.#newestCount;
    this.#mark.run(this.#upTo);
    this.#newest.clear();
    this.#newestCount = 0;
  }

  #remember(hash: number, id: number): void {
    const there = this.#newest.get(hash);
    if (there === undefined) this.#newest.set(hash, id);
    else if (typeof there === 'number') this.#newest.set(hash, [there, id]);
    else there.push(id);
    this.#newestCount++;
  }
}
