/**
 * Finds a row by value without a UNIQUE index on the value: hash → candidate ids, and the caller compares the value itself.
 *
 *     find ──► seen before? ──no──► null          in memory: `seen-filter.ts`
 *                  │ perhaps
 *                  ▼
 *              newest pairs, then the `*_hash` table ──► candidates, compared by value
 *
 * A hash lands anywhere in a b-tree, so inserting one row at a time would rewrite a 16 KiB page an insert, over and over,
 * through the WAL. Instead the newest pairs wait in memory and move to the table one range of hashes after another
 * (`newest-hashes.ts`). How many wait grows with the table, so that a page is written for several pairs at any size
 * (measured in `test/bench/scale.ts`).
 *
 * `up_to` commits with each move: all rows up to it are in the table, of the later ones some. After a crash the later rows
 * are simply read again, and a pair that is there already is inserted once. Ids must be given in ascending order. Everything
 * here runs inside the caller's transaction.
 */
import type { Database, Statement } from 'better-sqlite3';
import { NewestHashes } from './newest-hashes.ts';
import { SeenFilter } from './seen-filter.ts';

/** Pairs that wait are a 32nd of the table at most: 0.4 bytes a row. A crash leaves twice as many rows to be read again. */
const WAITING_SHARE = 32;
const MOST_WAITING = 131_072;
/** While the filter of an older file is being filled: pairs read, after so many added. */
const FILL_PAIRS = 4_096;
const FILL_EVERY = 256;

export interface HashIndexOptions<Key> {
  readonly name: 'url' | 'host' | 'body';
  /** Hashes are below 2^hashBits. */
  readonly hashBits: number;
  /** Newest rows kept in memory, at least. */
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
  readonly #fill: Statement<[number, number], number>;
  readonly #newest: NewestHashes;
  readonly #filter: SeenFilter;
  /** The filter knows the hashes in the table up to this one; of greater ones it knows only those added since. */
  #filteredTo: number;
  #lastId: number;

  constructor(db: Database, options: HashIndexOptions<Key>) {
    const { name } = options;
    this.#portion = options.portion;
    this.#matches = options.matches;
    this.#select = db.prepare<[number], number>(`SELECT id FROM ${name}_hash WHERE hash = ?`).pluck();
    this.#insert = db.prepare(`INSERT OR IGNORE INTO ${name}_hash (hash, id) VALUES (?, ?)`);
    this.#mark = db.prepare(`UPDATE lookup SET up_to = ? WHERE name = '${name}'`);
    this.#fill = db
      .prepare<[number, number], number>(`SELECT hash FROM ${name}_hash WHERE hash > ? ORDER BY hash LIMIT ?`)
      .pluck();
    this.#newest = new NewestHashes(options.hashBits);
    const upTo = db.prepare<[string], number>('SELECT up_to FROM lookup WHERE name = ?').pluck().get(name) ?? 0;
    this.#lastId = upTo;
    this.#filter = new SeenFilter(upTo);
    this.#filteredTo = this.#fill.get(-1, 1) === undefined ? Infinity : -1;
    for (const [id, hash] of options.unmerged(upTo)) this.#remember(hash, id);
  }

  /** The id of the row that holds `key`, or `null`. */
  find(hash: number, key: Key): number | null {
    if (hash <= this.#filteredTo && !this.#filter.mayHave(hash)) return null;
    for (const id of this.#newest.idsOf(hash)) if (this.#matches(id, key)) return id;
    for (const id of this.#select.all(hash)) if (this.#matches(id, key)) return id;
    return null;
  }

  /** Adds the newest row; moves a range of hashes to the table when enough have gathered. */
  add(hash: number, id: number): void {
    this.#remember(hash, id);
    const most = Math.max(this.#portion, Math.min(MOST_WAITING, id / WAITING_SHARE));
    if (this.#newest.size >= most) {
      this.#move();
      this.#markMoved();
    }
    if (this.#filteredTo !== Infinity && id % FILL_EVERY === 0) this.#fillFilter();
  }

  /** Moves all there is to the table: at the end of a run, so that the file is complete. */
  merge(): void {
    if (this.#newest.size === 0) return;
    while (this.#newest.size > 0) this.#move();
    this.#markMoved();
  }

  #move(): void {
    this.#newest.take((hash, id) => this.#insert.run(hash, id));
  }

  #markMoved(): void {
    this.#mark.run((this.#newest.oldest ?? this.#lastId + 1) - 1);
  }

  #remember(hash: number, id: number): void {
    this.#newest.add(hash, id);
    this.#filter.add(hash);
    this.#lastId = id;
  }

  /** Only a run that adds rows needs the filter, so it is filled beside that, from where it stands. */
  #fillFilter(): void {
    const hashes = this.#fill.all(this.#filteredTo, FILL_PAIRS);
    for (const hash of hashes) this.#filter.add(hash);
    this.#filteredTo = hashes.length < FILL_PAIRS ? Infinity : (hashes.at(-1) ?? Infinity);
  }
}
