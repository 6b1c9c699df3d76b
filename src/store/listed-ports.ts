/**
 * Which host:port pairs the user listed URLs of: the fetch stage asks when a redirect leads to a private address. A table of
 * its own, since no index finds the URLs of a host that are settled, and one over all URLs would slow the import.
 */
import type { Database, Statement } from 'better-sqlite3';
import { grown } from './due-heap.ts';

export class ListedPorts {
  readonly #insert: Statement<[number, number]>;
  readonly #select: Statement<[number, number], number>;
  /** Host → the port that was written last, which need not be written again; 0 = none. Most hosts have one. */
  #written = new Uint16Array(64);

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT OR IGNORE INTO listed_port (host_id, port) VALUES (?, ?)');
    this.#select = db
      .prepare<[number, number], number>('SELECT 1 FROM listed_port WHERE host_id = ? AND port = ?')
      .pluck();
  }

  /** Inside the transaction that adds the URL. */
  add(hostId: number, port: number): void {
    if (this.#written[hostId] === port) return;
    this.#insert.run(hostId, port);
    if (hostId >= this.#written.length) this.#written = grown(this.#written, hostId + 1, Uint16Array);
    this.#written[hostId] = port;
  }

  has(hostId: number, port: number): boolean {
    return this.#select.get(hostId, port) !== undefined;
  }
}
