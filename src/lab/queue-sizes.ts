/** Laboratory: the engine crawls the same list with a queue of 1, 10 and 1,000 places before its fetchers. */
import { atMost, equal } from './support/checks.ts';
import { runEngine, type EngineRun } from './support/engine-run.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { slowSite } from './support/slow-site.ts';

interface Sized {
  readonly size: number;
  readonly run: EngineRun;
}

export const experiment: Experiment = defineExperiment({
  name: 'queue-sizes',
  topic: 'The engine',
  rows: ['C1', 'C2'],
  summary:
    'The engine crawls a loopback site three times, with 1, 10 and 1,000 places in the queue before its fetchers.',
  watch: [
    'how full each queue ever was, and how often fetchers found it empty: it is filled from the file, a batch at a time.',
    'One place cannot feed several fetchers. Beyond what they take in one go, more places only hold more URLs in memory.',
  ],
  parameters: {
    pages: integer('pages', 100, { min: 10, max: 5000 }),
    fetchers: integer('fetchers', 8, { max: 64 }),
    ms: duration('how long each page takes', '5ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pages, fetchers, ms } }) {
    await using site = await slowSite(ms);
    const urls = Array.from({ length: pages }, (_, n) => `${site.url}/${n}`);
    const runs: Sized[] = [];
    for (const size of [1, 10, 1000]) {
      runs.push({ size, run: await runEngine(`size ${size},`, { urls, concurrency: fetchers, queueSize: size }) });
    }
    return {
      unit: 'ms',
      lanes: runs.map(laneOf),
      values: Object.fromEntries(
        runs.map(({ size, run: { fetchMs, summary } }) => {
          const { highWater, consumerWaits } = summary.gauges.ready;
          const perSecond = Math.round((pages * 1000) / Math.max(1, fetchMs));
          return [`size ${size}`, { 'pages/s': perSecond, 'at most in it': highWater, 'found empty': consumerWaits }];
        }),
      ),
      checks: [
        ...runs.flatMap(({ size, run: { summary } }) => [
          equal(`pages, size ${size}`, pages, summary.settled.done),
          atMost(`URLs in the queue, size ${size}`, size, summary.gauges.ready.highWater),
        ]),
        atMost('requests at once, as the server saw them', fetchers, site.peak),
      ],
      defect: null,
      verdict: `never more in the queue than its places; ${runs.map(({ size, run }) => `${size}: ${run.fetchMs} ms`).join(', ')}`,
    };
  },
});

/** All fetches of a run in one row. */
function laneOf({ size, run: { lanes } }: Sized): Lane {
  const spans = lanes.flatMap(({ spans }) => spans.map(({ from, to, kind }) => ({ from, to, kind })));
  return { name: `size ${size}`, spans };
}
