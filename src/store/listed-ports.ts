/**
 * Which host:port pairs the user listed URLs of: the fetch stage asks when a redirect leads to a private address. A table of
 * its own, since no index finds the URLs of a host that are settled, and one over all URLs would slow the import.
 */
import type { Database, Statement } from 'better-sqlite3';

/** Pairs that need not be written again: enough for a list in any order over a few thousand hosts. */
const MOST_REMEMBERED = 8_192;

const PORTS = 65_536;

export class ListedPorts {
  readonly #insert: Statement<[number, number]>;
  readonly #select: Statement<[number, number], number>;
  /** host id × 65,536 + port. */
  readonly #written = new Set<number>();

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT OR IGNORE INTO listed_port (host_id, port) VALUES (?, ?)');
    this.#select = db
      .prepare<[number, number], number>('SELECT 1 FROM listed_port WHERE host_id = ? AND port = ?')
      .pluck();
  }

  /** Inside the transaction that adds the URL. */
  add(hostId: number, port: number): void {
    const key = hostId * PORTS + port;
    if (this.#written.has(key)) return;
    this.#insert.run(hostId, port);
    if (this.#written.size >= MOST_REMEMBERED) this.#written.clear();
    this.#written.add(key);
  }

  has(hostId: number, port: number): boolean {
    return this.#select.get(hostId, port) !== undefined;
  }
}
