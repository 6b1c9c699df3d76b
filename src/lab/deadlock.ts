/** Laboratory: two tasks take two mutexes, in opposite order (they deadlock) or in the same order (they do not). */
import { Mutex } from '../concurrency/mutex.ts';
import { CancelledError } from '../model/errors.ts';
import { equal, holds } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration, toggle } from './support/parameters.ts';
import type { Scheduler, Task } from './support/scheduler.ts';

export const experiment: Experiment = defineExperiment({
  name: 'deadlock',
  topic: 'Races and locks',
  rows: ['1.6', '4.7'],
  summary: 'Two tasks each need two mutexes; each takes one, and then the other.',
  watch: [
    'the cycle: A holds left and waits for right, B holds right and waits for left. Nobody does anything wrong alone.',
    'Fixed, both take left first: one order for all locks, and no cycle can close. --timeout gives up and tries again.',
  ],
  parameters: {
    hold: duration('how long each holds its first mutex before it asks for the second', '100ms'),
    timeout: toggle('keep the opposite order, but give up waiting after a while and start over'),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { hold, timeout }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const [left, right] = ['left', 'right'].map((name) => new Mutex({ name, clock, tracer })) as [Mutex, Mutex];
    const isOpposite = variant === 'broken' || timeout;
    const patience = { A: 3 * hold, B: 5 * hold };
    const body = (name: 'A' | 'B', first: Mutex, second: Mutex) => (task: Task) =>
      timeout
        ? takeWithPatience(task, scheduler, first, second, hold, patience[name])
        : take(task, first, second, hold);
    scheduler.spawn('A', body('A', left, right));
    scheduler.spawn('B', isOpposite ? body('B', right, left) : body('B', left, right));
    const outcome = await scheduler.run();
    const finished = scheduler.log.filter(({ text }) => text === 'has both').length;
    const cycle = outcome.kind === 'stuck' ? (outcome.stuck.cycle ?? []) : [];
    const isStuck = outcome.kind === 'stuck';
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: { finished },
      ...(isStuck ? { stuck: outcome.stuck } : {}),
      checks:
        variant === 'broken' && !timeout
          ? [
              equal('ends by itself', false, !isStuck),
              holds('a cycle of two is named', cycle.length === 3 && cycle[0] === cycle[2], cycle.join(' → ')),
            ]
          : [equal('ends by itself', true, outcome.kind === 'finished'), equal('tasks that got both', 2, finished)],
      defect: isStuck ? `deadlock: ${cycle.join(' waits for ')}` : null,
      verdict: isStuck
        ? 'opposite order closes a cycle; the wait-for graph names it'
        : timeout
          ? 'giving up breaks the cycle, at the price of work done twice'
          : 'one order for all locks: no cycle can close',
    };
  },
});

async function take(task: Task, first: Mutex, second: Mutex, hold: number): Promise<void> {
  using _one = await first.acquire();
  task.say(`has ${first.name}`);
  await task.work(hold, first.name);
  using _two = await second.acquire();
  await task.step();
  task.say('has both');
  await task.work(hold, 'both');
}

/** Waits for the second mutex only so long; then gives the first one back, and begins again a little later. */
async function takeWithPatience(
  task: Task,
  { clock }: Scheduler,
  first: Mutex,
  second: Mutex,
  hold: number,
  patienceMs: number,
): Promise<void> {
  for (;;) {
    using one = await first.acquire();
    task.say(`has ${first.name}`);
    await task.work(hold, first.name);
    const cancel = new AbortController();
    const timer = clock.after(patienceMs, () => cancel.abort());
    try {
      using _two = await second.acquire(cancel.signal);
      timer.cancel();
      task.say('has both');
      await task.work(hold, 'both');
      return;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      one.release();
      task.say(`gives ${first.name} back`);
      await task.sleep(patienceMs);
    }
  }
}
