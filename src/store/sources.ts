/**
 * Sources of URLs and the second book: per source, lines = added + known before + duplicate + rejected + blank. Each import
 * batch commits its lines together with the source's position, so an interrupted import goes on exactly where it stood.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { EnqueueRequest, OpenInfo, OpenSource } from '../model/ports.ts';
import type { SourceIdentity, SourceKind } from '../model/seed.ts';
import type { SourceBook } from '../model/url-state.ts';

/** What one batch adds to the book of its source. */
export interface SourceDelta {
  lines: number;
  added: number;
  knownBefore: number;
  duplicate: number;
  rejected: number;
  blank: number;
  bareHosts: number;
}

interface SourceRow {
  readonly id: number;
  readonly kind: SourceKind;
  readonly name: string;
  readonly fingerprint: string | null;
  readonly size_bytes: number | null;
  readonly byte_offset: number;
  readonly line: number;
  readonly complete: number;
  readonly password_line: number;
}

/** SQLite has no booleans. */
interface BookRow extends Omit<SourceBook, 'complete'> {
  readonly complete: number;
}

const SOURCE_BOOKS = `SELECT id AS sourceId, name, lines, added, known_before AS knownBefore, duplicate, rejected,
  blank, bare_hosts AS bareHosts, complete FROM source`;

export class Sources {
  readonly #db: Database;
  readonly #advance: Statement<
    [SourceDelta & { id: number; byteOffset: number; line: number; complete: number; passwordLine: number }]
  >;
  readonly #book: Statement<[number], BookRow>;

  constructor(db: Database) {
    this.#db = db;
    this.#advance = db.prepare(`UPDATE source SET lines = lines + @lines, added = added + @added,
      known_before = known_before + @knownBefore, duplicate = duplicate + @duplicate, rejected = rejected + @rejected,
      blank = blank + @blank, bare_hosts = bare_hosts + @bareHosts, byte_offset = @byteOffset, line = @line,
      complete = max(complete, @complete), password_line = max(password_line, @passwordLine) WHERE id = @id`);
    this.#book = db.prepare<[number], BookRow>(`${SOURCE_BOOKS} WHERE id = ?`);
  }

  /**
   * A list is known again by kind, name and fingerprint: an edited one is a new source, whose old URLs count as known before.
   * Stdin is never known again. Patterns, arguments and the URLs of a library call are their own name; an iterable of which
   * nothing is known (no fingerprint) is known again only until it has been read to its end.
   */
  open(identity: SourceIdentity, keepColumns: boolean): OpenSource {
    const known = this.#find(identity);
    if (known !== undefined) {
      return {
        sourceId: known.id,
        position: { byteOffset: known.byte_offset, line: known.line },
        complete: known.complete === 1,
      };
    }
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO source (kind, name, fingerprint, size_bytes, keep_columns) VALUES (?, ?, ?, ?, ?)')
      .run(identity.kind, identity.name, identity.fingerprint, identity.sizeBytes, keepColumns ? 1 : 0);
    return { sourceId: Number(lastInsertRowid), position: { byteOffset: 0, line: 0 }, complete: false };
  }

  list(): OpenInfo['sources'] {
    return readSources(this.#db);
  }

  advance(delta: SourceDelta, { sourceId, position, last, passwordLine = 0 }: Omit<EnqueueRequest, 'lines'>): void {
    this.#advance.run({
      ...delta,
      id: sourceId,
      byteOffset: position.byteOffset,
      line: position.line,
      complete: last ? 1 : 0,
      passwordLine,
    });
  }

  book(sourceId: number): SourceBook {
    const row = this.#book.get(sourceId);
    if (row === undefined) throw new Error(`there is no source ${sourceId}`);
    return toBook(row);
  }

  books(): SourceBook[] {
    return readBooks(this.#db);
  }

  #find(identity: SourceIdentity): SourceRow | undefined {
    if (identity.kind === 'stdin') return undefined;
    const { kind, name, fingerprint } = identity;
    const byContent = kind === 'file';
    const isUnknown = kind === 'api' && fingerprint === null;
    return this.#rows('WHERE kind = ? AND name = ?', kind, name).findLast(
      (row) => (!byContent || row.fingerprint === fingerprint) && !(isUnknown && row.complete === 1),
    );
  }

  #rows(where: string, ...values: string[]): SourceRow[] {
    return this.#db.prepare<string[], SourceRow>(`SELECT * FROM source ${where} ORDER BY id`).all(...values);
  }
}

/** Every source by its identity, in the order in which they were first read. */
export function readSources(db: Database): OpenInfo['sources'] {
  const rows = db.prepare<[], SourceRow>('SELECT * FROM source ORDER BY id').all();
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    fingerprint: row.fingerprint,
    sizeBytes: row.size_bytes,
    sourceId: row.id,
    complete: row.complete === 1,
    passwordLine: row.password_line,
  }));
}

/** The second book of every source, in the order in which they were first read. */
export function readBooks(db: Database): SourceBook[] {
  return db.prepare<[], BookRow>(`${SOURCE_BOOKS} ORDER BY id`).all().map(toBook);
}

function toBook(row: BookRow): SourceBook {
  return { ...row, complete: row.complete === 1 };
}
