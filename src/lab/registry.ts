/**
 * Laboratory: the list of experiments, and how to add one.
 *
 * Each experiment is one file, `src/lab/NAME.ts`, that exports `experiment`, plus one line below. Importing it does no work
 * (`crawl lab` imports all of them to list them): everything happens in `run`. Code that threads or processes of a pool run
 * stands in `src/lab/tasks/`, opened by `taskModule('…')`. Its step of the lesson stands in `support/tour.ts`, the rows it shows
 * in `support/checklist.ts`; afterwards `npm run docs:patterns`. Tests stand in `test/unit/lab/`; related experiments share a file.
 *
 * There are two kinds:
 *
 * - `isSeeded: true`: everything that waits, on the scheduler (`support/scheduler.ts`). `const scheduler = context.newScheduler()`,
 *   primitives of `src/concurrency/` with its `clock` and `tracer`, `scheduler.spawn(name, body)`, `await scheduler.run()`.
 *   The outcome is `finished` or `stuck` (who waits for whom); lanes and log come from the scheduler. Call `task.step()` where
 *   another task may come between; use `task.work(ms)` for what takes time. Takes `--seed`, `--real`, `--schedules N`.
 *   Each is tested under many schedules as it stands here (`registry.test.ts`, `schedules.long.ts`): broken it must fail under
 *   every one, fixed it must pass under every one. `test/support/lab.ts` helps with tests of its own.
 * - `isSeeded: false`: real threads, processes, requests. Lanes and times are measured. Keep each under 2 s by default, close
 *   everything with `await using`, and bound each wait (4 s), so that a hang explains itself; what stands still all the same
 *   is ended by `support/watchdog.ts`.
 *
 * `run` resolves to a `LabResult`: `checks` say what is to be seen, expected beside measured (`support/checks.ts`); `defect` is
 * what went wrong in the program that ran (the broken variant's whole point) or `null`; `verdict` is one line. Exit code 0
 * means that all checks hold and there is no defect. With `hasBroken`, `context.variant` is `broken` after `--broken`; its checks
 * say that the defect shows. Parameters (`support/parameters.ts`) become flags of `crawl lab NAME`.
 *
 * Use the engine's own primitives, never a copy: what is shown here is what the engine does.
 */
import type { Experiment } from './support/experiment.ts';

type Load = () => Promise<{ readonly experiment: Experiment }>;

/** By topic, and in each in the order of the lesson (`support/tour.ts`): an experiment needs only those before it. */
const EXPERIMENTS: Readonly<Record<string, Load>> = {
  // Threads and tasks
  ticker: () => import('./ticker.ts'),
  'two-tasks': () => import('./two-tasks.ts'),
  'simulated-downloads': () => import('./simulated-downloads.ts'),
  'subclass-fetcher': () => import('./subclass-fetcher.ts'),
  join: () => import('./join.ts'),

  // Races and locks
  race: () => import('./race.ts'),
  'two-claims': () => import('./two-claims.ts'),
  'lost-append': () => import('./lost-append.ts'),
  counter: () => import('./counter.ts'),
  reentrant: () => import('./reentrant.ts'),
  deadlock: () => import('./deadlock.ts'),

  // Waiting for a state
  condition: () => import('./condition.ts'),
  dialogue: () => import('./dialogue.ts'),

  // Queues and pipes
  'polling-queue': () => import('./polling-queue.ts'),
  sentinel: () => import('./sentinel.ts'),
  'bounded-queue': () => import('./bounded-queue.ts'),
  pipe: () => import('./pipe.ts'),

  // Limits
  'back-pressure': () => import('./back-pressure.ts'),
  webcrawler: () => import('./webcrawler.ts'),

  // Pools and futures
  executor: () => import('./executor.ts'),
  callbacks: () => import('./callbacks.ts'),
  order: () => import('./order.ts'),
  starmap: () => import('./starmap.ts'),
  'pool-map': () => import('./pool-map.ts'),
  'simulate-io': () => import('./simulate-io.ts'),
  pools: () => import('./pools.ts'),
  'parser-pool': () => import('./parser-pool.ts'),
  unobserved: () => import('./unobserved.ts'),

  // Processes and shared memory
  fork: () => import('./fork.ts'),
  processes: () => import('./processes.ts'),
  'isolated-memory': () => import('./isolated-memory.ts'),
  'shared-memory': () => import('./shared-memory.ts'),
  'process-queue': () => import('./process-queue.ts'),
  'shared-map': () => import('./shared-map.ts'),

  // Cores and costs
  'one-thread': () => import('./one-thread.ts'),
  overlap: () => import('./overlap.ts'),
  'io-vs-cpu': () => import('./io-vs-cpu.ts'),
  'spawn-cost': () => import('./spawn-cost.ts'),
  'cpu-wall': () => import('./cpu-wall.ts'),
  fibonacci: () => import('./fibonacci.ts'),
  primes: () => import('./primes.ts'),
  'which-pool': () => import('./which-pool.ts'),

  // The engine
  'seq-vs-conc': () => import('./seq-vs-conc.ts'),
  'one-fetcher-many': () => import('./one-fetcher-many.ts'),
  'queue-sizes': () => import('./queue-sizes.ts'),
  'parse-threads': () => import('./parse-threads.ts'),
};

export const EXPERIMENT_NAMES: readonly string[] = Object.keys(EXPERIMENTS);

/** `undefined` where there is none of that name. */
export async function loadExperiment(name: string): Promise<Experiment | undefined> {
  const load = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
  return (await load?.())?.experiment;
}

export async function loadExperiments(): Promise<Experiment[]> {
  return await Promise.all(Object.values(EXPERIMENTS).map(async (load) => (await load()).experiment));
}
