/** Laboratory: two kinds of work, two kinds of pool: waiting and computing, on one thread and on several. */
import { availableParallelism } from 'node:os';
import type { TaskPool } from '../concurrency/pools/task-pool.ts';
import { equal, reaches } from './support/checks.ts';
import { roundsFor } from './support/calibrate.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { speedUp } from './support/speed-up.ts';
import { wallOf, type Timed } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import { hashRounds } from './tasks/computing.ts';
import type * as mixed from './tasks/mixed.ts';

export const experiment: Experiment = defineExperiment({
  name: 'io-vs-cpu',
  topic: 'Cores and costs',
  rows: ['0.2', '2.1'],
  summary:
    'The same number of waits and of computations, once all on one thread, once on as many threads as there are cores.',
  watch: [
    'the four times. Waits need no thread each: on one thread all of them overlap, on two threads two at a time do.',
    'Computing needs a core: on one thread it goes one by one, on threads as many at a time as there are cores.',
  ],
  parameters: {
    tasks: integer('tasks of each kind', 8, { max: 100 }),
    ms: duration('how long each waits or computes', '50ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { tasks, ms } }) {
    const cores = availableParallelism();
    const rounds = roundsFor(ms, hashRounds);
    await using oneThread = await warmPool<typeof mixed>('async', 'mixed', tasks);
    await using threads = await warmPool<typeof mixed>('threads', 'mixed', Math.min(cores, tasks));
    const submit = async (pool: TaskPool<typeof mixed>, kind: 'waits' | 'computes'): Promise<Measured> => {
      const runs = await Promise.all<Timed<string | number>>(
        Array.from({ length: tasks }, () =>
          (kind === 'waits' ? pool.submit('wait', ms, 0) : pool.submit('hash', rounds)).result(),
        ),
      );
      const name = `${kind}, ${pool.kind}`;
      return { name, runs, wallMs: wallOf(runs), lanes: laneOf(name, runs) };
    };
    const asyncWaits = await submit(oneThread, 'waits');
    const threadWaits = await submit(threads, 'waits');
    const asyncComputes = await submit(oneThread, 'computes');
    const threadComputes = await submit(threads, 'computes');
    const all = [asyncWaits, threadWaits, asyncComputes, threadComputes];
    const digests = [...asyncComputes.runs, ...threadComputes.runs].map(({ value }) => value);
    return {
      unit: 'ms',
      lanes: all.flatMap(({ lanes }) => lanes),
      values: { ...Object.fromEntries(all.map(({ name, wallMs }) => [`${name}, ms`, Math.round(wallMs)])), cores },
      checks: [
        equal('different digests of the same work', 1, new Set(digests).size),
        reaches('waiting: gain of one thread over several', 1, threadWaits.wallMs / asyncWaits.wallMs, 0.3),
        speedUp('computing: gain of threads', Math.min(cores, tasks), asyncComputes.wallMs, threadComputes.wallMs),
      ],
      defect: null,
      verdict: 'what waits belongs on one thread, what computes on one thread a core',
    };
  },
});

interface Measured {
  readonly name: string;
  readonly runs: readonly Timed<string | number>[];
  readonly wallMs: number;
  readonly lanes: readonly Lane[];
}

/** All tasks in one lane: what matters is when the last of them ends. */
function laneOf(name: string, runs: readonly Timed<unknown>[]): Lane[] {
  const start = Math.min(...runs.map(({ from }) => from));
  const kind = name.startsWith('waits') ? 'waits' : 'works';
  return [{ name, spans: runs.map(({ from, to }) => ({ from: from - start, to: to - start, kind })) }];
}
