/** Laboratory: callbacks of a future: each is called exactly once, and one that throws harms nobody else. */
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration } from './support/parameters.ts';
import { scheduledPool } from './support/scheduled-pool.ts';

export const experiment: Experiment = defineExperiment({
  name: 'callbacks',
  topic: 'Pools and futures',
  rows: ['2.9'],
  summary: 'A task is submitted; three callbacks want to know its result, one of them throws, one comes after the end.',
  watch: [
    'who is called: everybody once, in the order of asking. The one that comes late is called at once.',
    'The callback that throws is counted, not passed on: the task, the other callbacks and the pool know nothing of it.',
  ],
  parameters: { ms: duration('how long the task takes', '1s') },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { ms }, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const calls: string[] = [];
    let errors = 0;
    let isPoolUsable = false;
    scheduler.spawn('main', async (main) => {
      await using pool = scheduledPool(scheduler, 1, {
        answer: async (task, value: number) => {
          await task.work(ms);
          return value;
        },
      });
      const future = pool.submit('answer', 42);
      const callback = (name: string): void => {
        calls.push(name);
        main.say(`${name}: called`);
      };
      future.onSettled((settled) => {
        callback('first');
        void settled.result().then((value) => main.say(`Result: ${value}`));
      });
      future.onSettled(() => {
        callback('the one that throws');
        throw new Error('a mistake in a callback');
      });
      future.onSettled(() => callback('third'));
      await future.result({ clock, tracer, name: 'the answer' });
      await main.step();
      future.onSettled(() => callback('the one that comes late'));
      errors = future.callbackErrors;
      isPoolUsable = (await pool.submit('answer', 43).result({ clock, tracer, name: 'the next answer' })) === 43;
    });
    const outcome = await scheduler.run();
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: { calls, 'callbacks that threw': errors },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('called, in order', 'first, the one that throws, third, the one that comes late', calls.join(', ')),
        equal('lines "Result: 42"', 1, scheduler.log.filter(({ text }) => text === 'Result: 42').length),
        equal('callbacks that threw, counted', 1, errors),
        equal('the pool does its next task', true, isPoolUsable),
      ],
      defect: null,
      verdict: 'four callbacks, four calls; the one that throws is counted and disturbs nobody',
    };
  },
});
