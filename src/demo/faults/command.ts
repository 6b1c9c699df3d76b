/**
 * `crawl demo --faults`: every fault of the manifest, beside healthy pages on other hosts, as one crawl of a list into a fresh
 * `data/faults.db`; those of robots.txt as another one, into `data/faults-robots.db`, at the same time: both spend it
 * waiting. Then the databases are held against the manifest. Exit code 1 unless every fault ended in a class that it may end
 * in, with everything recorded that should be, and every healthy page is stored as it was served.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crawlWord, startCrawlProcess } from '../crawl-process.ts';
import { FAULT_AUTHORITY } from './certificates.ts';
import type { FaultScene } from './fault.ts';
import { healthyPages } from './healthy.ts';
import { judge, type FaultVerdict, type Judgement } from './judge.ts';
import { ROBOTS_FAULTS, robotsUrls } from './faults-robots.ts';
import { crawlFlags, FAULTS, faultUrls, robotsFlags } from './manifest.ts';
import { startFaultSite } from './site.ts';

/** Lists in `data/`, and their databases. */
const NAME = 'faults';
const ROBOTS_NAME = 'faults-robots';
const HEALTHY = 300;
const RETRIES = 1;
/**
 * Fetches in flight. Server and crawl are on one machine, and each answer is timed from its request on: with all of them on their way
 * at a time, on a busy machine some would wait longer for the others than their time-out, and be tried once more than their fault is.
 */
const CONCURRENCY = 16;
/** Beside the others, headers without end take up to 0.7 s to be read on a free machine: this leaves room for a busy one. */
const TIMEOUT = '4s';

export interface FaultsDemoOptions {
  readonly json: boolean;
}

export async function faultsDemo({ json }: FaultsDemoOptions): Promise<number> {
  const site = await startFaultSite();
  const folder = await mkdtemp(join(tmpdir(), 'weir-faults-'));
  try {
    const authority = join(folder, 'authority.pem');
    await writeFile(authority, FAULT_AUTHORITY);
    const scene: FaultScene = { ...site.ports, retries: RETRIES };
    const healthy = healthyPages(HEALTHY, site.ports.http);
    const urls = [...faultUrls(scene), ...healthy.map(({ url }) => url)];
    say(`${FAULTS.length + ROBOTS_FAULTS.length} faults and ${HEALTHY} healthy pages at 127.0.0.1:${scene.http}.`);
    const codes = await Promise.all([
      crawlList(NAME, urls, crawlFlags(RETRIES, TIMEOUT), authority),
      crawlList(ROBOTS_NAME, robotsUrls(scene), robotsFlags(RETRIES, TIMEOUT), authority),
    ]);
    const failed = codes.find((code) => code !== 0);
    if (failed !== undefined) return failed;

    const { verdicts, unhealthy } = judge(`data/${NAME}.db`, FAULTS, scene, healthy);
    const robots = judge(`data/${ROBOTS_NAME}.db`, ROBOTS_FAULTS, scene, []);
    const judgement = { verdicts: [...verdicts, ...robots.verdicts], unhealthy };
    process.stdout.write(json ? asJson(judgement) : asTable(judgement));
    return isClean(judgement) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await site.close();
  }
}

/** Writes a list and crawls it into a new database of its name. Resolves to the exit code. */
async function crawlList(
  name: string,
  urls: readonly string[],
  flags: readonly string[],
  authority: string,
): Promise<number> {
  const list = `data/${name}.txt`;
  await mkdir('data', { recursive: true });
  await writeFile(list, `# A list of the fault site; the ports are others each time.\n${urls.join('\n')}\n`);
  const args = ['--urls', list, '--fresh', '--force', '-c', String(CONCURRENCY), ...flags];
  const secrets = args.indexOf('-H');
  say(`$ ${crawlWord()} ${secrets === -1 ? args.join(' ') : `${args.slice(0, secrets).join(' ')} -H …`}`);
  return await startCrawlProcess([...args, '-q'], { NODE_EXTRA_CA_CERTS: authority }).ended;
}

function isClean({ verdicts, unhealthy }: Judgement): boolean {
  return unhealthy.length === 0 && verdicts.every(({ problems }) => problems.length === 0);
}

/** One line a fault, one for the healthy pages. */
function asJson({ verdicts, unhealthy }: Judgement): string {
  const lines: unknown[] = [...verdicts, { healthy: HEALTHY, unhealthy }];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function asTable(judgement: Judgement): string {
  const { verdicts, unhealthy } = judgement;
  const wrong = verdicts.filter(({ problems }) => problems.length > 0).length;
  return [
    `${'fault'.padEnd(24)}${'class'.padEnd(20)}result`,
    ...verdicts.map((verdict) => `${verdict.fault.padEnd(24)}${verdict.class.padEnd(20)}${resultOf(verdict)}`),
    '',
    `healthy pages: ${HEALTHY - unhealthy.length} of ${HEALTHY} stored as served`,
    ...unhealthy.slice(0, 5).map((url) => `  not so: ${url}`),
    wrong === 0
      ? `all ${verdicts.length} faults ended as they should`
      : `${wrong} of ${verdicts.length} faults did not end as they should`,
    '',
  ].join('\n');
}

function resultOf({ problems, status, attempts }: FaultVerdict): string {
  if (problems.length > 0) return `WRONG: ${problems.join('; ')}`;
  const facts = [status !== null ? `status ${status}` : attempts === 0 ? 'not asked for' : 'no answer'];
  if (attempts > 1) facts.push(`${attempts} attempts`);
  return facts.join(', ');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
