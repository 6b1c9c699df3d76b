/**
 * Host names to ids and back. The names asked for last stay in memory, about 100 bytes each; the rest goes through the hash
 * index, at ten times the cost. Ids run from 1 without a gap: the memory of ready hosts uses them as array indexes.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { HostNote } from '../model/attempt.ts';
import { HashIndex } from './hash-index.ts';
import { HostBackoff } from './host-backoff.ts';
import { mergeDottedHosts } from './merge-dotted-hosts.ts';

/** Twice as many are remembered at most: a list of 100,000 hosts, in any order, finds each of them here. */
const NAMES_A_GENERATION = 65_536;
const MERGE_PORTION = 32_768;

export class HostTable {
  readonly #hash: (name: string) => number;
  readonly #index: HashIndex<string>;
  readonly #insert: Statement<[string]>;
  readonly #selectName: Statement<[number], string>;
  readonly #raisePause: Statement<[number, number]>;
  /** Names asked for since the last change of generations, and those of the generation before. */
  #ids = new Map<string, number>();
  #olderIds = new Map<string, number>();
  readonly backoff: HostBackoff;
  #count: number;

  constructor(db: Database, hash: (name: string) => number) {
    mergeDottedHosts(db, hash);
    this.#hash = hash;
    this.#insert = db.prepare('INSERT INTO host (name) VALUES (?)');
    this.#selectName = db.prepare<[number], string>('SELECT name FROM host WHERE id = ?').pluck();
    this.#raisePause = db.prepare('UPDATE host SET not_before = max(not_before, ?) WHERE id = ?');
    this.#count = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM host').pluck().get() ?? 0;
    this.backoff = new HostBackoff(db);
    const newer = db.prepare<[number], [number, string]>('SELECT id, name FROM host WHERE id > ? ORDER BY id').raw();
    this.#index = new HashIndex<string>(db, {
      name: 'host',
      hashBits: 52,
      portion: MERGE_PORTION,
      matches: (id, name) => this.#selectName.get(id) === name,
      *unmerged(upTo) {
        for (const [id, name] of newer.iterate(upTo)) yield [id, hash(name)];
      },
    });
  }

  get count(): number {
    return this.#count;
  }

  /** The host's id; new hosts are added. */
  idOf(name: string): number {
    const cached = this.#ids.get(name);
    if (cached !== undefined) return cached;
    const id = this.#olderIds.get(name) ?? this.#indexedIdOf(name);
    if (this.#ids.size >= NAMES_A_GENERATION) {
      this.#olderIds = this.#ids;
      this.#ids = new Map();
    }
    this.#ids.set(name, id);
    return id;
  }

  #indexedIdOf(name: string): number {
    const hash = this.#hash(name);
    const known = this.#index.find(hash, name);
    if (known !== null) return known;
    const id = Number(this.#insert.run(name).lastInsertRowid);
    this.#count = id;
    this.#index.add(hash, id);
    return id;
  }

  /** The host's id; `null` for one that is not known. */
  find(name: string): number | null {
    return this.#ids.get(name) ?? this.#olderIds.get(name) ?? this.#index.find(this.#hash(name), name);
  }

  nameOf(id: number): string {
    return this.#selectName.get(id) ?? '';
  }

  /** Records what an attempt said about a host, which may be one that only redirects lead to. */
  note(note: HostNote): void {
    const id = this.idOf(note.host);
    if (note.notBefore > 0) this.#raisePause.run(note.notBefore, id);
    this.backoff.write(id, note);
  }

  mergeIndex(): void {
    this.#index.merge();
  }
}
