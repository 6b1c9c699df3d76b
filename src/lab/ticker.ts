/** Laboratory: a task is started, counts once a second, and is waited for. */
import { equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { NamedTask } from './support/named-task.ts';
import { duration, integer } from './support/parameters.ts';
import type { Task } from './support/scheduler.ts';

export const experiment: Experiment = defineExperiment({
  name: 'ticker',
  topic: 'Threads and tasks',
  rows: ['1.2'],
  summary: 'A task counts, one number a second; the main task starts it, waits until it has ended, and says so.',
  watch: [
    'the last line. start() returns at once, join() when the other has ended: what stands behind it comes last.',
    'While the main task waits it needs no thread and no processor: it stands in a line until the other ends.',
  ],
  parameters: {
    numbers: integer('numbers to count', 5, { max: 1000 }),
    every: duration('time for each', '1s'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { numbers, every }, isReal, newScheduler }) {
    const scheduler = newScheduler();
    scheduler.spawn('main', async (task) => {
      const ticker = new Ticker(numbers, every);
      ticker.start(scheduler);
      await ticker.join(task);
      task.say('Thread has finished executing');
    });
    const outcome = await scheduler.run();
    const lines = scheduler.log.map(({ text }) => text);
    const counted = Array.from({ length: numbers }, (_, number) => `Number: ${number}`);
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: { 'lines in all': lines.length },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('numbers, in order', counted.join(', '), lines.slice(0, numbers).join(', ')),
        equal('the last line', 'Thread has finished executing', lines.at(-1) ?? 'none'),
        takes('time', numbers * every, scheduler.log.at(-1)?.at ?? 0, isReal),
      ],
      defect: null,
      verdict: `${numbers} numbers, then the line of the one that waited for them`,
    };
  },
});

class Ticker extends NamedTask {
  readonly #numbers: number;
  readonly #every: number;

  constructor(numbers: number, every: number) {
    super('ticker');
    this.#numbers = numbers;
    this.#every = every;
  }

  protected override async run(task: Task): Promise<void> {
    for (let number = 0; number < this.#numbers; number++) {
      task.say(`Number: ${number}`);
      await task.sleep(this.#every);
    }
  }
}
