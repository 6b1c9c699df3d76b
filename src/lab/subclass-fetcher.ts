/** Laboratory: a fetcher as a class, which keeps its result; two of them at once. */
import { equal, takes } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { NamedTask } from './support/named-task.ts';
import { duration } from './support/parameters.ts';
import type { Task } from './support/scheduler.ts';

export const experiment: Experiment = defineExperiment({
  name: 'subclass-fetcher',
  topic: 'Threads and tasks',
  rows: ['4.4'],
  summary:
    'Two fetchers, objects of one class, take two and four seconds; each keeps what it fetched for who asks later.',
  watch: [
    'where the result is: run() returns to nobody, so the object keeps it, and may be asked only after join().',
    'Asked before, it has nothing to give. A future is the same idea with the waiting built in: result() does both.',
  ],
  parameters: {
    first: duration('how long the first takes', '2s'),
    second: duration('how long the second takes', '4s'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { first, second }, isReal, newScheduler }) {
    const scheduler = newScheduler();
    const fetchers = [new DataFetcher('fetcher 1', first), new DataFetcher('fetcher 2', second)];
    const early: (string | null)[] = [];
    scheduler.spawn('main', async (task) => {
      for (const fetcher of fetchers) fetcher.start(scheduler);
      early.push(...fetchers.map(({ data }) => data));
      for (const fetcher of fetchers) await fetcher.join(task);
      task.say(`got ${fetchers.map(({ data }) => data).join(' and ')}`);
    });
    const outcome = await scheduler.run();
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: { 'before join()': early, 'after join()': fetchers.map(({ data }) => data) },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('results before join()', 0, early.filter((data) => data !== null).length),
        equal('results after join()', 2, fetchers.filter(({ data }) => data !== null).length),
        takes('time', Math.max(first, second), scheduler.log.at(-1)?.at ?? 0, isReal),
      ],
      defect: null,
      verdict: 'both results are there once both were waited for, after the time of the slower one',
    };
  },
});

class DataFetcher extends NamedTask {
  readonly #ms: number;
  #data: string | null = null;

  constructor(name: string, ms: number) {
    super(name);
    this.#ms = ms;
  }

  /** `null` until it has ended. */
  get data(): string | null {
    return this.#data;
  }

  protected override async run(task: Task): Promise<void> {
    task.say('starts');
    await task.work(this.#ms);
    this.#data = `the data of ${this.name}`;
    task.say('done');
  }
}
