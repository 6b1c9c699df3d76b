/** Laboratory: the same crawl with one fetch at a time, and with more; by the engine, from a site where every page takes as long. */
import { crawl } from '../engine/library.ts';
import { atMost, equal, reaches } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { endOf, peakOf, type Lane, type Span } from './support/lanes.ts';
import { duration, integer, integers } from './support/parameters.ts';
import { slowSite } from './support/slow-site.ts';

export const experiment: Experiment = defineExperiment({
  name: 'seq-vs-conc',
  topic: 'The engine',
  rows: ['0.4', 'C2'],
  summary:
    'The engine crawls the same pages with different concurrency; the site on loopback writes down what it sees.',
  watch: [
    'the speed-up. Every page takes its time whatever we do, but while one is waited for, others can be as well.',
    'The lanes are the requests as the server saw them: never more at once than -c says.',
  ],
  parameters: {
    concurrency: integers('fetches at once, one crawl for each', '1,5,20', { max: 256, short: 'c' }),
    pages: integer('pages', 20, { max: 1000 }),
    ms: duration('how long each page takes', '40ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { concurrency, pages, ms } }) {
    const crawls: Measured[] = [];
    for (const permits of concurrency) crawls.push(await measure(permits, pages, ms));
    // Where nobody asks for a crawl with one fetch at a time: what the pages take without anything in between.
    const alone = crawls.find(({ permits }) => permits === 1)?.wallMs ?? pages * ms;
    return {
      unit: 'ms',
      lanes: crawls.flatMap(({ lanes }) => lanes),
      values: Object.fromEntries(
        crawls.flatMap(({ permits, wallMs }) => [
          [`-c ${permits}: ms`, Math.round(wallMs)],
          [`-c ${permits}: speed-up`, Number((alone / wallMs).toFixed(1))],
        ]),
      ),
      checks: crawls.flatMap(({ permits, done, wallMs, lanes }) => [
        equal(`-c ${permits}: pages done`, pages, done),
        atMost(`-c ${permits}: at once, as the server saw it`, permits, peakOf(lanes, 'works')),
        ...(permits === 1 ? [] : [reaches(`-c ${permits}: speed-up`, gain(permits, pages), alone / wallMs, 0.5)]),
      ]),
      defect: null,
      verdict: crawls.map(({ permits, wallMs }) => `-c ${permits}: ${(alone / wallMs).toFixed(1)} ×`).join(', '),
    };
  },
});

interface Measured {
  readonly permits: number;
  readonly done: number;
  /** From the first request to the last answer: what the engine needs to start is left out. */
  readonly wallMs: number;
  readonly lanes: readonly Lane[];
}

/** How many times as fast it is at least. A single wave also takes the time to send all of its requests. */
function gain(permits: number, pages: number): number {
  const waves = Math.ceil(pages / permits);
  return (pages / waves) * (waves === 1 ? 0.4 : 0.9);
}

async function measure(permits: number, pages: number, ms: number): Promise<Measured> {
  await using site = await slowSite(ms);
  const urls = Array.from({ length: pages }, (_, page) => `${site.url}/${page}`);
  let done = 0;
  for await (const outcome of crawl({ urls, concurrency: permits, perHost: permits })) {
    if (outcome.kind === 'done') done++;
  }
  const requests = site.requests.filter(({ path }) => path !== '/robots.txt');
  const start = Math.min(...requests.map(({ from }) => from));
  const spans = requests.map(({ path, from, to }): Span => {
    return { from: from - start, to: to - start, kind: 'works', label: path };
  });
  const lanes = lanesOf(spans).map((spans, index) => ({ name: `-c ${permits}: ${index + 1}`, spans }));
  return { permits, done, wallMs: endOf(lanes), lanes };
}

/** As few lanes as will do: each request in the first one that is free when it comes. */
function lanesOf(spans: readonly Span[]): Span[][] {
  const lanes: Span[][] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const free = lanes.find((lane) => (lane.at(-1)?.to ?? 0) <= span.from);
    if (free === undefined) lanes.push([span]);
    else free.push(span);
  }
  return lanes;
}
