/** Laboratory: fetched pages wait for a slower parser, with a bound on how many, and without; memory is drawn beside it. */
import { BoundedQueue } from '../concurrency/bounded-queue.ts';
import { atLeast, atMost, equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import type { Scheduler } from './support/scheduler.ts';

/** Bytes held from this moment on. */
interface Sample {
  readonly at: number;
  readonly bytes: number;
}

interface Plan {
  readonly pages: number;
  readonly kilobytes: number;
  readonly fetch: number;
  readonly parse: number;
}

interface Outcome {
  readonly samples: readonly Sample[];
  readonly most: number;
  readonly endMs: number;
  readonly lanes: readonly Lane[];
  readonly producerWaits: number;
}

/** Rows of the drawing of memory. */
const LEVELS = 4;

export const experiment: Experiment = defineExperiment({
  name: 'back-pressure',
  topic: 'Limits',
  rows: ['C1'],
  summary:
    'A fetcher hands pages to a slower parser: through a queue with few places, then through one without a limit.',
  watch: [
    'the rows of memory: a bound makes a flat strip of the mountain. Without one, memory grows as long as the list lasts.',
    'Both end at the same time: the parser is what takes the time, and fetching ahead of it gains nothing.',
  ],
  parameters: {
    pages: integer('pages', 50, { min: 20, max: 5000 }),
    kilobytes: integer('size of a page, KB', 40, { max: 1000 }),
    capacity: integer('pages that may wait for the parser', 4, { max: 1000 }),
    fetch: duration('time to fetch a page', '10ms'),
    parse: duration('time to parse a page', '40ms'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { capacity, ...plan }, newScheduler, isReal }) {
    const { pages, kilobytes, fetch, parse } = plan;
    const bounded = await crawl(newScheduler(), plan, capacity);
    const unbounded = await crawl(newScheduler(), plan, pages);
    const pageBytes = kilobytes * 1000;
    // One at the fetcher, one at the parser.
    const most = (capacity + 2) * pageBytes;
    const totalMs = fetch + parse + (pages - 1) * Math.max(fetch, parse);
    const left = Math.floor(pages * (1 - fetch / parse)) - 2;
    const scale = Math.max(bounded.most, unbounded.most);
    return {
      unit: 'ms',
      lanes: [...named('bounded', bounded, scale), ...named('no limit', unbounded, scale)],
      values: {
        'most memory, bounded, KB': bounded.most / 1000,
        'most memory, no limit, KB': unbounded.most / 1000,
        'times the fetcher waited, bounded': bounded.producerWaits,
      },
      checks: [
        atMost('bytes held, bounded', most, bounded.most),
        ...(left > capacity
          ? [
              atLeast('bytes held, no limit', left * pageBytes, unbounded.most),
              atLeast('times the fetcher waited, bounded', 1, bounded.producerWaits),
            ]
          : []),
        equal('times the fetcher waited, no limit', 0, unbounded.producerWaits),
        takes('time, bounded', totalMs, bounded.endMs, isReal),
        takes('time, no limit', totalMs, unbounded.endMs, isReal),
      ],
      defect: null,
      verdict: `${shown(bounded.most)} against ${shown(unbounded.most)} for the same ${pages} pages in the same time`,
    };
  },
});

async function crawl(
  scheduler: Scheduler,
  { pages, kilobytes, fetch, parse }: Plan,
  capacity: number,
): Promise<Outcome> {
  const { clock, tracer } = scheduler;
  const queue = new BoundedQueue<Uint8Array>({ capacity, name: 'the parser', clock, tracer });
  const samples: Sample[] = [{ at: 0, bytes: 0 }];
  let held = 0;
  const hold = (bytes: number): void => {
    held += bytes;
    samples.push({ at: clock.elapsed(), bytes: held });
  };
  scheduler.spawn('fetcher', async (task) => {
    for (let page = 0; page < pages; page++) {
      await task.work(fetch);
      const body = new Uint8Array(kilobytes * 1000);
      hold(body.length);
      await queue.put(body);
    }
    queue.close();
  });
  scheduler.spawn('parser', async (task) => {
    for await (const body of queue) {
      await task.work(parse);
      hold(-body.length);
    }
  });
  await scheduler.run();
  return {
    samples,
    most: Math.max(...samples.map(({ bytes }) => bytes)),
    endMs: clock.elapsed(),
    lanes: scheduler.lanes('ms'),
    producerWaits: queue.gauge().producerWaits,
  };
}

/** The tasks of a run and under them its memory: a row a level, filled while that much is held. */
function named(name: string, { lanes, samples }: Outcome, scale: number): Lane[] {
  const levels = Array.from({ length: LEVELS }, (_, index) => ((LEVELS - index - 1) * scale) / LEVELS);
  return [
    ...lanes.map((lane) => ({ ...lane, name: `${lane.name}, ${name}` })),
    ...levels.map((level) => memoryLane(`  over ${shown(level)}`, samples, level)),
  ];
}

function memoryLane(name: string, samples: readonly Sample[], level: number): Lane {
  const spans = samples.flatMap(({ at, bytes }, index) => {
    const to = samples[index + 1]?.at ?? at;
    return bytes > level && to > at ? [{ from: at, to, kind: 'works' as const }] : [];
  });
  return { name, spans };
}

function shown(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1000)} KB`;
}
