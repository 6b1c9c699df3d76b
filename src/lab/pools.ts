/** Laboratory: the same program on four kinds of pools; only where the tasks run differs. */
import type { PoolKind, TaskPool } from '../concurrency/pools/task-pool.ts';
import { roundsFor } from './support/calibrate.ts';
import { equal, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { choice, duration, integer } from './support/parameters.ts';
import { wallOf, workerLanes, type Timed } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import { hashRounds } from './tasks/computing.ts';
import type * as mixed from './tasks/mixed.ts';

const KINDS = ['inline', 'async', 'threads', 'processes'] as const;

export const experiment: Experiment = defineExperiment({
  name: 'pools',
  topic: 'Pools and futures',
  rows: ['0.13'],
  summary: 'One program waits, computes, fails, cancels and closes; it runs on each kind of pool without a change.',
  watch: [
    'what is the same: results, their order, the error with its name, what can be cancelled, what a closed pool says.',
    'And what is not: the times. Waits overlap everywhere but inline, computing only on threads and in processes.',
  ],
  parameters: {
    pool: choice('kind of pool', [...KINDS, 'all'], 'all'),
    tasks: integer('tasks of each kind', 4, { max: 100 }),
    workers: integer('workers', 2, { max: 32 }),
    ms: duration('how long each task takes', '30ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pool, tasks, workers, ms } }) {
    const rounds = roundsFor(ms, hashRounds);
    const runs: Run[] = [];
    for (const kind of pool === 'all' ? KINDS : [pool]) runs.push(await program(kind, { tasks, workers, ms, rounds }));
    const digest = hashRounds(rounds);
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: Object.fromEntries(
        runs.flatMap(({ kind, waitedMs, computedMs }) => [
          [`${kind}: ${tasks} waits, ms`, Math.round(waitedMs)],
          [`${kind}: ${tasks} computations, ms`, Math.round(computedMs)],
        ]),
      ),
      checks: runs.flatMap((run) => checksOf(run, tasks, digest)),
      defect: null,
      verdict: `one program, ${runs.length} kinds of pools, the same answers: ${runs.map(({ kind }) => kind).join(', ')}`,
    };
  },
});

interface Size {
  readonly tasks: number;
  readonly workers: number;
  readonly ms: number;
  readonly rounds: number;
}

interface Run {
  readonly kind: PoolKind;
  readonly waited: readonly unknown[];
  readonly digests: readonly unknown[];
  readonly failure: string;
  readonly isCancelled: boolean;
  readonly afterClose: string;
  readonly waitedMs: number;
  readonly computedMs: number;
  readonly lanes: readonly Lane[];
}

async function program(kind: PoolKind, { tasks, workers, ms, rounds }: Size): Promise<Run> {
  const pool = await warmPool<typeof mixed>(kind, 'mixed', workers);
  try {
    const waits: Timed<number>[] = [];
    const inputs = Array.from({ length: tasks }, (_, number): [number, number] => [ms, number]);
    for await (const run of pool.starmap('wait', inputs)) waits.push(run);
    const hashes: Timed<string>[] = [];
    for await (const run of pool.map(
      'hash',
      inputs.map(() => rounds),
    ))
      hashes.push(run);
    const failure = await pool.submit('refuse', 'too far').result().then(String, String);
    const isCancelled = await cancelWaiting(pool);
    await pool.close();
    return {
      kind,
      waited: waits.map(({ value }) => value),
      digests: hashes.map(({ value }) => value),
      failure,
      isCancelled,
      afterClose: await codeOf(() => pool.submit('wait', 1, 0).result()),
      waitedMs: wallOf(waits),
      computedMs: wallOf(hashes),
      lanes: workerLanes<string | number>([...waits, ...hashes], kind, (_, index) => (index < tasks ? 'wait' : 'hash')),
    };
  } finally {
    await pool.close();
  }
}

/** Fills all workers, then cancels the first task that has to wait for one. */
async function cancelWaiting(pool: TaskPool<typeof mixed>): Promise<boolean> {
  const busy = Array.from({ length: pool.size }, () => pool.submit('wait', 5, 0).result());
  const future = pool.submit('wait', 5, 0);
  const isCancelled = future.cancel() && future.state === 'cancelled';
  await Promise.all(busy);
  return isCancelled;
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

function checksOf(
  { kind, waited, digests, failure, isCancelled, afterClose }: Run,
  tasks: number,
  digest: string,
): Check[] {
  const numbers = Array.from({ length: tasks }, (_, number) => number);
  return [
    equal(`${kind}: results, in order`, numbers.join(' '), waited.join(' ')),
    equal(`${kind}: digests that are right`, tasks, digests.filter((own) => own === digest).length),
    equal(`${kind}: the error of a task`, 'RangeError: too far', failure),
    equal(`${kind}: a waiting task can be cancelled`, true, isCancelled),
    equal(`${kind}: submit() after close()`, 'ERR_CLOSED', afterClose),
  ];
}
