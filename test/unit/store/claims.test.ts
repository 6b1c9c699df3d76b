/** Claims over a queue whose index has segments, which a list of a few thousand URLs never leaves: ids are set by hand here. */
import SqliteDatabase from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { urlHash } from '../../../src/url/hash.ts';
import { Claims } from '../../../src/store/claims.ts';
import { HostSegments } from '../../../src/store/host-segments.ts';
import { HostTable } from '../../../src/store/host-table.ts';
import { migrate } from '../../../src/store/migrations.ts';
import { QueueScan } from '../../../src/store/queue-scan.ts';
import { ReadyHosts } from '../../../src/store/ready-hosts.ts';

const SEGMENT = 2 ** 18;
const HOSTS = [1, 2, 3];

interface Row {
  readonly id: number;
  readonly hostId: number;
  readonly priority: number;
}

const rows: fc.Arbitrary<Row[]> = fc
  .uniqueArray(
    fc.record({
      segment: fc.integer({ min: 0, max: 4 }),
      offset: fc.integer({ min: 1, max: 5 }),
      hostId: fc.constantFrom(...HOSTS),
      priority: fc.constantFrom(0, 0, 0, 7),
    }),
    { selector: ({ segment, offset }) => segment * 10 + offset, maxLength: 20 },
  )
  .map((all) => all.map(({ segment, offset, ...row }) => ({ id: segment * SEGMENT + offset, ...row })));

it('hands out every fresh URL once, of each host by priority and age, whichever segments hold them', () => {
  fc.assert(
    fc.property(
      rows,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
      (all, isReopened, wants) => {
        const db = new SqliteDatabase(':memory:');
        try {
          migrate(db, ':memory:');
          db.pragma('foreign_keys = OFF');
          const insert = db.prepare(
            `INSERT INTO url (id, url, host_id, state, depth, priority) VALUES (?, 'http://h/', ?, 'queued', 0, ?)`,
          );
          const segments = new HostSegments();
          const readyHosts = new ReadyHosts();
          for (const { id, hostId, priority } of all) {
            insert.run(id, hostId, priority);
            // Imported by this run, or there before.
            if (!isReopened) segments.add(hostId, id);
            if (!isReopened) readyHosts.addWork(hostId, 0);
          }
          const scan = new QueueScan(db, readyHosts, segments, 0);
          const claims = new Claims(db, { readyHosts, hosts: new HostTable(db, urlHash), segments, scan });
          const got = new Map<number, number[]>(HOSTS.map((hostId) => [hostId, []]));
          let held: number[] = [];
          let turn = 0;
          let readyCount = claims.readyCount;
          // As the engine asks: new hosts only while some are said to be ready.
          while (held.length > 0 || readyCount > 0) {
            const want = wants[turn++ % wants.length] ?? 1;
            const refill = held.map((hostId) => ({ hostId, want }));
            const claim = claims.claim({ refill, newHosts: readyCount > 0 ? 2 : 0, perNewHost: want, max: 5 }, 0);
            readyCount = claim.readyHosts;
            for (const { id, hostId } of claim.leases) got.get(hostId)?.push(id);
            held = [...held, ...claim.newHosts.map(({ hostId }) => hostId)];
            held = held.filter((hostId) => !claim.exhausted.includes(hostId));
          }
          for (const hostId of HOSTS) {
            const of = all.filter((row) => row.hostId === hostId);
            of.sort((a, b) => a.priority - b.priority || a.id - b.id);
            expect(got.get(hostId)).toEqual(of.map(({ id }) => id));
          }
        } finally {
          db.close();
        }
      },
    ),
    { numRuns: 40 },
  );
});
