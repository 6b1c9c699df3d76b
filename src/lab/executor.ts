/** Laboratory: four tasks submitted to a pool of four, and their results asked for in the order of submitting. */
import type { PoolKind } from '../concurrency/pools/task-pool.ts';
import { equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { wallOf, workerLanes } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import type * as tasks from './tasks/waiting.ts';

export const experiment: Experiment = defineExperiment({
  name: 'executor',
  topic: 'Pools and futures',
  rows: ['2.8'],
  summary:
    'Each of four numbers is squared by a worker of its own, which takes a while: in threads, then in processes.',
  watch: [
    'submit(): it returns a future at once. All four are under way before the first result is asked for.',
    'The loop over the futures waits for the first, and finds the others ready; the order is that of submitting.',
  ],
  parameters: {
    numbers: integer('numbers, and workers', 4, { max: 32 }),
    ms: duration('how long each takes', '200ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { numbers, ms } }) {
    const runs = [await squareAll('threads', numbers, ms), await squareAll('processes', numbers, ms)];
    const expected = Array.from({ length: numbers }, (_, n) => n * n);
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: Object.fromEntries(
        runs.flatMap(({ kind, squares, wallMs }) => [
          [kind, squares],
          [`${kind}, ms`, Math.round(wallMs)],
        ]),
      ),
      checks: runs.flatMap(({ kind, squares, underWay, wallMs }) => [
        equal(`${kind}: results`, expected.join(' '), squares.join(' ')),
        equal(`${kind}: under way before the first result`, numbers, underWay),
        takes(`${kind}: time for all of them`, ms, wallMs, true),
      ]),
      defect: null,
      verdict: `[${expected.join(', ')}] from both pools, in the time of one task`,
    };
  },
});

interface Squared {
  readonly kind: PoolKind;
  readonly squares: readonly number[];
  readonly underWay: number;
  readonly wallMs: number;
  readonly lanes: readonly Lane[];
}

async function squareAll(kind: PoolKind, numbers: number, ms: number): Promise<Squared> {
  await using pool = await warmPool<typeof tasks>(kind, 'waiting', numbers);
  const futures = Array.from({ length: numbers }, (_, n) => pool.submit('wait', ms, n * n));
  const underWay = pool.running;
  const runs = await Promise.all(futures.map((future) => future.result()));
  return {
    kind,
    squares: runs.map(({ value }) => value),
    underWay,
    wallMs: wallOf(runs),
    lanes: workerLanes(runs, kind, (_, n) => `square(${n})`),
  };
}
