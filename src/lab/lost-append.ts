/** Laboratory: tasks append to one list that lies in a store; without a lock around reading and writing, some are lost. */
import { Mutex } from '../concurrency/mutex.ts';
import { atLeast, equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration, integer } from './support/parameters.ts';
import type { Task } from './support/scheduler.ts';

/** A list that can be read and written as a whole, each of which takes a while. */
interface Store {
  results: readonly string[];
  readonly ms: number;
}

export const experiment: Experiment = defineExperiment({
  name: 'lost-append',
  topic: 'Races and locks',
  rows: ['0.5'],
  summary: 'Downloads append their result to one list: read it from a store, add a line, write it back.',
  watch: [
    'two that have read the same list: the later write puts back a list without the other line. No threads are needed.',
    'Between two awaits nobody else runs; at each await everybody may. A mutex keeps others out across the awaits.',
  ],
  parameters: {
    downloads: integer('downloads', 5, { min: 2, max: 1000 }),
    store: duration('time to read or write the list', '10ms'),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { downloads, store: ms }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const mutex = new Mutex({ name: 'the results lock', clock, tracer });
    const store: Store = { results: [], ms };
    for (let n = 1; n <= downloads; n++) {
      const name = `file${n}.zip`;
      scheduler.spawn(name, async (task) => {
        // Each ends while the one before still has the list in hand.
        await task.work(10 * ms + (n - 1) * (ms / 2), 'download');
        if (variant === 'broken') await append(task, store, name);
        else await mutex.runExclusive(() => append(task, store, name));
      });
    }
    const outcome = await scheduler.run();
    const lost = downloads - store.results.length;
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: { results: store.results, lost },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        variant === 'broken'
          ? atLeast('results lost', 1, lost)
          : equal('results, each once', downloads, new Set(store.results).size),
      ],
      defect: lost > 0 ? `${lost} of ${downloads} results were overwritten` : null,
      verdict:
        lost > 0
          ? `${store.results.length} of ${downloads} results are left: one thread, and a race all the same`
          : `exactly ${downloads} results: one at a time reads and writes`,
    };
  },
});

async function append(task: Task, store: Store, line: string): Promise<void> {
  await task.work(store.ms, 'read');
  const { results } = store;
  task.say(`reads ${results.length}`);
  await task.work(store.ms, 'write');
  store.results = [...results, line];
  task.say(`writes ${store.results.length}`);
}
