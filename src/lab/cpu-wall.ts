/** Laboratory: a long loop, four times: on the main thread, on threads, in processes. */
import { availableParallelism } from 'node:os';
import type { PoolKind } from '../concurrency/pools/task-pool.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { integer } from './support/parameters.ts';
import { speedUp } from './support/speed-up.ts';
import { wallOf, workerLanes } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import type * as tasks from './tasks/computing.ts';

export const experiment: Experiment = defineExperiment({
  name: 'cpu-wall',
  topic: 'Cores and costs',
  rows: ['2.14', '2.15'],
  summary: 'The same loop of many steps four times: one after the other on the main thread, on threads, in processes.',
  watch: [
    'the threads. Where one lock guards the interpreter, threads compute by turns and gain nothing; here they do gain.',
    'Each worker thread is an isolate with a lock of its own. Four on two cores take half the time, not a quarter.',
  ],
  parameters: {
    loops: integer('loops', 4, { min: 2, max: 64 }),
    steps: integer('steps of each', 50_000_000, { max: 90_000_000 }),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { loops, steps } }) {
    const main = await addUp('inline', loops, steps);
    const threads = await addUp('threads', loops, steps);
    const processes = await addUp('processes', loops, steps);
    const runs = [main, threads, processes];
    const sums = runs.flatMap(({ sums }) => sums);
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: {
        'main, ms': Math.round(main.wallMs),
        'threads, ms': Math.round(threads.wallMs),
        'processes, ms': Math.round(processes.wallMs),
        cores: availableParallelism(),
      },
      checks: [
        equal('loops done', 3 * loops, sums.length),
        equal('sums that are right', 3 * loops, sums.filter((sum) => sum === (steps * (steps - 1)) / 2).length),
        speedUp('gain of threads', loops, main.wallMs, threads.wallMs),
        speedUp('gain of processes', loops, main.wallMs, processes.wallMs),
      ],
      defect: null,
      verdict: `worker threads are parallel: ${(main.wallMs / threads.wallMs).toFixed(1)} × as fast as one thread, processes ${(main.wallMs / processes.wallMs).toFixed(1)} ×`,
    };
  },
});

interface Added {
  readonly sums: readonly number[];
  readonly wallMs: number;
  readonly lanes: readonly Lane[];
}

async function addUp(kind: PoolKind, loops: number, steps: number): Promise<Added> {
  await using pool = await warmPool<typeof tasks>(kind, 'computing', loops);
  const runs = await Promise.all(Array.from({ length: loops }, () => pool.submit('addUp', steps).result()));
  return {
    sums: runs.map(({ value }) => value),
    wallMs: wallOf(runs),
    lanes: workerLanes(runs, kind === 'inline' ? 'main' : kind),
  };
}
