/**
 * Repairs files of earlier versions, which took `example.com.` for a host of its own: its URLs were asked beside those of
 * `example.com`, each at full pace. Done when a run opens the file, before anything of it is in memory.
 *
 * In: a database outside of a transaction. Out: no host whose name ends in a dot. Where the plain name has a row, its twin, that row
 * gets the URLs, ports, pause and slow-down of the other, which goes; where not, the row is renamed. URLs stay as they are.
 * Costs one read of the host table where there is nothing to do.
 */
import type { Database } from 'better-sqlite3';
import { plainHost } from '../url/plain-host.ts';
import { transact } from './transaction.ts';

/** @param hash as the host index has it. */
export function mergeDottedHosts(db: Database, hash: (name: string) => number): void {
  const dotted = db
    .prepare<[], { id: number; name: string }>("SELECT id, name FROM host WHERE substr(name, -1) = '.'")
    .all()
    .filter(({ name }) => name !== plainHost(name));
  if (dotted.length === 0) return;
  transact(
    db,
    () => undefined,
    () => {
      db.exec('CREATE TEMP TABLE dotted (id INTEGER PRIMARY KEY, plain TEXT UNIQUE, twin INTEGER)');
      const note = db.prepare<[number, string]>('INSERT INTO dotted (id, plain) VALUES (?, ?)');
      for (const { id, name } of dotted) note.run(id, plainHost(name));
      db.exec(MERGE);
      const renamed = db.prepare<[], [number, string]>('SELECT id, plain FROM dotted WHERE twin IS NULL').raw().all();
      const index = db.prepare<[number, number]>('INSERT OR IGNORE INTO host_hash (hash, id) VALUES (?, ?)');
      for (const [id, plain] of renamed) index.run(hash(plain), id);
      db.exec('DROP TABLE dotted');
    },
  );
}

const MERGE = `
UPDATE dotted SET twin = host.id FROM host WHERE host.name = dotted.plain;
DELETE FROM host_hash WHERE id IN (SELECT id FROM dotted);
UPDATE host SET name = dotted.plain FROM dotted WHERE dotted.id = host.id AND dotted.twin IS NULL;

UPDATE url SET host_id = dotted.twin FROM dotted WHERE dotted.id = url.host_id AND dotted.twin IS NOT NULL;
INSERT OR IGNORE INTO listed_port (host_id, port)
SELECT twin, port FROM listed_port JOIN dotted ON dotted.id = host_id WHERE twin IS NOT NULL;
DELETE FROM listed_port WHERE host_id IN (SELECT id FROM dotted WHERE twin IS NOT NULL);
-- What is known of the plain name holds: it is the one that was asked more.
INSERT OR IGNORE INTO host_backoff (host_id, slots, extra_ms, reason, at)
SELECT twin, slots, extra_ms, reason, at FROM host_backoff JOIN dotted ON dotted.id = host_id WHERE twin IS NOT NULL;
DELETE FROM host_backoff WHERE host_id IN (SELECT id FROM dotted WHERE twin IS NOT NULL);
UPDATE host SET not_before = max(host.not_before, other.not_before)
FROM dotted JOIN host AS other ON other.id = dotted.id WHERE dotted.twin = host.id;
DELETE FROM host WHERE id IN (SELECT id FROM dotted WHERE twin IS NOT NULL);
-- The last id may be given out again: its row is not in the index then.
UPDATE lookup SET up_to = min(up_to, (SELECT max(id) FROM host)) WHERE name = 'host';
`;
