/**
 * Host names to ids and back. The names asked for last stay in memory (`host-names.ts`); the rest goes through the hash
 * index, at ten times the cost. Ids run from 1, without a gap but where hosts were merged: the memory of ready hosts uses
 * them as array indexes.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { HostNote } from '../model/attempt.ts';
import { HashIndex } from './hash-index.ts';
import { HostBackoff } from './host-backoff.ts';
import { HostNames } from './host-names.ts';
import { mergeDottedHosts } from './merge-dotted-hosts.ts';

const MERGE_PORTION = 32_768;

export class HostTable {
  readonly #hash: (name: string) => number;
  readonly #index: HashIndex<string>;
  readonly #insert: Statement<[string]>;
  readonly #selectName: Statement<[number], string>;
  readonly #raisePause: Statement<[number, number]>;
  readonly #names = new HostNames();
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
    const hash = this.#hash(name);
    const named = this.#names.idOf(name, hash);
    if (named !== null) return named;
    const id = this.#indexedIdOf(name, hash);
    this.#names.remember(name, hash, id);
    return id;
  }

  #indexedIdOf(name: string, hash: number): number {
    const known = this.#index.find(hash, name);
    if (known !== null) return known;
    const id = Number(this.#insert.run(name).lastInsertRowid);
    this.#count = id;
    this.#index.add(hash, id);
    return id;
  }

  /** The host's id; `null` for one that is not known. */
  find(name: string): number | null {
    const hash = this.#hash(name);
    return this.#names.idOf(name, hash) ?? this.#index.find(hash, name);
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
