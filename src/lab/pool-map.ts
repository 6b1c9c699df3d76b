/** Laboratory: a task pool of any kind maps a function over numbers; the results come in the order of the inputs. */
import { openPool } from '../concurrency/pools/open-pool.ts';
import { atLeast, equal, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { choice, duration, integer } from './support/parameters.ts';
import { taskModule } from './support/task-module.ts';
import { workerLanes, type Timed } from './support/timed.ts';
import type * as tasks from './tasks/arithmetic.ts';

export const experiment: Experiment = defineExperiment({
  name: 'pool-map',
  topic: 'Pools and futures',
  rows: ['2.11', '4.13', '4.18', '0.13'],
  summary:
    'A pool squares numbers, each on whichever worker is free, and yields the squares in the order of the numbers.',
  watch: [
    'who does what: workers take the next number when they are free, yet results come in order. A slow one holds back others.',
    'The interface is the same for all pools; --pool says where tasks run, and so whether computing overlaps.',
  ],
  parameters: {
    pool: choice('kind of pool', ['inline', 'async', 'threads', 'processes'], 'threads'),
    count: integer('numbers', 10, { max: 1000 }),
    workers: integer('workers', 4, { max: 32 }),
    ms: duration('computing each takes', '20ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pool: kind, count, workers, ms } }) {
    await using pool = await openPool<typeof tasks>({ kind, module: taskModule('arithmetic'), size: workers });
    const inputs = Array.from({ length: count }, (_, n): [number, number] => [n, ms]);
    const results: Timed<number>[] = [];
    for await (const result of pool.starmap('square', inputs)) results.push(result);
    const single = await pool.submit('square', 5, 0).result();
    const squares = results.map(({ value }) => value);
    const ids = [...new Set(results.map(({ worker }) => worker))];
    const isElsewhere = kind === 'threads' || kind === 'processes';
    const checks: Check[] = [
      equal('squares, in order', inputs.map(([n]) => n * n).join(' '), squares.join(' ')),
      equal('submit(5)', 25, single.value),
      isElsewhere
        ? atLeast('different workers', Math.min(2, workers, count), ids.length)
        : equal('different workers', 1, ids.length),
    ];
    return {
      unit: 'ms',
      lanes: workerLanes(results, 'worker'),
      values: { squares, 'workers used': ids.length },
      checks,
      defect: null,
      verdict: `${count} squares in order, computed in ${isElsewhere ? `${ids.length} ${kind}` : 'the main thread'}`,
    };
  },
});
