/**
 * What the store alone does at one size after the other, in one process: a line that is new, a line whose URL is known, and
 * a lease, in µs of processor time. A file grows from size to size; each figure is of the store at that size.
 */
import { rm } from 'node:fs/promises';
import type { SeedLine } from '../../src/model/seed.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { fileSource, storeOptions } from '../support/store-fixtures.ts';
import { type ListShape, urlOfLine } from './scale-list.ts';
import { claimAll } from './store.bench.ts';

const LINES_A_BATCH = 1_000;
const BATCHES_A_TRANSACTION = 8;
const KNOWN_LINES = 8_000;
const LEASES = 4_096;
/** As the schedule asks: so many of a host at a time. */
const LEASES_A_HOST = 16;
const PORT = 8_000;

export interface StoreCosts {
  readonly urls: number;
  /** Of the last tenth of the lines up to here. */
  readonly newLineMicros: number;
  /** URLs drawn from all that there are: what no cache of the newest can answer. */
  readonly knownLineMicros: number;
  readonly leaseMicros: number;
}

/** Grows a new store at `file`, which is removed afterwards, and measures at each of `sizes` (ascending). */
export async function measureStore(file: string, sizes: readonly number[], shape: ListShape): Promise<StoreCosts[]> {
  const most = sizes.at(-1) ?? 0;
  const url = (i: number): string => urlOfLine(i, most, PORT, { ...shape, duplicates: 0 });
  const store = openSqliteStore(storeOptions(file));
  try {
    const list = await store.openSource(fileSource('/list.txt'), false);
    const known = await store.openSource(fileSource('/known.txt'), false);
    const costs: StoreCosts[] = [];
    const held = new Set<number>();
    let made = 0;
    for (const urls of sizes) {
      const lastTenth = urls - Math.ceil((urls - made) / 10);
      importLines(store, list.sourceId, made, lastTenth, url);
      const newLineMicros = importLines(store, list.sourceId, lastTenth, urls, url);
      made = urls;
      const step = urls / KNOWN_LINES;
      const knownLineMicros = importLines(store, known.sourceId, 0, KNOWN_LINES, (i) =>
        // A prime step: neighbours in this list are far apart in the first.
        url(Math.floor(((i * 4_999) % KNOWN_LINES) * step)),
      );
      const before = process.cpuUsage();
      const leases = await claimAll(store, LEASES, LEASES_A_HOST, held);
      costs.push({ urls, newLineMicros, knownLineMicros, leaseMicros: microsSince(before) / leases.length });
    }
    return costs;
  } finally {
    await store.close('stopped', null);
    await rm(file);
  }
}

/** Imports the URLs `from` to `to`; returns µs a line. */
function importLines(
  store: SqliteStore,
  sourceId: number,
  from: number,
  to: number,
  url: (i: number) => string,
): number {
  let micros = 0;
  for (let made = from; made < to;) {
    const requests = [];
    for (let batch = 0; batch < BATCHES_A_TRANSACTION && made < to; batch++) {
      const lines: SeedLine[] = [];
      for (; lines.length < LINES_A_BATCH && made < to; made++) {
        const text = url(made);
        const host = text.slice(7, text.indexOf(':', 7));
        lines.push({ kind: 'url', line: made + 1, url: text, host, bareHost: false, columns: null });
      }
      requests.push({ sourceId, lines, position: { byteOffset: made * 100, line: made }, last: false });
    }
    const before = process.cpuUsage();
    store.importBatches(requests);
    micros += microsSince(before);
  }
  return micros / (to - from);
}

function microsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
