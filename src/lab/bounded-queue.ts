/** Laboratory: one producer, several consumers, and a queue that holds only so much; as written, the consumers never end. */
import { BoundedQueue } from '../concurrency/bounded-queue.ts';
import { atLeast, atMost, equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration, integer } from './support/parameters.ts';
import type { Outcome } from './support/scheduler.ts';

export const experiment: Experiment = defineExperiment({
  name: 'bounded-queue',
  topic: 'Queues and pipes',
  rows: ['4.6', 'C1'],
  summary: 'A producer puts items into a bounded queue, slower consumers take them out and finish them.',
  watch: [
    'the producer: once the queue is full it waits in put(), so it runs at the pace of the consumers. That is backpressure.',
    'Broken, everything is done and nobody says so to the consumers: join() ends the waiting for work, close() the workers.',
  ],
  parameters: {
    items: integer('items', 100, { max: 10_000 }),
    capacity: integer('items in the queue at most', 20, { max: 10_000 }),
    consumers: integer('consumers', 3, { max: 50 }),
    produce: duration('time to make an item', '10ms'),
    consume: duration('time to finish an item', '100ms'),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters: { items, capacity, consumers, produce, consume }, variant, newScheduler }) {
    const scheduler = newScheduler();
    const queue = new BoundedQueue<number>({
      capacity,
      name: 'the queue',
      clock: scheduler.clock,
      tracer: scheduler.tracer,
    });
    const finished: number[] = [];
    const producer = scheduler.spawn('producer', async (task) => {
      for (let item = 0; item < items; item++) {
        await task.work(produce);
        await queue.put(item);
      }
    });
    for (let number = 1; number <= consumers; number++) {
      scheduler.spawn(`consumer ${number}`, async (task) => {
        for await (const item of queue) {
          await task.work(consume);
          finished.push(item);
          queue.taskDone();
        }
      });
    }
    scheduler.spawn('main', async (task) => {
      await task.join(producer);
      await queue.join();
      task.say('All tasks completed');
      if (variant === 'fixed') queue.close();
    });
    const outcome = await scheduler.run();
    const isStuck = outcome.kind === 'stuck';
    const { highWater, producerWaitMs, producerWaits } = queue.gauge();
    // Items made and not taken when the last one is made, if put() never waited.
    const surplus = items - (items * produce * consumers) / consume - consumers;
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: {
        finished: finished.length,
        'queue at most': highWater,
        'producer waited, ms': Math.round(producerWaitMs),
      },
      ...(isStuck ? { stuck: outcome.stuck } : {}),
      checks: [
        equal('ends by itself', variant === 'fixed', outcome.kind === 'finished'),
        equal('items finished, each once', items, new Set(finished).size),
        equal('items finished', items, finished.length),
        atMost('length of the queue', capacity, highWater),
        ...(surplus > capacity + 1
          ? [equal('it was full', capacity, highWater), atLeast('times the producer waited', 1, producerWaits)]
          : []),
        ...(variant === 'broken' ? [equal('consumers that wait for ever', consumers, blockedConsumers(outcome))] : []),
      ],
      defect: isStuck
        ? `"All tasks completed", and ${consumers} consumers wait for ever: the program never exits`
        : null,
      verdict: isStuck
        ? 'join() says that the work is done; only close() tells the consumers'
        : `${items} items through at most ${highWater} places; the producer waited ${producerWaits} times`,
    };
  },
});

function blockedConsumers(outcome: Outcome): number {
  if (outcome.kind !== 'stuck') return 0;
  return outcome.stuck.blocked.filter(({ task }) => task.startsWith('consumer')).length;
}
