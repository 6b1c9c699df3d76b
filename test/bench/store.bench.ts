/**
 * Costs of the store per unit of work, on a real disk: import per line, claim per lease, commit per page, reopening.
 * Run: `node test/bench/store.bench.ts [urls] [pages]` (defaults 200,000 and 10,000). Trust ratios, not absolutes.
 */
import { randomBytes, createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lease } from '../../src/model/lease.ts';
import { packLinks } from '../../src/model/packed-links.ts';
import type { PageResult } from '../../src/model/page.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { fileSource, resultOf, storeOptions, urlBatch } from '../support/store-fixtures.ts';

const LINES_A_BATCH = 1_000;
const TEXT = 'Words of a documentation page, about as long as they usually are. '.repeat(125).slice(0, 8_000);

function measure(label: string, count: number, unit: string, work: () => void): void {
  const start = performance.now();
  work();
  const ms = performance.now() - start;
  const each = (ms * 1_000) / count;
  console.log(
    `${label.padEnd(58)} ${each.toFixed(2).padStart(8)} µs a ${unit}  (${Math.round(count / (ms / 1_000))} /s)`,
  );
}

async function importUrls(store: SqliteStore, count: number, hosts: number, batches: number): Promise<void> {
  const { sourceId } = await store.openSource(fileSource(`/${hosts}.txt`), false);
  let made = 0;
  let spent = 0;
  while (made < count) {
    const requests = Array.from({ length: batches }, (_, b) => {
      const urls = Array.from({ length: LINES_A_BATCH }, (_, i) => {
        const n = made + b * LINES_A_BATCH + i;
        // A multiplier that is prime to the number of hosts: neighbours in the list are on different hosts.
        return `http://h${(n * 7_919) % hosts}.example/section/page-number-${n}.html`;
      });
      return urlBatch(sourceId, urls, made + b * LINES_A_BATCH + 1);
    });
    made += batches * LINES_A_BATCH;
    const start = performance.now();
    store.importBatches(requests);
    spent += performance.now() - start;
  }
  const label = `import, ${made} lines on ${hosts} hosts, ${batches} batches a transaction`;
  console.log(
    `${label.padEnd(58)} ${((spent * 1_000) / made).toFixed(2).padStart(8)} µs a line  (${Math.round(made / (spent / 1_000))} /s)`,
  );
}

/** Leases of hosts in turn, `each` of them at a time; fewer than `count` where there are no more. `held`: hosts claimed before, kept. */
export async function claimAll(
  store: SqliteStore,
  count: number,
  each: number,
  held: Set<number> = new Set(),
): Promise<Lease[]> {
  const leases: Lease[] = [];
  while (leases.length < count) {
    const claim = await store.claim({
      refill: [...held].map((hostId) => ({ hostId, want: each })),
      newHosts: Math.max(0, 32 - held.size),
      perNewHost: each,
      max: 1_000,
    });
    if (claim.leases.length === 0) break;
    leases.push(...claim.leases);
    for (const { hostId } of claim.newHosts) held.add(hostId);
    for (const hostId of claim.exhausted) held.delete(hostId);
  }
  return leases;
}

function pages(leases: readonly Lease[], links: number, bodyBytes: number, text: string | null): PageResult[] {
  const found = Array.from({ length: links }, (_, i) => ({
    to: `http://docs.localhost/section/${i}/a-page-with-a-name.html`,
    anchor: `Some anchor ${i}`,
    rel: null,
    n: 1,
  }));
  const headers = JSON.stringify(
    Array.from({ length: 9 }, (_, i) => [`X-Header-${i}`, 'a value of some length, as is usual']),
  );
  return leases.map((lease) => {
    const bytes = randomBytes(bodyBytes);
    return resultOf(lease, {
      attempt: { headers },
      body: { sha256: createHash('sha256').update(bytes).digest(), decodedBytes: 31_000, encoding: 'gzip', bytes },
      page: { text: text === null ? null : Buffer.from(text), links: packLinks(found), linksTotal: links },
    });
  });
}

function commitAll(store: SqliteStore, label: string, results: readonly PageResult[], rows: number): void {
  measure(`${label}, ${rows} a transaction`, results.length, 'page', () => {
    for (let from = 0; from < results.length; from += rows) store.commitBatch(results.slice(from, from + rows));
  });
}

async function main(urls: number, pageCount: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  try {
    const file = join(folder, 'bench.db');
    const options = storeOptions(file);
    let store = openSqliteStore(options);
    await importUrls(store, urls, 50, 1);
    await importUrls(store, urls, 20_000, 1);
    await importUrls(store, urls, 20_001, 8);
    let leases: Lease[] = [];
    const start = performance.now();
    leases = await claimAll(store, pageCount, 16);
    console.log(
      `${`claim, ${leases.length} leases, 16 a refill, ${urls * 3} URLs`.padEnd(58)} ${(((performance.now() - start) * 1_000) / leases.length).toFixed(2).padStart(8)} µs a lease`,
    );
    const quarter = Math.floor(leases.length / 4);
    commitAll(store, 'commit, 8 kB body, 8 kB text, 22 links', pages(leases.slice(0, quarter), 22, 8_000, TEXT), 500);
    commitAll(
      store,
      'commit, 8 kB body, 8 kB text, 22 links',
      pages(leases.slice(quarter, quarter * 2), 22, 8_000, TEXT),
      64,
    );
    commitAll(
      store,
      'commit, 8 kB body, no text, no links',
      pages(leases.slice(quarter * 2, quarter * 3), 0, 8_000, null),
      500,
    );
    commitAll(store, 'commit, 0.5 kB body, no text, no links', pages(leases.slice(quarter * 3), 0, 500, null), 500);
    const closing = performance.now();
    await store.close('finished', null);
    const reopening = performance.now();
    store = openSqliteStore(options);
    console.log(
      `close ${(reopening - closing).toFixed(0)} ms, reopen ${(performance.now() - reopening).toFixed(0)} ms, file ${(statSync(file).size / 1e6).toFixed(0)} MB`,
    );
    await store.close('finished', null);
    console.log(`peak RSS ${(process.resourceUsage().maxRSS / 1_000).toFixed(0)} MB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await main(Number(process.argv[2] ?? 200_000), Number(process.argv[3] ?? 10_000));
