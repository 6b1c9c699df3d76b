/** Laboratory: consumers that look into a shared list every so often, against consumers that wait in a queue. */
import { BoundedQueue } from '../concurrency/bounded-queue.ts';
import { atLeast, equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration, integer } from './support/parameters.ts';
import type { Scheduler, Task } from './support/scheduler.ts';

/** A numbered item, and when it was put. */
interface Item {
  readonly number: number;
  readonly at: number;
}

/** What the consumers went through. */
interface Books {
  readonly got: number[];
  /** From put to taken, ms. */
  readonly latencies: number[];
  /** Times somebody looked and found nothing. */
  wasted: number;
  /** Times somebody saw an item and then took from an empty list. */
  emptyPops: number;
}

interface Plan {
  readonly items: number;
  readonly produce: number;
  readonly poll: number;
  readonly consumers: number;
}

export const experiment: Experiment = defineExperiment({
  name: 'polling-queue',
  topic: 'Queues and pipes',
  rows: ['4.5'],
  summary: 'A producer makes items; consumers look into a list every 100 ms (broken) or wait in a queue (fixed).',
  watch: [
    'the looking: most of it finds nothing, and an item lies there until the next look. Who waits in take() is woken at once.',
    'To look and then to pop are two steps: two consumers see the same item, one pops it, the other pops from an empty list.',
  ],
  parameters: {
    // Fewer might come through without a double pop by luck.
    items: integer('items', 20, { min: 20, max: 1000 }),
    consumers: integer('consumers', 3, { min: 2, max: 50 }),
    produce: duration('time to make an item', '150ms'),
    poll: duration('time between two looks, and to work on an item', '100ms'),
  },
  isSeeded: true,
  hasBroken: true,
  async run({ parameters, variant, isReal, newScheduler }) {
    const { items, consumers, produce, poll } = parameters;
    const scheduler = newScheduler();
    const books: Books = { got: [], latencies: [], wasted: 0, emptyPops: 0 };
    if (variant === 'broken') spawnPolling(scheduler, parameters, books);
    else spawnWaiting(scheduler, parameters, books);
    const outcome = await scheduler.run();
    const mean = books.latencies.reduce((sum, ms) => sum + ms, 0) / Math.max(1, books.latencies.length);
    // Only then is somebody free, and looking at the same time as others, whenever an item comes.
    const isCalm = produce >= poll;
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log.filter(({ text }) => !text.startsWith('got')),
      values: {
        'looks for nothing': books.wasted,
        'mean time from put to taken, ms': mean,
        'popped from an empty list': books.emptyPops,
      },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('items got, each once', items, new Set(books.got).size),
        ...(variant === 'fixed' ? [equal('looks for nothing', 0, books.wasted)] : []),
        ...(variant === 'broken' && isCalm
          ? [
              atLeast('looks for nothing', items, books.wasted),
              atLeast('mean added latency, ms', 1, mean),
              // By a real clock no two look at the very same moment.
              atLeast('popped from an empty list', isReal ? 0 : 1, books.emptyPops),
            ]
          : []),
      ],
      defect:
        variant === 'broken' && books.wasted + books.emptyPops > 0
          ? `${books.wasted} looks for nothing, ${Math.round(mean)} ms added, ${books.emptyPops} pops from an empty list`
          : null,
      verdict:
        variant === 'broken'
          ? `polling woke ${books.wasted} times for nothing; ${consumers} consumers that check, then pop, are a race`
          : `${items} items, each taken when it came: no look for nothing, no pop from nothing`,
    };
  },
});

function spawnPolling(scheduler: Scheduler, { items, produce, poll, consumers }: Plan, books: Books): void {
  const list: Item[] = [];
  const producer = { isDone: false };
  scheduler.spawn('producer', async (task) => {
    for (let number = 0; number < items; number++) {
      await task.work(produce);
      list.push({ number, at: scheduler.clock.elapsed() });
    }
    producer.isDone = true;
  });
  for (let consumer = 1; consumer <= consumers; consumer++) {
    scheduler.spawn(`consumer ${consumer}`, async (task) => {
      while (!producer.isDone || list.length > 0) {
        if (list.length === 0) {
          books.wasted++;
          await task.sleep(poll);
          continue;
        }
        // Between the look and the pop another consumer may come.
        await task.step();
        const item = list.shift();
        if (item === undefined) {
          books.emptyPops++;
          task.say('saw an item, popped nothing');
        } else await workOn(task, item, scheduler, poll, books);
      }
    });
  }
}

function spawnWaiting(scheduler: Scheduler, { items, produce, poll, consumers }: Plan, books: Books): void {
  const { clock, tracer } = scheduler;
  const queue = new BoundedQueue<Item>({ capacity: items, name: 'the queue', clock, tracer });
  scheduler.spawn('producer', async (task) => {
    for (let number = 0; number < items; number++) {
      await task.work(produce);
      await queue.put({ number, at: clock.elapsed() });
    }
    queue.close();
  });
  for (let consumer = 1; consumer <= consumers; consumer++) {
    scheduler.spawn(`consumer ${consumer}`, async (task) => {
      for await (const item of queue) await workOn(task, item, scheduler, poll, books);
    });
  }
}

async function workOn(task: Task, { number, at }: Item, { clock }: Scheduler, ms: number, books: Books): Promise<void> {
  books.latencies.push(clock.elapsed() - at);
  books.got.push(number);
  task.say(`got ${number}`);
  await task.work(ms, String(number));
}
