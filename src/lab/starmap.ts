/** Laboratory: a pool of two maps over tasks of two arguments and different lengths; results come in order all the same. */
import { equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { endOf, peakOf } from './support/lanes.ts';
import { duration, integer } from './support/parameters.ts';
import { scheduledPool } from './support/scheduled-pool.ts';

export const experiment: Experiment = defineExperiment({
  name: 'starmap',
  topic: 'Pools and futures',
  rows: ['4.18'],
  summary:
    'Five tasks (number, delay) with delays of one and two by turns go through a pool of two; each result is a line.',
  watch: [
    'the order of lines against the order of ending: a result that is there waits for the slower one before it.',
    'The caller stands in its loop from the first line to the last: mapping over a pool is parallel, asking for results is not.',
  ],
  parameters: {
    tasks: integer('tasks', 5, { max: 100 }),
    workers: integer('workers', 2, { max: 32 }),
    unit: duration('the shorter delay', '1s'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { tasks, workers, unit }, isReal, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const ended: number[] = [];
    const lines: number[] = [];
    scheduler.spawn('main', async (main) => {
      await using pool = scheduledPool(scheduler, workers, {
        task: async (task, number: number, delay: number) => {
          await task.work(delay * unit);
          ended.push(number);
          return number;
        },
      });
      const inputs = Array.from({ length: tasks }, (_, i): [number, number] => [i, (i % 2) + 1]);
      for await (const number of pool.starmap('task', inputs, {
        buffer: tasks,
        clock,
        tracer,
        name: 'the next result',
      })) {
        lines.push(number);
        main.say(`task ${number} done`);
      }
      main.say('all done');
    });
    const outcome = await scheduler.run();
    const lanes = scheduler.lanes('ms');
    const pooled = lanes.filter(({ name }) => name !== 'main');
    return {
      unit: 'ms',
      lanes,
      log: scheduler.log,
      values: { 'order of ending': ended, 'order of lines': lines },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('lines, in order', Array.from({ length: tasks }, (_, i) => i).join(' '), lines.join(' ')),
        equal('at once at most', Math.min(workers, tasks), peakOf(pooled, 'works')),
        takes('time', timeNeeded(tasks, workers) * unit, endOf(pooled), isReal),
      ],
      defect: null,
      verdict: `${tasks} lines in order; the tasks had ended as ${ended.join(' ')}`,
    };
  },
});

/** Each task goes to the worker that is free first. */
function timeNeeded(tasks: number, workers: number): number {
  const freeAt = Array.from({ length: workers }, () => 0);
  for (let i = 0; i < tasks; i++) {
    const next = freeAt.indexOf(Math.min(...freeAt));
    freeAt[next] = (freeAt[next] ?? 0) + (i % 2) + 1;
  }
  return Math.max(...freeAt);
}
