/** Laboratory: several threads add 1 to one number in shared memory, with no protection, under a mutex, or atomically. */
import { availableParallelism } from 'node:os';
import { openPool } from '../concurrency/pools/open-pool.ts';
import { SharedCounter } from '../concurrency/threads/shared-counter.ts';
import { SharedMutex } from '../concurrency/threads/shared-mutex.ts';
import { sharedCells } from '../concurrency/threads/shared-wait.ts';
import { atLeast, equal, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment, type LabResult } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { choice, integer } from './support/parameters.ts';
import { GATE_CELLS } from './support/start-together.ts';
import { taskModule } from './support/task-module.ts';
import type * as tasks from './tasks/counting.ts';

type Mode = 'none' | 'mutex' | 'atomics';

export const experiment: Experiment = defineExperiment({
  name: 'counter',
  topic: 'Races and locks',
  rows: ['2.4', '4.7'],
  summary: 'Worker threads add 1 to the same number in shared memory, each as often as told.',
  watch: [
    'the sum. `n++` is load, add, store; two threads that load the same number store the same result: one update is lost.',
    'A mutex lets one thread at a time do the three steps, Atomics.add makes them one; both are exact, at a price per step.',
  ],
  parameters: {
    workers: integer('threads', 5, { max: 64 }),
    times: integer('additions of each', 100_000, { max: 10_000_000 }),
    mode: choice('protection', ['none', 'mutex', 'atomics', 'all'], 'all'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { workers, times, mode } }) {
    const modes: readonly Mode[] = mode === 'all' ? ['none', 'mutex', 'atomics'] : [mode];
    const runs: Counted[] = [];
    for (const mode of modes) runs.push(await countUntilLost(mode, workers, times));
    return resultOf(runs, workers, times);
  },
});

const MOST_RUNS = 5;

interface Counted {
  readonly mode: Mode;
  readonly sum: number;
  readonly nsPerStep: number;
  readonly lanes: readonly Lane[];
}

/** Where nothing protects, a run may be lucky: five are made at most, until one is not. */
async function countUntilLost(mode: Mode, workers: number, times: number): Promise<Counted> {
  let run = await count(mode, workers, times);
  const isLucky = (): boolean => mode === 'none' && workers > 1 && run.sum === workers * times;
  for (let runs = 1; runs < MOST_RUNS && isLucky(); runs++) run = await count(mode, workers, times);
  return run;
}

async function count(mode: Mode, workers: number, times: number): Promise<Counted> {
  await using pool = await openPool<typeof tasks>({ kind: 'threads', module: taskModule('counting'), size: workers });
  const counter = new SharedCounter();
  const mutex = new SharedMutex();
  const gate = sharedCells(GATE_CELLS);
  const spans = await Promise.all(
    Array.from({ length: workers }, () =>
      pool.submit('addUp', { mode, cells: counter.cells, mutex: mutex.cells, gate, workers, times }).result(),
    ),
  );
  const start = Math.min(...spans.map(({ from }) => from));
  const busyMs = Math.max(...spans.map(({ to }) => to)) - start;
  return {
    mode,
    sum: counter.value,
    nsPerStep: (busyMs * 1e6) / (workers * times),
    lanes: spans.map(({ from, to }, index) => ({
      name: `${mode} ${index + 1}`,
      spans: [{ from: from - start, to: to - start, kind: 'works' }],
    })),
  };
}

function resultOf(runs: readonly Counted[], workers: number, times: number): LabResult {
  const expected = workers * times;
  const values = Object.fromEntries(
    runs.flatMap(({ mode, sum, nsPerStep }) => [
      [`sum, ${mode}`, sum],
      [`ns a step, ${mode}`, Math.round(nsPerStep)],
    ]),
  );
  const isRace = workers > 1 && availableParallelism() > 1;
  const checks = runs.map((run) => checkOf(run, expected, isRace));
  const lost = runs.find(({ mode }) => mode === 'none');
  return {
    unit: 'ms',
    lanes: runs.flatMap(({ lanes }) => lanes),
    values: { ...values, cores: availableParallelism() },
    checks,
    defect:
      runs.length === 1 && lost !== undefined && lost.sum < expected
        ? `${expected - lost.sum} updates were lost`
        : null,
    verdict: [
      ...(lost === undefined ? [] : [`unprotected ${lost.sum} of ${expected}`]),
      ...(runs.every(({ mode }) => mode === 'none') ? [] : [`protected exactly ${expected}`]),
    ].join(', '),
  };
}

function checkOf({ mode, sum }: Counted, expected: number, isRace: boolean): Check {
  // Alone, or on a single core, nothing need be lost.
  if (mode === 'none') return atLeast('updates lost without protection', isRace ? 1 : 0, expected - sum);
  return equal(`sum with ${mode}`, expected, sum);
}
