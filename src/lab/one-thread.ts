/** Laboratory: what a busy main thread does to requests, and what a busy worker does not. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { openPool } from '../concurrency/pools/open-pool.ts';
import { atLeast, equal, staysWithin } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { fetchSize } from './support/slow-site.ts';
import { taskModule } from './support/task-module.ts';
import { warmPool } from './support/warm-pool.ts';
import type * as spinning from './tasks/spinning.ts';
import { spinFor } from './tasks/spinning.ts';
import type * as site from './tasks/site.ts';

export const experiment: Experiment = defineExperiment({
  name: 'one-thread',
  topic: 'Cores and costs',
  rows: ['0.1', '3.2'],
  summary: 'The same requests three times: with an idle main thread, with a busy one, and with a busy worker thread.',
  watch: [
    'the main thread: one thread runs the code of one isolate. While it computes, answers arrive and nobody takes them.',
    'Sockets wait outside of it, and a worker is an isolate of its own: its computing does not hold the requests up.',
  ],
  parameters: {
    pages: integer('requests at once', 50, { max: 500 }),
    ms: duration('how long each answer takes', '80ms'),
    busy: duration('how long the busy thread computes', '300ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pages, ms, busy } }) {
    await using server = await openPool<typeof site>({ kind: 'threads', module: taskModule('site'), size: 1 });
    await using worker = await warmPool<typeof spinning>('threads', 'spinning', 1);
    const url = await server.submit('serve', ms).result();
    // The first requests of a process load what the others find there.
    await fetchSize(url);
    const runs = [
      await fetchAll('idle', url, pages, () => undefined),
      await fetchAll('main busy', url, pages, () => spinFor(busy)),
      await fetchAll('worker busy', url, pages, () => worker.submit('spinFor', busy).result()),
    ] as const;
    const [idle, mainBusy, workerBusy] = runs;
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: Object.fromEntries(
        runs.flatMap(({ name, wallMs, delayMs }) => [
          [`${name}: requests took, ms`, Math.round(wallMs)],
          [`${name}: longest stall of the main thread, ms`, Math.round(delayMs)],
        ]),
      ),
      checks: [
        equal('pages fetched', 3 * pages, idle.pages + mainBusy.pages + workerBusy.pages),
        atLeast('stall with a busy main thread, ms', Math.floor(busy * 0.95), mainBusy.delayMs),
        atLeast('requests with a busy main thread, ms', Math.floor(busy * 0.95), mainBusy.wallMs),
        staysWithin('stall with a busy worker', busy / 3, workerBusy.delayMs, busy + 1000),
        staysWithin(
          'requests with a busy worker',
          idle.wallMs * 1.5 + 20,
          workerBusy.wallMs,
          idle.wallMs + busy + 1000,
        ),
      ],
      defect: null,
      verdict: `a busy main thread holds all requests up for ${Math.round(mainBusy.delayMs)} ms, a busy worker none`,
    };
  },
});

interface Fetched {
  readonly name: string;
  readonly pages: number;
  readonly wallMs: number;
  readonly delayMs: number;
  readonly lanes: readonly Lane[];
}

/** Resolution of the histogram of stalls, ms. */
const RESOLUTION = 5;

/** Asks for all pages, then computes, then waits for the pages. */
async function fetchAll(name: string, url: string, pages: number, compute: () => unknown): Promise<Fetched> {
  const stalls = monitorEventLoopDelay({ resolution: RESOLUTION });
  stalls.enable();
  const startedAt = performance.now();
  const sizes = Array.from({ length: pages }, (_, page) => fetchSize(`${url}/${page}`));
  // The requests are on their way before the computing begins.
  await setTimeout(4 * RESOLUTION);
  const busyFrom = performance.now() - startedAt;
  const computing = compute();
  const busyTo = performance.now() - startedAt;
  const fetched = await Promise.all(sizes);
  const wallMs = performance.now() - startedAt;
  await computing;
  await setTimeout(2 * RESOLUTION);
  stalls.disable();
  return {
    name,
    pages: fetched.filter((bytes) => bytes > 0).length,
    wallMs,
    delayMs: stalls.max / 1e6,
    lanes: [
      { name: `${name}: main`, spans: [{ from: busyFrom, to: busyTo, kind: 'works', label: 'computes' }] },
      { name: `${name}: pages`, spans: [{ from: 0, to: wallMs, kind: 'waits' }] },
    ],
  };
}
