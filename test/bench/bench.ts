/**
 * `npm run bench`: how fast Weir is as a share of the fastest loop that the same library can run on the same machine.
 *
 * In one stretch, round by round: the ceiling (`ceiling.ts`), `crawl --parse none`, `crawl` with its defaults, each as a
 * process of its own over the same list. Ratios are taken within a round, so that a machine that slows down slows all
 * three. Every database is checked row by row. Times are of whole processes, from start to exit: loading Node and the
 * program, importing the list and closing the file count, for the ceiling too. "× loop" holds the same whole process
 * against the ceiling's loop alone, without its start-up: the strictest reading.
 */
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkDatabase } from './check-database.ts';
import { startDemoBenchSite } from './demo-bench-site.ts';
import type { Measured } from './measured-process.ts';
import { measure } from './measured-process.ts';
import { nginxObstacles, startNginxSite } from './nginx-site.ts';
import type { BenchSite } from './site.ts';
import { renderReport, reportJson } from './report.ts';
import type { Sample } from './report.ts';
import { makeWorkFolder, workBase } from './work-folder.ts';

const USAGE = `usage: npm run bench -- [--rounds 3] [--pages 10000] [--port 8360] [--json FILE] [--docs-only] [--serve] [--install]
  --docs-only  refuse to fall back to the demo site     --serve    only serve the documents, for trying by hand
  --install    install nginx and the documents (Debian)`;

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const CEILING = fileURLToPath(new URL('ceiling.ts', import.meta.url));
const INSTALL = fileURLToPath(new URL('install.sh', import.meta.url));

/** What is measured against the ceiling: Weir's extra arguments, by name. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  'crawl --parse none': ['--parse', 'none'],
  'crawl (defaults)': [],
};
const CEILING_NAME = 'ceiling: undici.request';

/** What the samples of one round are held against: its ceiling. */
interface Base {
  readonly round: number;
  readonly pages: number;
  readonly wallMs: number;
  /** From the loop's first request to its last. */
  readonly loopMs: number;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    pages: { type: 'string', default: '10000' },
    port: { type: 'string', default: '8360' },
    json: { type: 'string' },
    'docs-only': { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
    install: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(USAGE);
else if (options.install) process.exitCode = spawnSync(INSTALL, { stdio: 'inherit' }).status ?? 1;
else await main();

async function main(): Promise<void> {
  const site = await openSite();
  if (site === null) {
    process.exitCode = 2;
    return;
  }
  const folder = await makeWorkFolder('run');
  try {
    const list = join(folder, 'list.txt');
    await writeFile(list, `${site.urls.join('\n')}\n`);
    if (options.serve) await serve(site, list);
    else await compare(site, list, folder);
  } finally {
    await rm(folder, { recursive: true });
    await site.close();
  }
}

async function openSite(): Promise<BenchSite | null> {
  const obstacles = nginxObstacles();
  const pages = Number(options.pages);
  if (obstacles.length === 0) return startNginxSite(Number(options.port), pages);
  console.error(`${obstacles.join('; ')} (npm run bench -- --install)`);
  return options['docs-only'] ? null : startDemoBenchSite(pages);
}

async function serve(site: BenchSite, list: string): Promise<void> {
  console.log(`${site.label}\nThe list: ${list}\nUntil Ctrl-C.`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

async function compare(site: BenchSite, list: string, folder: string): Promise<void> {
  const where = workBase.inMemory ? `${workBase.folder} (memory)` : `${workBase.folder} (a disk: it is measured too)`;
  console.log(`${site.label}\nNode ${process.version}, ${cpus().length} cores, databases in ${where}\n`);
  const samples = new Map<string, Sample[]>();
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    const ceiling = await measure([CEILING, list], folder);
    const loop = JSON.parse(ceiling.stdout) as { pages: number; ms: number };
    if (loop.pages !== site.urls.length)
      throw new Error(`the ceiling fetched ${loop.pages} of ${site.urls.length} pages`);
    const base: Base = { round, pages: loop.pages, wallMs: ceiling.wallMs, loopMs: loop.ms };
    add(samples, CEILING_NAME, ceiling, base);
    for (const [name, extra] of Object.entries(VARIANTS)) {
      const database = join(folder, 'run.db');
      const weir = await measure([PROGRAM, '--urls', list, '-o', database, '-q', ...extra], folder);
      checkDatabase(database, site);
      await rm(database);
      add(samples, name, weir, base);
    }
  }
  console.log(`\n${renderReport(samples)}`);
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify(reportJson(site, samples), null, 2)}\n`);
}

function add(samples: Map<string, Sample[]>, name: string, run: Measured, base: Base): void {
  const { wallMs, cpuSeconds, peakRssBytes } = run;
  const sample: Sample = {
    round: base.round,
    wallMs,
    cpuSeconds,
    peakRssBytes,
    pagesPerSecond: (base.pages / wallMs) * 1000,
    ratio: base.wallMs / wallMs,
    loopRatio: base.loopMs / wallMs,
    cpuPer1000: (cpuSeconds / base.pages) * 1000,
  };
  samples.set(name, [...(samples.get(name) ?? []), sample]);
  const rate = Math.round(sample.pagesPerSecond).toLocaleString('en-US');
  console.log(`round ${base.round}  ${name.padEnd(24)} ${rate.padStart(7)} pages/s  ${(wallMs / 1000).toFixed(2)} s`);
}
