/** Laboratory: a function that holds a lock calls another one that takes the same lock. */
import { Mutex } from '../concurrency/mutex.ts';
import { ReentrantMutex } from '../concurrency/reentrant-mutex.ts';
import { CrawlError } from '../model/errors.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';
import type { Task } from './support/scheduler.ts';

/** What the tasks share, and the lock around it. */
interface Shared {
  readonly lock: Mutex | ReentrantMutex;
  count: number;
  /** Sections that were entered by somebody who was inside already. */
  nested: number;
  /** Tasks that found the number changed by another one halfway. */
  disturbed: number;
}

export const experiment: Experiment = defineExperiment({
  name: 'reentrant',
  topic: 'Races and locks',
  rows: ['2.5', '4.8'],
  summary: 'Each task takes a lock, adds 1, and calls a function that takes the same lock and subtracts 1.',
  watch: [
    'the inner call. A reentrant mutex knows that its holder is asking and lets it in; others wait until the outer one ends.',
    'A plain mutex would wait for itself for ever. Here it notices that, and says so instead of hanging.',
  ],
  parameters: {
    tasks: integer('tasks', 3, { max: 50 }),
    times: integer('times each does it', 2, { max: 100 }),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { tasks, times }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const options = { name: 'the lock', clock, tracer };
    const lock = variant === 'broken' ? new Mutex(options) : new ReentrantMutex(options);
    const shared: Shared = { lock, count: 0, nested: 0, disturbed: 0 };
    const refused: string[] = [];
    for (let number = 1; number <= tasks; number++) {
      scheduler.spawn(`task ${number}`, async (task) => {
        for (let time = 0; time < times; time++) await addAndSubtract(task, shared).catch(noteRefusal(task, refused));
      });
    }
    const outcome = await scheduler.run();
    const expected = tasks * times;
    return {
      unit: 'steps',
      lanes: scheduler.lanes('steps'),
      log: scheduler.log,
      values: { count: shared.count, 'nested sections': shared.nested, refused: refused.length },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('nested sections', variant === 'broken' ? 0 : expected, shared.nested),
        equal('count at the end', variant === 'broken' ? expected : 0, shared.count),
        equal('changed by others in between', 0, shared.disturbed),
        ...(variant === 'broken'
          ? [
              equal(
                'told of a deadlock with itself',
                expected,
                refused.filter((code) => code === 'ERR_DEADLOCK').length,
              ),
            ]
          : []),
      ],
      defect: refused.length > 0 ? `${refused.length} calls would have waited for themselves for ever` : null,
      verdict:
        refused.length > 0
          ? 'a plain mutex does not let its holder in again; it says ERR_DEADLOCK instead of hanging'
          : `${shared.nested} nested sections, count back at ${shared.count}, nobody came in between`,
    };
  },
});

async function addAndSubtract(task: Task, shared: Shared): Promise<void> {
  await task.step();
  await shared.lock.runExclusive(async () => {
    const before = shared.count;
    shared.count = before + 1;
    task.say('outer: +1');
    await task.step();
    if (shared.count !== before + 1) shared.disturbed++;
    await subtract(task, shared);
  });
}

async function subtract(task: Task, shared: Shared): Promise<void> {
  await shared.lock.runExclusive(async () => {
    shared.nested++;
    const before = shared.count;
    await task.step();
    if (shared.count !== before) shared.disturbed++;
    shared.count = before - 1;
    task.say('inner: -1');
  });
}

function noteRefusal(task: Task, refused: string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof CrawlError)) throw error;
    task.say(error.code);
    refused.push(error.code);
  };
}
