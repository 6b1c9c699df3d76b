/** Laboratory: ten waits by four workers, in threads and in processes. */
import type { PoolKind } from '../concurrency/pools/task-pool.ts';
import { atMost, equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { wallOf, workerLanes } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import type * as waiting from './tasks/waiting.ts';

export const experiment: Experiment = defineExperiment({
  name: 'simulate-io',
  topic: 'Pools and futures',
  rows: ['4.16'],
  summary: 'Ten tasks that only wait are handed to a pool of four: once to threads, once to processes.',
  watch: [
    'the waves: four, four, two. As many wait at once as there are workers, whatever the workers are.',
    'Threads and processes take the same time, and both are wasted on it: one thread could wait for all ten at once.',
  ],
  parameters: {
    tasks: integer('tasks', 10, { max: 200 }),
    workers: integer('workers', 4, { max: 32 }),
    ms: duration('how long each waits', '100ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { tasks, workers, ms } }) {
    const runs = [await waitAll('threads', tasks, workers, ms), await waitAll('processes', tasks, workers, ms)];
    const waves = Math.ceil(tasks / workers);
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: {
        waves,
        ...Object.fromEntries(runs.map(({ kind, wallMs }) => [`${kind}, ms`, Math.round(wallMs)])),
        'on one thread that waits for all at once, ms': ms,
      },
      checks: runs.flatMap(({ kind, values, wallMs, lanes }) => [
        equal(`${kind}: tasks done, in order`, numbersTo(tasks).join(' '), values.join(' ')),
        atMost(`${kind}: workers used`, workers, lanes.length),
        takes(`${kind}: time for ${waves} waves`, waves * ms, wallMs, true),
      ]),
      defect: null,
      verdict: `${waves} waves with threads as with processes: for waiting, only the number of waiters counts`,
    };
  },
});

interface Waited {
  readonly kind: PoolKind;
  readonly values: readonly number[];
  readonly wallMs: number;
  readonly lanes: readonly Lane[];
}

async function waitAll(kind: PoolKind, tasks: number, workers: number, ms: number): Promise<Waited> {
  await using pool = await warmPool<typeof waiting>(kind, 'waiting', workers);
  const runs = await Promise.all(numbersTo(tasks).map((number) => pool.submit('wait', ms, number).result()));
  const lanes = workerLanes(runs, kind, ({ value }) => String(value));
  return { kind, values: runs.map(({ value }) => value), wallMs: wallOf(runs), lanes };
}

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
