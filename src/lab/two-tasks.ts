/** Laboratory: two tasks with names and different delays; the one started second ends first. */
import { equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { NamedTask } from './support/named-task.ts';
import { duration } from './support/parameters.ts';
import type { Task } from './support/scheduler.ts';

export const experiment: Experiment = defineExperiment({
  name: 'two-tasks',
  topic: 'Threads and tasks',
  rows: ['2.2', '2.3'],
  summary: 'Two tasks with names of their own take two seconds and one; the main task waits for both.',
  watch: [
    'which ends first: the order of starting says nothing about the order of ending, unless somebody waits in between.',
    'The names stand in lanes and lines. A trace full of “Thread-7” tells less than one with names somebody chose.',
  ],
  parameters: {
    first: duration('how long Thread-1 takes', '2s'),
    second: duration('how long Thread-2 takes', '1s'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { first, second }, isReal, newScheduler }) {
    const scheduler = newScheduler();
    scheduler.spawn('main', async (task) => {
      const tasks = [new DelayedTask('Thread-1', first), new DelayedTask('Thread-2', second)];
      for (const each of tasks) each.start(scheduler);
      for (const each of tasks) await each.join(task);
      task.say('All threads done');
    });
    const outcome = await scheduler.run();
    const lanes = scheduler.lanes('ms');
    const ended = scheduler.log.filter(({ text }) => text === 'done').map(({ task }) => task);
    return {
      unit: 'ms',
      lanes,
      log: scheduler.log,
      values: { 'order of ending': ended },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        ...(first === second
          ? []
          : [equal('first to end', second < first ? 'Thread-2' : 'Thread-1', ended[0] ?? 'none')]),
        equal('names in the trace', 'main, Thread-1, Thread-2', lanes.map(({ name }) => name).join(', ')),
        equal('the last line', 'All threads done', scheduler.log.at(-1)?.text ?? 'none'),
        takes('time', Math.max(first, second), scheduler.log.at(-1)?.at ?? 0, isReal),
      ],
      defect: null,
      verdict: `${ended.join(' ended before ')}; together they took as long as the slower one`,
    };
  },
});

class DelayedTask extends NamedTask {
  readonly #ms: number;

  constructor(name: string, ms: number) {
    super(name);
    this.#ms = ms;
  }

  protected override async run(task: Task): Promise<void> {
    task.say('starts');
    await task.work(this.#ms);
    task.say('done');
  }
}
