/** Laboratory: finds out by a sample which kind of pool suits a kind of work, and shows what the others would take. */
import { availableParallelism } from 'node:os';
import type { PoolKind, TaskPool } from '../concurrency/pools/task-pool.ts';
import { roundsFor } from './support/calibrate.ts';
import { equal, reaches, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { choice, duration, integer } from './support/parameters.ts';
import { wallOf, type Timed } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import { hashRounds } from './tasks/computing.ts';
import type * as mixed from './tasks/mixed.ts';

const KINDS: readonly PoolKind[] = ['inline', 'async', 'threads', 'processes'];

export const experiment: Experiment = defineExperiment({
  name: 'which-pool',
  topic: 'Cores and costs',
  rows: ['0.12', '2.15'],
  summary:
    'A few tasks of a kind are run alone to see how much of their time they compute; that decides which pool they get.',
  watch: [
    'the share of its time that a task computes. Near 0 it waits, and one thread can wait for many; near 1 it needs a core.',
    'The times of all four pools stand beside the recommendation: it flips when the work does.',
  ],
  parameters: {
    work: choice('the kind of work: waiting, computing', ['io', 'cpu', 'both'], 'both'),
    tasks: integer('tasks', 12, { max: 200 }),
    ms: duration('how long each takes', '15ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { work, tasks, ms } }) {
    const advised: Advised[] = [];
    for (const kind of work === 'both' ? (['io', 'cpu'] as const) : [work]) advised.push(await advise(kind, tasks, ms));
    return {
      unit: 'ms',
      lanes: advised.flatMap(({ lanes }) => lanes),
      values: Object.fromEntries(
        advised.flatMap(({ work, share, pool, times }) => [
          [`${work}: share of the time computed`, share],
          ...times.map(({ kind, wallMs }) => [`${work}: ${kind}, ms`, Math.round(wallMs)]),
          [`${work}: recommended`, pool],
        ]),
      ),
      checks: advised.flatMap(checksOf),
      defect: null,
      verdict: advised.map(({ work, pool }) => `${work}: ${pool}`).join(', '),
    };
  },
});

type Work = 'io' | 'cpu';

interface Advised {
  readonly work: Work;
  readonly share: number;
  readonly pool: PoolKind;
  readonly times: readonly { readonly kind: PoolKind; readonly wallMs: number }[];
  readonly lanes: readonly Lane[];
}

const SAMPLES = 5;
/** Below it a task waits more than it computes. */
const LEAST_SHARE = 0.5;

async function advise(work: Work, tasks: number, ms: number): Promise<Advised> {
  const rounds = roundsFor(ms, hashRounds);
  const submit = async (pool: TaskPool<typeof mixed>): Promise<Timed<unknown>> =>
    await (work === 'io' ? pool.submit('wait', ms, 0) : pool.submit('hash', rounds)).result();
  const share = await shareComputed(submit);
  const pool: PoolKind = share < LEAST_SHARE ? 'async' : availableParallelism() > 1 ? 'threads' : 'inline';
  const times: { kind: PoolKind; wallMs: number }[] = [];
  for (const kind of KINDS) {
    await using pool = await warmPool<typeof mixed>(kind, 'mixed', kind === 'async' ? tasks : availableParallelism());
    const runs = await Promise.all(Array.from({ length: tasks }, () => submit(pool)));
    times.push({ kind, wallMs: wallOf(runs) });
  }
  const lanes = times.map(({ kind, wallMs }): Lane => {
    const kindOfSpan = work === 'io' ? 'waits' : 'works';
    return { name: `${work}, ${kind}`, spans: [{ from: 0, to: wallMs, kind: kindOfSpan }] };
  });
  return { work, share, pool, times, lanes };
}

/**
 * The part of its time in which the thread of a task did not wait for events, the least of a few runs: a busy machine
 * adds to a share, nothing takes from it. Not processor time: that of a task which computes is small as well where
 * others use the cores.
 */
async function shareComputed(submit: (pool: TaskPool<typeof mixed>) => Promise<Timed<unknown>>): Promise<number> {
  await using alone = await warmPool<typeof mixed>('inline', 'mixed', 1);
  let least = 1;
  for (let sample = 0; sample < SAMPLES; sample++) {
    // Nothing is counted before the event loop of the process has begun its first turn.
    await new Promise((resolve) => setImmediate(resolve));
    const before = performance.eventLoopUtilization();
    await submit(alone);
    least = Math.min(least, performance.eventLoopUtilization(before).utilization);
  }
  return least;
}

function checksOf({ work, pool, times }: Advised): Check[] {
  const expected = work === 'io' ? 'async' : availableParallelism() > 1 ? 'threads' : 'inline';
  const taken = times.find(({ kind }) => kind === pool)?.wallMs ?? 0;
  const inline = times.find(({ kind }) => kind === 'inline')?.wallMs ?? 0;
  return [
    equal(`${work}: recommended`, expected, pool),
    reaches(`${work}: as fast as inline, times`, expected === 'inline' ? 1 : 1.6, inline / taken, 0.2),
  ];
}
