/**
 * Runs one job: round by round everybody once, so that a machine that slows down slows all of them. A run counts only if
 * everything it was to store is there, byte for byte; who lost something or took too long is told, and not run again.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Loss } from './check-run.ts';
import type { Contestant, Task } from './contestant.ts';
import type { Job } from './jobs.ts';
import type { LatencySite } from './latency-site.ts';
import { measure, measureProgram } from './measured-process.ts';
import type { Ended } from './measured-process.ts';
import { sampleOf, whole } from './report.ts';
import type { Base, JobReport, Result } from './report.ts';
import type { BenchSite } from './site.ts';

const CEILING = fileURLToPath(new URL('ceiling.ts', import.meta.url));

export interface JobOptions {
  readonly rounds: number;
  /** For one run. */
  readonly limitMs: number;
  /** Takes lists and what is stored; left as it was. */
  readonly folder: string;
  readonly peers: readonly Contestant[];
}

export async function runJob(job: Job, site: BenchSite | LatencySite, options: JobOptions): Promise<JobReport> {
  const { id, title, connections, extract } = job;
  const list = join(options.folder, 'list.txt');
  await writeFile(list, `${site.urls.join('\n')}\n`);
  const ceiling: Result = { name: 'ceiling: undici.request', kind: 'ceiling', samples: [] };
  const runs = [...job.weir, ...options.peers.filter(({ extracts }) => extracts || !extract)].map((contestant) => {
    const result: Result = { name: contestant.name, kind: contestant.isWeir ? 'weir' : 'peer', samples: [] };
    return { contestant, result };
  });
  for (let round = 1; round <= options.rounds; round += 1) {
    const base = 'latencyMs' in site ? { round, wallMs: site.latencyMs / connections } : await runCeiling();
    async function runCeiling(): Promise<Base> {
      const run = { ...(await measure([CEILING, list], options.folder)), end: 0, stderr: '' };
      const loop = JSON.parse(run.stdout) as { pages: number; ms: number };
      if (loop.pages !== site.urls.length)
        throw new Error(`the ceiling fetched ${loop.pages} of ${site.urls.length} pages`);
      const own = { round, wallMs: run.wallMs, loopMs: loop.ms };
      take(ceiling, run, own);
      return own;
    }
    for (const { contestant, result } of runs) {
      if (result.failure !== undefined) continue;
      const task = { site, list, connections, extract, folder: join(options.folder, 'stored') };
      const { run, failure } = await runOne(contestant, task, options);
      if (failure === undefined) take(result, run, base);
      else {
        result.failure = failure;
        console.log(`round ${round}  ${result.name.padEnd(42)} ${failure}`);
      }
    }
  }
  function take(result: Result, run: Ended, base: Base): void {
    const sample = sampleOf(run, site.urls.length, base);
    result.samples.push(sample);
    const rate = whole(sample.pagesPerSecond).padStart(7);
    console.log(`round ${base.round}  ${result.name.padEnd(42)} ${rate} pages/s  ${(run.wallMs / 1_000).toFixed(2)} s`);
  }
  const { label, comparable } = site;
  const results = [ceiling, ...runs.map(({ result }) => result)];
  const base = 'latencyMs' in site ? 'ideal' : 'ceiling';
  return { id, title, label, comparable, pages: site.urls.length, base, results };
}

async function runOne(
  contestant: Contestant,
  task: Task,
  { folder, limitMs }: JobOptions,
): Promise<{ run: Ended; failure?: string }> {
  await mkdir(task.folder);
  try {
    const run = await measureProgram(await contestant.prepare(task), folder, limitMs);
    if (run.end === 'limit') return { run, failure: `stopped, not done after ${limitMs / 1_000} s` };
    const loss = await contestant.check(task).catch((error: Error) => `nothing readable was stored: ${error.message}`);
    const failure = typeof loss === 'string' ? loss : describeLoss(loss, task.site.urls.length);
    return failure === undefined ? { run } : { run, failure: `${failure}${describeEnd(run)}` };
  } finally {
    await rm(task.folder, { recursive: true });
  }
}

function describeLoss({ missing, wrong, example }: Loss, pages: number): string | undefined {
  if (missing + wrong === 0) return undefined;
  return `${whole(missing)} of ${whole(pages)} pages missing, ${whole(wrong)} wrong, such as ${example}`;
}

function describeEnd({ end, stderr }: Ended): string {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  return `; exit ${end}${said === '' ? '' : `: ${said}`}`;
}
