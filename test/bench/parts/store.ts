/** The store beside SQLite itself: the same octets by a bare prepared INSERT, in transactions of the same size. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Lease } from '../../../src/model/lease.ts';
import { packLinks } from '../../../src/model/packed-links.ts';
import type { PageResult } from '../../../src/model/page.ts';
import type { EnqueueRequest } from '../../../src/model/ports.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/store/sqlite-store.ts';
import { fileSource, resultOf, storeOptions, urlBatch } from '../../support/store-fixtures.ts';
import { makeWorkFolder } from '../work-folder.ts';
import type { Pair, Part } from './part.ts';

const LINES = 30_000;
const LINES_A_BATCH = 1_000;
const HOSTS = 500;
const PAGES = 2_000;
const ROWS = 500;
const LINKS = 22;
const BODY_BYTES = 3_000;
const TEXT = Buffer.from(
  'Words of a documentation page, about as long as they usually are. '.repeat(50).slice(0, 3_000),
);
const SETTINGS =
  'PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0';

export const storeParts: readonly Part[] = [
  {
    id: 'import',
    ours: 'import of URLs: known ones found, books, hosts, frontier index',
    baseline: 'bare prepared INSERT of the URL',
    expected: [4, 14],
    prepare: (runs) => withFolder((folder) => importPair(folder, runs)),
  },
  {
    id: 'commit',
    ours: `commit of pages: attempt, page, text, body, ${LINKS} links, state`,
    baseline: 'bare prepared INSERT of URL, text and body',
    expected: [3, 9],
    prepare: (runs) => withFolder((folder) => commitPair(folder, runs)),
  },
];

async function withFolder(make: (folder: string) => Promise<Pair>): Promise<Pair> {
  const folder = await makeWorkFolder('parts');
  const pair = await make(folder);
  return {
    ...pair,
    close: async () => {
      await pair.close?.();
      await rm(folder, { recursive: true });
    },
  };
}

/** Each run has URLs of its own, and what it needs is made before the clock runs. Both files grow alike. */
function urlsOf(run: number, count: number): string[] {
  // A multiplier that is prime to the number of hosts: neighbours in the list are on different hosts.
  return Array.from(
    { length: count },
    (_, n) => `http://h${(n * 7_919) % HOSTS}.example/section/${run}/page-${n}.html`,
  );
}

function batchesOf(sourceId: number, urls: readonly string[], firstLine: number): EnqueueRequest[] {
  const batches: EnqueueRequest[] = [];
  for (let from = 0; from < urls.length; from += LINES_A_BATCH) {
    batches.push(urlBatch(sourceId, urls.slice(from, from + LINES_A_BATCH), firstLine + from));
  }
  return batches;
}

async function importPair(folder: string, runs: number): Promise<Pair> {
  const store = openSqliteStore(storeOptions(join(folder, 'ours.db')));
  const { sourceId } = await store.openSource(fileSource(), false);
  const { db, insert } = openBare(join(folder, 'bare.db'));
  const lists = Array.from({ length: runs }, (_, run) => urlsOf(run, LINES));
  const batches = lists.map((urls, run) => batchesOf(sourceId, urls, run * LINES + 1));
  return {
    operations: LINES,
    ours: () => {
      for (const batch of batches.pop() ?? []) store.importBatches([batch]);
    },
    baseline: () => {
      const urls = lists.pop() ?? [];
      for (let from = 0; from < urls.length; from += LINES_A_BATCH) {
        db.transaction(() => {
          for (const url of urls.slice(from, from + LINES_A_BATCH)) insert.run(url, null, null);
        })();
      }
    },
    close: async () => {
      await store.close('finished', null);
      db.close();
    },
  };
}

async function commitPair(folder: string, runs: number): Promise<Pair> {
  const store = openSqliteStore(storeOptions(join(folder, 'ours.db')));
  const { sourceId } = await store.openSource(fileSource(), false);
  const { db, insert } = openBare(join(folder, 'bare.db'));
  const links = packLinks(
    Array.from({ length: LINKS }, (_, n) => ({
      to: `http://docs.example/section/${n}/a-page-with-a-name.html`,
      anchor: `Some anchor ${n}`,
      rel: null,
      n: 1,
    })),
  );
  const bodies = Array.from({ length: PAGES }, (_, n) => Buffer.alloc(BODY_BYTES, n % 251));
  const ready: PageResult[][] = [];
  for (let run = 0; run < runs; run++) {
    for (const batch of batchesOf(sourceId, urlsOf(run, PAGES), run * PAGES + 1)) store.importBatches([batch]);
    const leases = await claimAll(store, PAGES);
    ready.push(
      leases.map((lease, n) => {
        const sha256 = Buffer.alloc(32);
        sha256.writeUInt32LE(run * PAGES + n);
        const body = { sha256, decodedBytes: 31_000, encoding: 'gzip' as const, bytes: bodies[n] as Buffer };
        return resultOf(lease, { body, page: { text: TEXT, links, linksTotal: LINKS } });
      }),
    );
  }
  let bare = 0;
  return {
    operations: PAGES,
    ours: () => {
      const results = ready.pop() ?? [];
      for (let from = 0; from < PAGES; from += ROWS) store.commitBatch(results.slice(from, from + ROWS));
    },
    baseline: () => {
      const urls = urlsOf(bare++, PAGES);
      for (let from = 0; from < PAGES; from += ROWS) {
        db.transaction(() => {
          for (let n = from; n < from + ROWS; n++) insert.run(urls[n] as string, TEXT, bodies[n] as Buffer);
        })();
      }
    },
    close: async () => {
      await store.close('finished', null);
      db.close();
    },
  };
}

async function claimAll(store: SqliteStore, count: number): Promise<Lease[]> {
  const leases: Lease[] = [];
  let held: number[] = [];
  while (leases.length < count) {
    const refill = held.map((hostId) => ({ hostId, want: 16 }));
    const claim = await store.claim({ refill, newHosts: HOSTS, perNewHost: 16, max: count - leases.length });
    if (claim.leases.length === 0) throw new Error('fewer leases than URLs');
    leases.push(...claim.leases);
    held = claim.newHosts.map(({ hostId }) => hostId).filter((id) => !claim.exhausted.includes(id));
  }
  return leases;
}

function openBare(file: string): {
  db: Database.Database;
  insert: Database.Statement<[string, Buffer | null, Buffer | null]>;
} {
  const db = new Database(file);
  db.exec(`${SETTINGS}; CREATE TABLE bare (id INTEGER PRIMARY KEY, url TEXT NOT NULL, text BLOB, body BLOB) STRICT`);
  return { db, insert: db.prepare('INSERT INTO bare (url, text, body) VALUES (?, ?, ?)') };
}
