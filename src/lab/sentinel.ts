/** Laboratory: how consumers learn that nothing more comes: by a sentinel item, or because the queue is closed. */
import { BoundedQueue } from '../concurrency/bounded-queue.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';

/** What the original puts as `None`: "no more". */
const SENTINEL = -1;

export const experiment: Experiment = defineExperiment({
  name: 'sentinel',
  topic: 'Queues and pipes',
  rows: ['2.7', '2.13', '4.19'],
  summary:
    'A producer puts items into a queue and then says that there are no more; consumers take until they hear it.',
  watch: [
    'who hears it. A sentinel is an item like any other: one consumer takes it and ends, the others wait for ever.',
    'Fixed, the producer closes the queue: that is a state, which every consumer finds, however many there are.',
  ],
  parameters: {
    items: integer('items', 10, { max: 1000 }),
    consumers: integer('consumers', 3, { min: 2, max: 50 }),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { items, consumers }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const queue = new BoundedQueue<number>({
      capacity: 4,
      name: 'the queue',
      clock: scheduler.clock,
      tracer: scheduler.tracer,
    });
    const got: number[] = [];
    scheduler.spawn('producer', async (task) => {
      for (let item = 0; item < items; item++) {
        await task.step();
        await queue.put(item);
        task.say(`puts ${item}`);
      }
      if (variant === 'fixed') queue.close();
      else await queue.put(SENTINEL);
      task.say(variant === 'fixed' ? 'closes' : 'puts None');
    });
    for (let number = 1; number <= consumers; number++) {
      scheduler.spawn(`consumer ${number}`, async (task) => {
        for await (const item of queue) {
          await task.step();
          task.say(item === SENTINEL ? 'got None' : `got ${item}`);
          if (item === SENTINEL) return;
          got.push(item);
        }
        task.say('ends');
      });
    }
    const outcome = await scheduler.run();
    const isStuck = outcome.kind === 'stuck';
    const blocked = isStuck ? outcome.stuck.blocked.map(({ task }) => task) : [];
    return {
      unit: 'steps',
      lanes: scheduler.lanes('steps'),
      log: scheduler.log,
      values: { items: got.length, blocked },
      ...(isStuck ? { stuck: outcome.stuck } : {}),
      checks: [
        equal('ends by itself', variant === 'fixed', outcome.kind === 'finished'),
        equal('items, each once', items, new Set(got).size),
        equal('consumers that wait for ever', variant === 'fixed' ? 0 : consumers - 1, blocked.length),
      ],
      defect: isStuck ? `one sentinel for ${consumers} consumers: ${blocked.join(' and ')} wait for ever` : null,
      verdict: isStuck
        ? 'one sentinel stops one consumer; close() stops all of them'
        : `${got.length} items, and ${consumers} consumers ended by one close()`,
    };
  },
});
