/** Laboratory: one of several downloads fails. As written nobody asks its future; in the engine it is a row like the others. */
import { openPool } from '../concurrency/pools/open-pool.ts';
import { equal } from './support/checks.ts';
import { runEngine } from './support/engine-run.ts';
import { defineExperiment, type Experiment, type LabResult } from './support/experiment.ts';
import type { LogLine } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { slowSite, type SlowSite } from './support/slow-site.ts';
import { taskModule } from './support/task-module.ts';
import type * as tasks from './tasks/downloading.ts';

/** The page whose connection breaks. */
const FAILING = '/ebay.html';

export const experiment: Experiment = defineExperiment({
  name: 'unobserved',
  topic: 'Pools and futures',
  rows: ['3.6', '3.3'],
  summary: 'Pages are downloaded by a pool; the connection of one of them breaks. Who learns of it?',
  watch: [
    'the failing page. As written, its exception lies in a future that nobody asks for its result: the program says "done".',
    'In the engine what becomes of a URL is a value, not an exception: each one ends in a row, failed ones with the reason.',
  ],
  parameters: {
    pages: integer('pages that work', 3, { max: 50 }),
    ms: duration('how long each page takes', '100ms'),
  },
  isSeeded: false,
  hasBroken: true,
  async run({ parameters: { pages, ms }, variant }) {
    await using site = await slowSite(ms, (path) => path === FAILING);
    const working = Array.from({ length: pages }, (_, n) => `/page${n + 1}.html`);
    const urls = [FAILING, ...working].map((path) => site.url + path);
    return variant === 'broken' ? await asWritten(urls, site) : await asRows(urls, site);
  },
});

async function asWritten(urls: readonly string[], site: SlowSite): Promise<LabResult> {
  const startedAt = performance.now();
  const pool = await openPool<typeof tasks>({ kind: 'async', module: taskModule('downloading'), size: urls.length });
  const futures = urls.map((url) => pool.submit('download', url));
  // In the original a failure that nobody asks for is kept in silence. Here Node would report it and end the process.
  for (const future of futures) future.onSettled(() => undefined);
  await pool.close();
  const failed = futures.filter(({ state }) => state === 'failed').length;
  const at = performance.now() - startedAt;
  return {
    unit: 'ms',
    lanes: lanesOf(site, startedAt),
    log: [{ at, step: 0, task: 'main', text: 'All pages have been downloaded.' }],
    values: { submitted: urls.length, failed, reported: 0 },
    checks: [
      equal('downloads that failed', 1, failed),
      equal('asked by the server', urls.length, site.requests.length),
    ],
    defect: `${failed} of ${urls.length} downloads failed, and nobody was told`,
    verdict: 'an exception in a future that nobody asks vanishes',
  };
}

async function asRows(urls: readonly string[], site: SlowSite): Promise<LabResult> {
  const startedAt = performance.now();
  const { outcomes } = await runEngine('fetcher', { urls, concurrency: urls.length });
  const at = performance.now() - startedAt;
  const failed = outcomes.filter((outcome) => outcome.kind === 'failed');
  const log = outcomes.map((outcome): LogLine => {
    const text = outcome.kind === 'failed' ? `failed: ${outcome.errorClass}, ${outcome.error}` : outcome.kind;
    return { at, step: 0, task: new URL(outcome.url).pathname, text };
  });
  return {
    unit: 'ms',
    lanes: lanesOf(site, startedAt),
    log,
    values: { submitted: urls.length, rows: outcomes.length, failed: failed.length },
    checks: [
      equal('rows', urls.length, new Set(outcomes.map(({ url }) => url)).size),
      equal('rows that failed', 1, failed.length),
      equal('the one that failed', FAILING, new URL(failed[0]?.url ?? site.url).pathname),
      equal('with a reason', true, (failed[0]?.error ?? '') !== ''),
    ],
    defect: null,
    verdict: `${urls.length} URLs, ${outcomes.length} rows, ${failed.length} of them failed (${failed[0]?.errorClass ?? 'none'}); none is missing`,
  };
}

/** As the server saw them. */
function lanesOf({ requests }: SlowSite, startedAt: number): LabResult['lanes'] {
  return requests.map(({ path, from, to }) => ({
    name: path.slice(1),
    spans: [{ from: from - startedAt, to: to - startedAt, kind: 'works' }],
  }));
}
