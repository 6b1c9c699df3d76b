/** Laboratory: five computations of very different size on one thread, on threads, in processes. */
import type { PoolKind } from '../concurrency/pools/task-pool.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { choice, integer } from './support/parameters.ts';
import { speedUp } from './support/speed-up.ts';
import { wallOf, workerLanes } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import type * as tasks from './tasks/computing.ts';

const KINDS = ['inline', 'threads', 'processes'] as const;

export const experiment: Experiment = defineExperiment({
  name: 'fibonacci',
  topic: 'Cores and costs',
  rows: ['4.15'],
  summary:
    'Fibonacci numbers by plain recursion, each 1.6 times the work of the one before: in one line, on threads, in processes.',
  watch: [
    'the lanes: the largest task is begun first. Begun last, one worker would still compute while the others have nothing left.',
    'Threads and processes take about the same time: computing is parallel in both. What differs is the price of starting.',
  ],
  parameters: {
    pool: choice('where to compute', [...KINDS, 'all'], 'all'),
    from: integer('the first number', 30, { min: 0, max: 45 }),
    to: integer('the last number', 34, { min: 0, max: 45 }),
    workers: integer('workers', 2, { max: 32 }),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pool, from, to, workers } }) {
    const inputs = Array.from({ length: Math.max(1, to - from + 1) }, (_, index) => from + index);
    const runs: Computed[] = [];
    for (const kind of pool === 'all' ? KINDS : [pool]) runs.push(await compute(kind, inputs, workers));
    const alone = runs.find(({ kind }) => kind === 'inline');
    const others = runs.filter((run) => run !== alone);
    const expected = inputs.map(fibonacci).join(' ');
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: {
        ...Object.fromEntries(inputs.map((n) => [`fibonacci(${n})`, fibonacci(n)])),
        ...Object.fromEntries(runs.map(({ kind, wallMs }) => [`${kind}, ms`, Math.round(wallMs)])),
      },
      checks: [
        ...runs.map(({ kind, values }) =>
          equal(`${kind}: results in the order of the numbers`, expected, values.join(' ')),
        ),
        ...(alone === undefined || workers === 1
          ? []
          : others.map(({ kind, wallMs }) => speedUp(`gain of ${workers} ${kind}`, workers, alone.wallMs, wallMs))),
      ],
      defect: null,
      verdict: runs.map(({ kind, wallMs }) => `${kind} ${Math.round(wallMs)} ms`).join(', '),
    };
  },
});

interface Computed {
  readonly kind: PoolKind;
  readonly values: readonly number[];
  readonly wallMs: number;
  readonly lanes: readonly Lane[];
}

async function compute(kind: PoolKind, inputs: readonly number[], workers: number): Promise<Computed> {
  await using pool = await warmPool<typeof tasks>(kind, 'computing', workers);
  const largestFirst = inputs.toReversed().map((n) => pool.submit('fibonacci', n).result());
  const runs = await Promise.all(largestFirst.toReversed());
  return {
    kind,
    values: runs.map(({ value }) => value),
    wallMs: wallOf(runs),
    lanes: workerLanes(runs, kind, (_, index) => String(inputs[index])),
  };
}

/** By addition, to check the recursion by. */
function fibonacci(n: number): number {
  let [current, next] = [0, 1];
  for (let index = 0; index < n; index++) [current, next] = [next, current + next];
  return current;
}
