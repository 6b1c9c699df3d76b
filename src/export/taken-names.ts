/**
 * Export: no two pages under one name. In: the path a page would like. Out: the path it gets, ` (2)` and so on before the
 * extension where another page has it already, also by another case or spelling of accents, or where a file stands where a folder
 * has to be. The same pages in the same order get the same names, whatever is on the disk.
 *
 * The names are kept in SQLite's private temporary database, which moves to the disk when it outgrows its cache: memory does
 * not grow with the number of pages. Whoever makes one closes it.
 */
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { nameKey, numberedPart } from './safe-name.ts';

interface Taken {
  readonly name: string;
  readonly isFolder: number;
  /** The next number to try where one more page wants this name. */
  readonly next: number;
}

export class TakenNames {
  readonly #db: Database;
  readonly #find: Statement<[string], Taken>;
  readonly #insert: Statement<[string, string, number]>;
  readonly #setNext: Statement<[number, string]>;

  constructor() {
    this.#db = new SqliteDatabase('');
    this.#db.pragma('journal_mode = OFF');
    this.#db.pragma('synchronous = OFF');
    this.#db.pragma('cache_size = -8000');
    this.#db.exec(
      `CREATE TABLE taken (key TEXT PRIMARY KEY, name TEXT NOT NULL, isFolder INTEGER NOT NULL, next INTEGER NOT NULL DEFAULT 2)
       WITHOUT ROWID`,
    );
    this.#find = this.#db.prepare('SELECT name, isFolder, next FROM taken WHERE key = ?');
    this.#insert = this.#db.prepare('INSERT INTO taken (key, name, isFolder) VALUES (?, ?, ?)');
    this.#setNext = this.#db.prepare('UPDATE taken SET next = ? WHERE key = ?');
  }

  /** `parts`: folders and the file's name, all safe. */
  take(parts: readonly string[]): string[] {
    const folders: string[] = [];
    for (const part of parts.slice(0, -1)) folders.push(this.#folder(folders, part));
    return [...folders, this.#file(folders, parts.at(-1) ?? '')];
  }

  close(): void {
    this.#db.close();
  }

  /** A folder is shared by all that want it, in the spelling of the first. */
  #folder(above: readonly string[], part: string): string {
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? part : numberedPart(part, n);
      const key = keyOf(above, candidate);
      const found = this.#find.get(key);
      if (found === undefined) this.#insert.run(key, candidate, 1);
      if (found?.isFolder !== 0) return found?.name ?? candidate;
    }
  }

  #file(above: readonly string[], part: string): string {
    const key = keyOf(above, part);
    const found = this.#find.get(key);
    if (found === undefined) {
      this.#insert.run(key, part, 0);
      return part;
    }
    for (let n = found.next; ; n++) {
      const candidate = numberedPart(part, n);
      const other = keyOf(above, candidate);
      if (this.#find.get(other) !== undefined) continue;
      this.#insert.run(other, candidate, 0);
      // A thousand pages of one title must not try all numbers each.
      this.#setNext.run(n + 1, key);
      return candidate;
    }
  }
}

function keyOf(above: readonly string[], part: string): string {
  return nameKey([...above, part].join('/'));
}
