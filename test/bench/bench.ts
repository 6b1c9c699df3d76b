/**
 * `npm run bench`: Weir beside the fastest loop that the same library can run (the ceiling) and beside other programs, on this
 * machine and in one stretch, each as a process of its own over the same list. Figures of one machine say little on
 * another; ratios within a round do. Times are of whole processes, from start to exit: loading the program, importing the
 * list and closing the file count, for everybody. What is stored is checked byte for byte before a run counts.
 */
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { renderChart } from './chart.ts';
import { startDemoBenchSite } from './demo-bench-site.ts';
import { JOBS } from './jobs.ts';
import type { Job } from './jobs.ts';
import { describeMachine, machineLine } from './machine.ts';
import { nginxObstacles, startNginxSite } from './nginx-site.ts';
import { allPeers, PEERS_FOLDER } from './peers.ts';
import type { Peer } from './peers.ts';
import { renderJob, reportJson } from './report.ts';
import type { JobReport } from './report.ts';
import { runJob } from './run-job.ts';
import type { BenchSite } from './site.ts';
import { makeWorkFolder, workIn } from './work-folder.ts';

const SITE_JOB = { id: 'C', title: 'one site from its start page' };
const JOB_TITLES = [...JOBS, SITE_JOB].toSorted((a, b) => a.id.localeCompare(b.id));

const USAGE = `usage: npm run bench -- [--job A,B,C,D,E] [--peers curl,wget2,…|none] [--rounds 3] [--pages N] [--mean BYTES] [--limit SECONDS]
                        [--json FILE] [--svg FILE] [--folder DIR] [--port 8360] [--docs-only] [--serve] [--install]
  --job        ${JOB_TITLES.map(({ id, title }) => `${id} ${title}`).join('\n               ')}
  --peers      which of ${allPeers()
    .map(({ id }) => id)
    .join(', ')}; all that are installed
  --pages      length of the lists (A and B 10,000, D 10,000, E 40,000)
  --mean       A and B: only documents up to a size, so that they are of so many bytes on the mean (all: 36,000)
  --limit      seconds that one run may take (600)
  --folder     where everything is stored (memory, where the system has /dev/shm)
  --docs-only  refuse to fall back to the demo site     --serve    only serve the documents, for trying by hand
  --install    install nginx, the documents and the peers (Debian, npm; the latter into a folder of its own)`;

const INSTALL = fileURLToPath(new URL('install.sh', import.meta.url));

const options = readOptions();

if (options.folder !== undefined) workIn(options.folder);
if (options.help) console.log(USAGE);
else if (options.install) process.exitCode = spawnSync(INSTALL, [PEERS_FOLDER], { stdio: 'inherit' }).status ?? 1;
else {
  try {
    await (options.serve ? withSite(serve) : main());
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        job: { type: 'string', default: 'A,B,C,D,E' },
        peers: { type: 'string' },
        rounds: { type: 'string', default: '3' },
        pages: { type: 'string' },
        mean: { type: 'string' },
        limit: { type: 'string', default: '600' },
        port: { type: 'string', default: '8360' },
        json: { type: 'string' },
        svg: { type: 'string' },
        folder: { type: 'string' },
        'docs-only': { type: 'boolean', default: false },
        serve: { type: 'boolean', default: false },
        install: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}; see --help`);
    return process.exit(2);
  }
}

async function main(): Promise<void> {
  const peers = choose('peers', options.peers, allPeers());
  const wanted = choose('job', options.job, JOB_TITLES).map(({ id }) => id);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const found = peers.filter(({ version }) => version !== null);
  console.log(`peers: ${found.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none'}`);
  const missing = peers.filter(({ version }) => version === null).map(({ name }) => name);
  if (missing.length > 0) console.log(`not installed: ${missing.join(', ')} (npm run bench -- --install)`);
  const reports: JobReport[] = [];
  const jobs = JOBS.filter(({ id }) => wanted.includes(id));
  const documentJobs = jobs.filter(({ kind }) => kind === 'documents');
  if (documentJobs.length > 0 || wanted.includes(SITE_JOB.id)) {
    await withSite(async (site) => {
      for (const job of documentJobs) reports.push(await run(job, site, site.comparable ? found : []));
      if (wanted.includes(SITE_JOB.id)) await announceSite(site);
    });
  }
  for (const job of jobs) {
    if (job.kind !== 'latency') continue;
    const site = await job.start(options.pages === undefined ? undefined : Number(options.pages));
    try {
      reports.push(await run(job, site, found));
    } finally {
      await site.close();
    }
  }
  await writeReports(reports);
  if (reports.some(({ results }) => results.some(({ kind, failure }) => kind === 'weir' && failure !== undefined)))
    process.exitCode = 1;

  async function writeReports(all: readonly JobReport[]): Promise<void> {
    for (const report of all) console.log(`\n${renderJob(report)}`);
    const versions = Object.fromEntries(found.map(({ name, version }) => [name, version ?? '']));
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify(reportJson(machine, versions, all), null, 2)}\n`);
    if (options.svg !== undefined) await writeFile(options.svg, renderChart(all, machineLine(machine)));
  }
}

/** Those of `all` whose ids `names` lists, all without it. A name that is none ends the program. */
function choose<T extends { readonly id: string }>(option: string, names: string | undefined, all: readonly T[]): T[] {
  if (names === undefined) return [...all];
  const ids = names === 'none' ? [] : names.split(',');
  const unknown = ids.filter((id) => !all.some((one) => one.id === id));
  if (unknown.length > 0) {
    console.error(`--${option} ${unknown.join(',')}: there are ${all.map(({ id }) => id).join(', ')}`);
    process.exit(2);
  }
  return all.filter(({ id }) => ids.includes(id));
}

async function run(job: Job, site: BenchSite, peers: readonly Peer[]): Promise<JobReport> {
  console.log(`\nJob ${job.id}: ${job.title}: ${site.label}`);
  const folder = await makeWorkFolder('run');
  try {
    return await runJob(job, site, {
      rounds: Number(options.rounds),
      limitMs: Number(options.limit) * 1_000,
      folder,
      peers,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The documents behind nginx, or the demo site where they are not installed. */
async function withSite(use: (site: BenchSite) => Promise<void>): Promise<void> {
  const pages = Number(options.pages ?? 10_000);
  const obstacles = nginxObstacles();
  if (obstacles.length > 0) {
    console.error(`${obstacles.join('; ')} (npm run bench -- --install)`);
    if (options['docs-only']) {
      process.exitCode = 2;
      return;
    }
    console.error('The demo site instead: no peers, and figures that are not those of the README.');
  }
  const site = await (obstacles.length === 0
    ? startNginxSite(Number(options.port), pages, Number(options.mean ?? Infinity))
    : startDemoBenchSite(pages));
  try {
    await use(site);
  } finally {
    await site.close();
  }
}

async function announceSite(site: BenchSite): Promise<void> {
  const whole = await site.wholeSite?.();
  const what = whole === undefined ? 'needs the documents' : `${whole.expected.size} pages from ${whole.start}`;
  console.log(`\nJob ${SITE_JOB.id}: ${SITE_JOB.title}: ${what}: not yet: needs --depth`);
}

async function serve(site: BenchSite): Promise<void> {
  const folder = await makeWorkFolder('list');
  const list = join(folder, 'list.txt');
  await writeFile(list, `${site.urls.join('\n')}\n`);
  console.log(`${site.label}\nThe list: ${list}\nUntil Ctrl-C.`);
  await new Promise(() => undefined);
}
