/**
 * The identity of URLs: one row per canonical text, found by hash and compared as text. Ids run from 1 without a gap.
 */
import type { Database, Statement } from 'better-sqlite3';
import { HashIndex } from './hash-index.ts';

/** Of listed URLs: the smallest there is, so they are fetched before what is found on pages. */
export const SEED_PRIORITY = 0;

/** Kept in memory before they move to url_hash: about 1 MB. */
const MERGE_PORTION = 65_536;

export class UrlTable {
  readonly #hash: (url: string) => number;
  readonly #index: HashIndex<string>;
  readonly #insert: Statement<[string, number, number, number, number, number]>;
  readonly #sourceOf: Statement<[number], number | null>;

  constructor(db: Database, hash: (url: string) => number, portion: number = MERGE_PORTION) {
    this.#hash = hash;
    this.#insert = db.prepare(
      `INSERT INTO url (url, host_id, state, depth, priority, source_id, line) VALUES (?, ?, 'queued', ?, ?, ?, ?)`,
    );
    this.#sourceOf = db.prepare<[number], number | null>('SELECT source_id FROM url WHERE id = ?').pluck();
    const text = db.prepare<[number], string>('SELECT url FROM url WHERE id = ?').pluck();
    const newer = db.prepare<[number], [number, string]>('SELECT id, url FROM url WHERE id > ? ORDER BY id').raw();
    this.#index = new HashIndex<string>(db, {
      name: 'url',
      hashBits: 52,
      portion,
      matches: (id, url) => text.get(id) === url,
      *unmerged(upTo) {
        for (const [id, url] of newer.iterate(upTo)) yield [id, hash(url)];
      },
    });
  }

  /** The id of a URL, or `null` where it is not known. */
  find(url: string): number | null {
    return this.#index.find(this.#hash(url), url);
  }

  /** Adds a listed URL, which must not be there yet. */
  insertSeed(url: string, hostId: number, sourceId: number, line: number): number {
    const id = Number(this.#insert.run(url, hostId, 0, SEED_PRIORITY, sourceId, line).lastInsertRowid);
    this.#index.add(this.#hash(url), id);
    return id;
  }

  sourceOf(id: number): number | null {
    return this.#sourceOf.get(id) ?? null;
  }

  mergeIndex(): void {
    this.#index.merge();
  }
}
