/**
 * Bodies, content-addressed: the same decoded bytes are stored once, however many URLs answered them. Found by the first
 * 48 bits of the SHA-256, compared in full.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { BodyEncoding, PageBody } from '../model/page.ts';
import { HashIndex } from './hash-index.ts';
import type { LargeValues } from './large-values.ts';

const MERGE_PORTION = 8_192;

export class BodyTable {
  readonly #keep: boolean;
  readonly #index: HashIndex<Uint8Array>;
  readonly #insert: Statement<[Uint8Array, number, BodyEncoding, number | null]>;
  readonly #insertContent: (id: number, content: Uint8Array) => void;
  readonly #fill: Statement<[BodyEncoding, number, number]>;
  readonly #storedBytes: Statement<[number], number | null>;

  /** @param keep false with `--bodies none`: sizes and digests only. */
  constructor(db: Database, values: LargeValues, keep: boolean) {
    this.#keep = keep;
    this.#insert = db.prepare('INSERT INTO body (sha256, bytes, encoding, stored_bytes) VALUES (?, ?, ?, ?)');
    this.#insertContent = values.insertInto({ table: 'content', id: 'body_id', column: 'content', isText: false });
    this.#fill = db.prepare('UPDATE body SET encoding = ?, stored_bytes = ? WHERE id = ?');
    this.#storedBytes = db.prepare<[number], number | null>('SELECT stored_bytes FROM body WHERE id = ?').pluck();
    const sha256 = db.prepare<[number], Buffer>('SELECT sha256 FROM body WHERE id = ?').pluck();
    const newer = db.prepare<[number], [number, Buffer]>('SELECT id, sha256 FROM body WHERE id > ? ORDER BY id').raw();
    this.#index = new HashIndex<Uint8Array>(db, {
      name: 'body',
      hashBits: 48,
      portion: MERGE_PORTION,
      matches: (id, key) => sha256.get(id)?.equals(key) ?? false,
      *unmerged(upTo) {
        for (const [id, digest] of newer.iterate(upTo)) yield [id, digestPrefix(digest)];
      },
    });
  }

  /** The id of the body, which is stored if it is new. Returns the bytes written, too: large ones are empty afterwards. */
  store(body: PageBody): { id: number; written: number } {
    const bytes = this.#keep ? body.bytes : null;
    const hash = digestPrefix(body.sha256);
    const known = this.#index.find(hash, body.sha256);
    if (known === null) {
      const stored = bytes === null ? null : bytes.byteLength;
      const id = Number(this.#insert.run(body.sha256, body.decodedBytes, body.encoding, stored).lastInsertRowid);
      if (bytes !== null) this.#insertContent(id, bytes);
      this.#index.add(hash, id);
      return { id, written: stored ?? 0 };
    }
    if (bytes === null || this.#storedBytes.get(known) !== null) return { id: known, written: 0 };
    // An earlier run kept only the digest (--bodies none).
    const written = bytes.byteLength;
    this.#fill.run(body.encoding, written, known);
    this.#insertContent(known, bytes);
    return { id: known, written };
  }

  mergeIndex(): void {
    this.#index.merge();
  }
}

/** The first 48 bits as an integer. */
export function digestPrefix(sha256: Uint8Array): number {
  let prefix = 0;
  for (let i = 0; i < 6; i++) prefix = prefix * 256 + (sha256[i] ?? 0);
  return prefix;
}
