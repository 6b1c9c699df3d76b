/**
 * The faults in full: all at once beside 10,000 healthy pages, each bomb alone, and all bombs with rules that build a tree. Servers
 * run in threads of this process, the crawl is a process of its own: what is measured is the crawl.
 *
 * Figures (throughput, peak memory, time, stalls) are printed always and judged by `npm run bench:faults`, on a machine with nothing
 * else to do: a busy one says nothing about them. What holds on any machine is judged always.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_AUTHORITY } from '../../src/demo/faults/certificates.ts';
import { urlOf, type FaultScene } from '../../src/demo/faults/fault.ts';
import { healthyPages, type HealthyPage } from '../../src/demo/faults/healthy.ts';
import { judge } from '../../src/demo/faults/judge.ts';
import { BOMBS, crawlFlags, FAULTS, faultUrls } from '../../src/demo/faults/manifest.ts';
import { startFaultSite, type FaultSite } from '../../src/demo/faults/site.ts';
import { measure, type Measured } from '../bench/measured-process.ts';
import type { BombRun } from '../support/bomb-run.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const BOMB_RUN = fileURLToPath(new URL('../support/bomb-run.ts', import.meta.url));
const RETRIES = 2;
/** Set by `npm run bench:faults`. */
const JUDGES_FIGURES = process.env['WEIR_FIGURES'] === '1';

let folder: string;
let faulty: FaultSite;
/** Healthy pages come from a thread of their own, or the faults would slow them where nobody measures. */
let sound: FaultSite;
let scene: FaultScene;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-faults-'));
  await writeFile(join(folder, 'authority.pem'), FAULT_AUTHORITY);
  process.env['NODE_EXTRA_CA_CERTS'] = join(folder, 'authority.pem');
  [faulty, sound] = await Promise.all([startFaultSite(), startFaultSite()]);
  scene = { ...faulty.ports, retries: RETRIES };
});

afterAll(async () => {
  await Promise.all([faulty.close(), sound.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function crawl(name: string, urls: readonly string[]): Promise<Measured & { readonly file: string }> {
  const list = join(folder, `${name}.txt`);
  const file = join(folder, `${name}.db`);
  await writeFile(list, urls.join('\n'));
  const args = [PROGRAM, '--urls', list, '-o', file, '--fresh', '--force', '-q', ...crawlFlags(RETRIES, '2s')];
  return { ...(await measure(args, folder)), file };
}

/** Healthy pages a second, from the start of the run to the end of the last one. */
function throughput(file: string, pages: readonly HealthyPage[]): number {
  const db = new Database(file, { readonly: true });
  try {
    const ended = db
      .prepare<[], number>(
        `SELECT max(fetch.started_at + fetch.total_ms) - (SELECT started_at FROM run ORDER BY id LIMIT 1)
         FROM fetch JOIN url ON url.id = fetch.url_id WHERE url.url LIKE '%//healthy-%'`,
      )
      .pluck()
      .get();
    return (pages.length * 1_000) / (ended ?? Infinity);
  } finally {
    db.close();
  }
}

test('all faults at once leave 10,000 healthy pages alone', async () => {
  const pages = healthyPages(10_000, sound.ports.http);
  const urls = pages.map(({ url }) => url);
  const rates = { alone: 0, beside: 0 };
  // By turns, and the best of each counts: other programs slow down both.
  for (let round = 0; round < 3; round++) {
    const alone = await crawl('alone', urls);
    rates.alone = Math.max(rates.alone, throughput(alone.file, pages));
    const beside = await crawl(`beside-${round}`, [...faultUrls(scene), ...urls]);
    rates.beside = Math.max(rates.beside, throughput(beside.file, pages));
    // Counted by the server over all rounds: what fails twice and then answers has done so in the first.
    if (round === 0) {
      const { verdicts, unhealthy } = judge(beside.file, FAULTS, scene, pages);
      expect(unhealthy).toEqual([]);
      expect(verdicts.filter(({ problems }) => problems.length > 0)).toEqual([]);
    }
    expect(beside.peakRssBytes).toBeLessThan(400e6);
    console.log(
      `${Math.round(rates.alone)} pages/s alone, ${Math.round(rates.beside)} beside the faults, ${Math.round(beside.peakRssBytes / 1e6)} MB`,
    );
  }
  if (JUDGES_FIGURES) expect(rates.beside / rates.alone).toBeGreaterThan(0.8);
});

describe('a bomb alone', () => {
  let usual: Measured;

  beforeAll(async () => {
    const page = healthyPages(1, sound.ports.http).map(({ url }) => url);
    // The program's own size differs from run to run.
    const runs = [await crawl('usual', page), await crawl('usual', page), await crawl('usual', page)];
    usual = runs.toSorted((a, b) => a.peakRssBytes - b.peakRssBytes)[1] as Measured;
  });

  test.each(BOMBS.map((bomb) => [bomb.title, bomb] as const))('%s costs less than 64 MB and 5 s', async (_, bomb) => {
    const url = urlOf(bomb, scene);
    const page = healthyPages(1, sound.ports.http).map((one) => one.url);
    const run = await crawl('bomb', [url, ...page]);
    console.log(
      `${bomb.id}: ${Math.round((run.peakRssBytes - usual.peakRssBytes) / 1e6)} MB, ${Math.round(run.wallMs - usual.wallMs)} ms`,
    );
    if (!JUDGES_FIGURES) return;
    expect(run.peakRssBytes - usual.peakRssBytes).toBeLessThan(64e6);
    expect(run.wallMs - usual.wallMs).toBeLessThan(5_000);
  });
});

test('bombs that meet a tree builder are contained: bodies stored, other pages read, no stall', async () => {
  const pages = healthyPages(300, sound.ports.http).map(({ url }) => url);
  const bombs = BOMBS.filter(({ row }) => row > 71 || row === 36).map((bomb) => urlOf(bomb, scene));
  const { stdout } = await measure([BOMB_RUN, ...bombs, ...pages], folder);
  const { ends, longestStallMs } = JSON.parse(stdout) as BombRun;
  console.log(`longest stall ${Math.round(longestStallMs)} ms`);
  expect(pages.filter((url) => ends[url]?.[0] !== 'ok')).toEqual([]);
  for (const bomb of BOMBS) {
    const end = ends[urlOf(bomb, scene)];
    if (bomb.row === 36) expect(['bomb', 'too-large']).toContain(end?.[0]);
    else if (bomb.row > 71) {
      expect(['ok', 'parse-timeout', 'parse-memory']).toContain(end?.[0]);
      expect(end?.[1]).toBeGreaterThan(0);
    }
  }
  if (JUDGES_FIGURES) expect(longestStallMs).toBeLessThan(100);
});
