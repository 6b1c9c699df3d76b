/**
 * `crawl query`: one reading statement of the user, with the SQL function `content(url)`.
 *
 * A function called by a running statement must not use that statement's connection, so `content` looks up over a second one.
 */
import type { Database } from 'better-sqlite3';
import { ConfigError } from '../model/errors.ts';
import type { PageContent } from './page-content.ts';
import { codeOf } from './store-failure.ts';

export interface QueryResult {
  readonly columns: readonly string[];
  /** Read while iterated. Values: text, number, Buffer for blobs, null. */
  readonly rows: Generator<unknown[]>;
}

export interface ContentSource {
  body(url: string): PageContent | null;
  close(): void;
}

export class ReaderQuery {
  readonly #db: Database;
  readonly #contents: ContentSource;

  constructor(db: Database, contents: ContentSource) {
    this.#db = db;
    this.#contents = contents;
    db.function('content', { deterministic: true }, (url: unknown) => {
      const bytes = typeof url === 'string' ? (contents.body(url)?.bytes ?? null) : null;
      return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    });
  }

  /** `failed` says what an error of the file means, one that shows while rows are read. @throws {ConfigError} `ERR_USAGE`. */
  run(sql: string, failed: (error: unknown) => Error): QueryResult {
    const statement = this.#prepare(sql);
    // `readonly` alone lets BEGIN and ATTACH pass, `reader` alone INSERT … RETURNING.
    if (!statement.reader || !statement.readonly) {
      throw new ConfigError([`crawl query only reads: give one SELECT, got "${sql.trim().slice(0, 80)}"`], 'ERR_USAGE');
    }
    return { columns: statement.columns().map(({ name }) => name), rows: rowsOf(statement, failed) };
  }

  close(): void {
    this.#contents.close();
  }

  #prepare(sql: string): ReturnType<Database['prepare']> {
    try {
      return this.#db.prepare(sql);
    } catch (error) {
      throw cannotBeRun(error);
    }
  }
}

function cannotBeRun(error: unknown): ConfigError {
  const text = error instanceof Error ? error.message : String(error);
  return new ConfigError([`the query cannot be run: ${text}`], 'ERR_USAGE');
}

/** Starts reading with the first row asked for: a statement that is being read keeps its connection busy. */
function* rowsOf(statement: ReturnType<Database['prepare']>, failed: (error: unknown) => Error): Generator<unknown[]> {
  try {
    yield* statement.raw().iterate() as IterableIterator<unknown[]>;
  } catch (error) {
    // SQLITE_ERROR is the statement's own fault: text that is no JSON, say.
    throw codeOf(error) === 'SQLITE_ERROR' ? cannotBeRun(error) : failed(error);
  }
}
