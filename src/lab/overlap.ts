/** Laboratory: how many tasks are under way at once, and how many of them compute at once: two different numbers. */
import { availableParallelism } from 'node:os';
import type { TaskPool } from '../concurrency/pools/task-pool.ts';
import { atMost, equal, reaches } from './support/checks.ts';
import { roundsFor } from './support/calibrate.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { peakOf, type Lane } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { parallel } from './support/speed-up.ts';
import { wallOf, type Timed } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import { hashRounds, type Stretches } from './tasks/computing.ts';
import type * as computing from './tasks/computing.ts';

export const experiment: Experiment = defineExperiment({
  name: 'overlap',
  topic: 'Cores and costs',
  rows: ['1.1'],
  summary:
    'Tasks that mostly wait on one thread, then tasks that only compute on a thread each; who really runs is traced.',
  watch: [
    'two numbers. Concurrency: tasks begun and not ended. Parallelism: tasks that have a core at the same moment.',
    'On one thread all are under way and one computes; with more threads than cores, the cores are handed from one to the next.',
  ],
  parameters: {
    tasks: integer('tasks', 4, { max: 32 }),
    ms: duration('how long each waits, or computes', '100ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { tasks, ms } }) {
    const rounds = roundsFor(ms, hashRounds);
    await using oneThread = await warmPool<typeof computing>('async', 'computing', tasks);
    await using threads = await warmPool<typeof computing>('threads', 'computing', tasks);
    const waits = await traced('waits', oneThread, tasks, (pool) =>
      pool.submit('traceRequest', ms, Math.ceil(rounds / 20)).result(),
    );
    const computes = await traced('computes', threads, tasks, (pool) => pool.submit('traceHash', rounds).result());
    const cores = parallel(tasks);
    return {
      unit: 'ms',
      lanes: [...waits.lanes, ...computes.lanes],
      values: {
        'one thread, waiting: concurrency': waits.concurrency,
        'one thread, waiting: parallelism': waits.mostAtOnce,
        'threads, computing: concurrency': computes.concurrency,
        'threads, computing: parallelism': Number(computes.cores.toFixed(2)),
        cores: availableParallelism(),
      },
      checks: [
        equal('concurrency on one thread', tasks, waits.concurrency),
        equal('parallelism on one thread', 1, waits.mostAtOnce),
        equal('concurrency on threads', tasks, computes.concurrency),
        atMost('parallelism on threads, in cores', cores * 1.25, computes.cores),
        reaches('parallelism on threads, in cores', cores * 0.8, computes.cores, 0.1),
      ],
      defect: null,
      verdict: `under way at once: ${tasks} and ${tasks}; computing at once: 1 on one thread, ${computes.cores.toFixed(1)} on threads`,
    };
  },
});

interface Traced {
  readonly concurrency: number;
  /** The most tasks that were seen running at one moment. */
  readonly mostAtOnce: number;
  /** Processor time by the clock's time. */
  readonly cores: number;
  readonly lanes: readonly Lane[];
}

async function traced<M>(
  name: string,
  pool: TaskPool<M>,
  tasks: number,
  submit: (pool: TaskPool<M>) => Promise<Timed<Stretches>>,
): Promise<Traced> {
  const before = process.cpuUsage();
  const results = Array.from({ length: tasks }, () => submit(pool));
  const concurrency = pool.running;
  const runs = await Promise.all(results);
  const { user, system } = process.cpuUsage(before);
  const start = Math.min(...runs.map(({ from }) => from));
  const lanes = runs.map(({ value, from, to }, index): Lane => {
    const works = value.map(([from, to]) => ({ from: from - start, to: to - start, kind: 'works' as const }));
    return { name: `${name} ${index + 1}`, spans: [{ from: from - start, to: to - start, kind: 'waits' }, ...works] };
  });
  return { concurrency, mostAtOnce: peakOf(lanes, 'works'), cores: (user + system) / 1000 / wallOf(runs), lanes };
}
