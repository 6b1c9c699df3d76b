/** Laboratory: four ways to ask a pool for results: as submitted, as completed, mapped in order, and the first one only. */
import { asCompleted } from '../concurrency/as-completed.ts';
import { waitFor } from '../concurrency/wait-for.ts';
import { atMost, equal, takes, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane, LogLine } from './support/lanes.ts';
import { choice, duration, integer } from './support/parameters.ts';
import { scheduledPool } from './support/scheduled-pool.ts';
import type { Scheduler, Task } from './support/scheduler.ts';

const MODES = ['submit', 'completed', 'map', 'first'] as const;
type Mode = (typeof MODES)[number];

export const experiment: Experiment = defineExperiment({
  name: 'order',
  topic: 'Pools and futures',
  rows: ['4.11', '4.12', '4.13', '4.14'],
  summary:
    'A pool runs tasks of one to three seconds; their results are asked for in four ways, and come in three orders.',
  watch: [
    'when a result is seen, against when its task ended: in the order of submitting a slow first one holds back the others.',
    'asCompleted yields each as it ends; waitFor parts all of them in done and pending; map keeps order, and pulls few ahead.',
  ],
  parameters: {
    mode: choice('how to ask for results', [...MODES, 'all'], 'all'),
    unit: duration('the shortest delay', '1s'),
    buffer: integer('map: inputs pulled ahead of the results, at most', 3, { max: 100 }),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { mode, unit, buffer }, isReal, newScheduler }) {
    const runs: Run[] = [];
    for (const one of mode === 'all' ? MODES : [mode]) {
      runs.push(await PROGRAMS[one]({ scheduler: newScheduler(), unit, isReal, buffer }));
    }
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      log: runs.flatMap(({ log }) => log),
      values: Object.fromEntries(runs.map(({ mode, seen }) => [`${mode}: results seen`, seen])),
      checks: runs.flatMap(({ checks }) => checks),
      defect: null,
      verdict: runs.map(({ mode, seen }) => `${mode} ${seen.join(' ')}`).join(' · '),
    };
  },
});

interface Setting {
  readonly scheduler: Scheduler;
  readonly unit: number;
  readonly isReal: boolean;
  readonly buffer: number;
}

interface Run {
  readonly mode: Mode;
  /** The tasks, in the order in which somebody saw their results. */
  readonly seen: readonly string[];
  readonly lanes: readonly Lane[];
  readonly log: readonly LogLine[];
  readonly checks: readonly Check[];
}

/** Name and delay, in units. */
type Job = [name: string, delay: number];
type Pool = ReturnType<typeof openPool>;
type See = (name: string) => void;

const PROGRAMS: Readonly<Record<Mode, (setting: Setting) => Promise<Run>>> = {
  submit: inOrderOfSubmitting,
  completed: asTheyEnd,
  map: mapped,
  first: firstThenRest,
};

async function inOrderOfSubmitting(setting: Setting): Promise<Run> {
  const { unit, isReal } = setting;
  const jobs: Job[] = [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ];
  const run = await runMode('submit', setting, 2, async (pool, see) => {
    const futures = jobs.map((job) => pool.submit('job', ...job));
    for (const future of futures) see(await future.result(waitOf(setting)));
  });
  return {
    ...run,
    checks: [
      ...run.checks,
      equal('submit: results in the order of submitting', 'a b c', run.seen.join(' ')),
      takes('submit: time, two workers', 4 * unit, run.log.at(-1)?.at ?? 0, isReal),
    ],
  };
}

async function asTheyEnd(setting: Setting): Promise<Run> {
  const { unit, isReal } = setting;
  const run = await runMode('completed', setting, 3, async (pool, see) => {
    const futures = THREE.map((job) => pool.submit('job', ...job));
    for await (const future of asCompleted(futures, waitOf(setting))) see(await future.result());
  });
  return {
    ...run,
    checks: [
      ...run.checks,
      equal('completed: fastest first', 'b c a', run.seen.join(' ')),
      takes('completed: the first result is seen after', unit, run.log[0]?.at ?? 0, isReal),
    ],
  };
}

const THREE: readonly Job[] = [
  ['a', 3],
  ['b', 1],
  ['c', 2],
];

async function mapped(setting: Setting): Promise<Run> {
  const { buffer } = setting;
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  let [pulled, yielded, mostAhead] = [0, 0, 0];
  const inputs = function* (): Generator<Job> {
    for (const [index, name] of names.entries()) {
      pulled++;
      mostAhead = Math.max(mostAhead, pulled - yielded);
      yield [name, 3 - (index % 3)];
    }
  };
  const run = await runMode('map', setting, 3, async (pool, see) => {
    for await (const name of pool.starmap('job', inputs(), { buffer, ...waitOf(setting) })) {
      yielded++;
      see(name);
    }
  });
  return {
    ...run,
    checks: [
      ...run.checks,
      equal('map: results in the order of the inputs', names.join(' '), run.seen.join(' ')),
      atMost('map: inputs pulled ahead of the results', buffer, mostAhead),
    ],
  };
}

async function firstThenRest(setting: Setting): Promise<Run> {
  const { unit, isReal } = setting;
  const sets = { done: 0, pending: 0 };
  const run = await runMode('first', setting, 3, async (pool, see, main) => {
    const futures = THREE.map((job) => pool.submit('job', ...job));
    const { done, pending } = await waitFor(futures, { until: 'first', ...waitOf(setting) });
    [sets.done, sets.pending] = [done.size, pending.size];
    main.say('First task completed');
    for (const future of done) see(await future.result());
    for await (const future of asCompleted(pending, waitOf(setting))) see(await future.result());
  });
  return {
    ...run,
    checks: [
      ...run.checks,
      equal('first: the fastest, then the others', 'b c a', run.seen.join(' ')),
      takes('first: "First task completed" after', unit, run.log[0]?.at ?? 0, isReal),
      equal('first: done and pending', '1 and 2', `${sets.done} and ${sets.pending}`),
    ],
  };
}

function openPool(scheduler: Scheduler, workers: number, unit: number) {
  return scheduledPool(scheduler, workers, {
    job: async (task, name: string, delay: number) => {
      await task.work(delay * unit);
      return name;
    },
  });
}

function waitOf({ scheduler: { clock, tracer } }: Setting) {
  return { clock, tracer, name: 'a result' };
}

async function runMode(
  mode: Mode,
  { scheduler, unit }: Setting,
  workers: number,
  main: (pool: Pool, see: See, task: Task) => Promise<void>,
): Promise<Run> {
  const seen: string[] = [];
  scheduler.spawn(mode, async (task) => {
    await using pool = openPool(scheduler, workers, unit);
    const see: See = (name) => {
      seen.push(name);
      task.say(`result of ${name}`);
    };
    await main(pool, see, task);
  });
  const outcome = await scheduler.run();
  // The pool's lanes are named job(a, 1): here the mode says more than the delay.
  const lanes = scheduler.lanes('ms').map(({ name, spans }) => ({
    name: name.replace(/^job\((\w+),.*/, `${mode} $1`),
    spans,
  }));
  const checks = [equal(`${mode}: ends by itself`, true, outcome.kind === 'finished')];
  return { mode, seen, lanes, log: scheduler.log, checks };
}
