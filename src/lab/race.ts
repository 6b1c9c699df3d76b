/** Laboratory: one thread adds, one subtracts, as often as each other; what is left should be 0. And why it is not. */
import { availableParallelism } from 'node:os';
import { openPool } from '../concurrency/pools/open-pool.ts';
import type { TaskPool } from '../concurrency/pools/task-pool.ts';
import { SharedCounter } from '../concurrency/threads/shared-counter.ts';
import { SharedMutex } from '../concurrency/threads/shared-mutex.ts';
import { sharedCells } from '../concurrency/threads/shared-wait.ts';
import { equal, reaches } from './support/checks.ts';
import { defineExperiment, type Experiment, type LabResult } from './support/experiment.ts';
import { interleavings, type Interleaving } from './support/interleavings.ts';
import type { Lane } from './support/lanes.ts';
import { integer, toggle } from './support/parameters.ts';
import { GATE_CELLS } from './support/start-together.ts';
import { taskModule } from './support/task-module.ts';
import type * as tasks from './tasks/counting.ts';

export const experiment: Experiment = defineExperiment({
  name: 'race',
  topic: 'Races and locks',
  rows: ['4.1', '4.2', '1.5', '0.14'],
  summary: 'Two threads share a number: one adds 1 a million times, the other subtracts 1 as often.',
  watch: [
    'what is left. Each n++ and n-- loads, adds, stores; what another thread stored between load and store is overwritten.',
    '--explain goes through all orders in which two threads can take these three steps each, and counts those that lose.',
  ],
  parameters: {
    runs: integer('runs without protection', 10, { max: 100 }),
    times: integer('additions and subtractions', 1_000_000, { max: 100_000_000 }),
    explain: toggle('all interleavings of load, add, store of two threads, instead of threads'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { runs, times, explain } }) {
    return explain ? explained() : await raced(runs, times);
  },
});

const MOST_REPEATS = 2;

interface Raced {
  readonly left: number;
  readonly lanes: readonly Lane[];
}

async function raced(runs: number, times: number): Promise<LabResult> {
  await using pool = await openPool<typeof tasks>({ kind: 'threads', module: taskModule('counting'), size: 2 });
  const left: number[] = [];
  /** Of the last run. */
  let lanes: readonly Lane[] = [];
  let repeated = 0;
  for (let run = 0; run < runs; run++) {
    let plain = await addAndSubtract(pool, 'none', times);
    // On a busy machine two threads may still run one after the other: that was no race, and is repeated.
    for (let tries = 0; plain.left === 0 && tries < MOST_REPEATS; tries++, repeated++) {
      plain = await addAndSubtract(pool, 'none', times);
    }
    left.push(plain.left);
    lanes = plain.lanes;
  }
  const atomic = await addAndSubtract(pool, 'atomics', times);
  const isParallel = availableParallelism() > 1;
  const wrong = left.filter((value) => value !== 0).length;
  return {
    unit: 'ms',
    lanes: [...lanes, ...atomic.lanes],
    values: {
      'left over, run by run': left,
      'left over with Atomics': atomic.left,
      'runs repeated': repeated,
      cores: availableParallelism(),
    },
    checks: [
      reaches(
        'runs that end with another number than 0',
        isParallel ? Math.floor(runs * 0.9) : 0,
        wrong,
        isParallel ? 1 : 0,
      ),
      equal('left over with Atomics', 0, atomic.left),
    ],
    defect: null,
    verdict: `${wrong} of ${runs} unprotected runs lost updates; with Atomics exactly 0`,
  };
}

async function addAndSubtract(pool: TaskPool<typeof tasks>, mode: 'none' | 'atomics', times: number): Promise<Raced> {
  const counter = new SharedCounter();
  const common = { mode, cells: counter.cells, mutex: new SharedMutex().cells, gate: sharedCells(GATE_CELLS), times };
  const halves = [1, -1].map((amount) => pool.submit('addUp', { ...common, workers: 2, amount }).result());
  const spans = await Promise.all(halves);
  const start = Math.min(...spans.map(({ from }) => from));
  const lanes = spans.map(({ from, to }, index): Lane => ({
    name: `${mode}, ${index === 0 ? '+1' : '-1'}`,
    spans: [{ from: from - start, to: to - start, kind: 'works' }],
  }));
  return { left: counter.value, lanes };
}

/** Both add 1 to a number that is 0: 2 is right, 1 means that an update was lost. */
function explained(): LabResult {
  const all = interleavings(['load', 'add', 'store'], 2).map(outcomeOf);
  const losing = all.filter(({ sum }) => sum !== 2);
  const shown = losing[0];
  return {
    unit: 'steps',
    lanes: ['A', 'B'].map((name, who) => ({
      name,
      spans: (shown?.order ?? []).flatMap((turn, step) =>
        turn.who === who ? [{ from: step, to: step + 1, kind: 'works' as const }] : [],
      ),
    })),
    log: shown?.log ?? [],
    values: { orders: all.length, right: all.length - losing.length, 'lose an update': losing.length },
    checks: [
      equal('orders in all', 20, all.length),
      equal('orders that end with 2', 2, all.length - losing.length),
      equal('orders that lose an update', 18, losing.length),
    ],
    defect: null,
    verdict:
      'only the 2 orders in which one thread is done before the other begins are right; above is one of the 18 others',
  };
}

interface Explained {
  readonly order: Interleaving<string>;
  readonly sum: number;
  readonly log: LabResult['log'];
}

function outcomeOf(order: Interleaving<string>): Explained {
  let shared = 0;
  const own = [0, 0];
  const log = order.map(({ who, what }, index) => {
    if (what === 'load') own[who] = shared;
    else if (what === 'add') own[who] = (own[who] ?? 0) + 1;
    else shared = own[who] ?? 0;
    return { at: index, step: index + 1, task: who === 0 ? 'A' : 'B', text: `${what} → ${own[who]}` };
  });
  return { order, sum: shared, log };
}
