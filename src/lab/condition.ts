/** Laboratory: a producer and consumers around a stock; a condition variable lets consumers wait until there is something. */
import { Condition } from '../concurrency/condition.ts';
import { Mutex } from '../concurrency/mutex.ts';
import { atLeast, equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { duration, integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'condition',
  topic: 'Waiting for a state',
  rows: ['2.6'],
  summary: 'A producer adds to a stock, consumers take from it, and wait while there is nothing.',
  watch: [
    'a consumer that finds nothing: it waits without holding the mutex, so that the producer can get at the stock.',
    'It looks again after each wake-up, in a loop: somebody else may have been faster. So the stock is never below 0.',
  ],
  parameters: {
    items: integer('items produced', 5, { max: 1000 }),
    consumers: integer('consumers', 2, { max: 20 }),
    every: duration('time to produce an item', '100ms'),
  },
  isSeeded: true,
  hasBroken: false,
  async run({ parameters: { items, consumers, every }, newScheduler }) {
    const scheduler = newScheduler();
    const { clock, tracer } = scheduler;
    const mutex = new Mutex({ clock, tracer, name: 'the stock' });
    const condition = new Condition(mutex, { clock, tracer, name: 'the condition' });
    const stock = { size: 0, least: 0, produced: 0, consumed: 0 };
    const isOver = (): boolean => stock.produced === items;
    scheduler.spawn('producer', async (task) => {
      while (!isOver()) {
        await task.work(every);
        using _lock = await mutex.acquire();
        stock.size++;
        task.say(`Produced ${++stock.produced}, stock ${stock.size}`);
        // The last item ends the waiting of those, too, for whom there is none.
        if (isOver()) condition.notifyAll();
        else condition.notify();
      }
    });
    for (let number = 1; number <= consumers; number++) {
      scheduler.spawn(`consumer ${number}`, async (task) => {
        for (;;) {
          using lock = await mutex.acquire();
          await condition.wait(lock, () => stock.size > 0 || isOver());
          if (stock.size === 0) return;
          await task.step();
          stock.least = Math.min(stock.least, --stock.size);
          task.say(`Consumed ${++stock.consumed}, stock ${stock.size}`);
        }
      });
    }
    const outcome = await scheduler.run();
    return {
      unit: 'ms',
      lanes: scheduler.lanes('ms'),
      log: scheduler.log,
      values: { produced: stock.produced, consumed: stock.consumed, 'least stock': stock.least },
      checks: [
        equal('ends by itself', true, outcome.kind === 'finished'),
        equal('produced', items, stock.produced),
        equal('consumed', items, stock.consumed),
        atLeast('least stock', 0, stock.least),
      ],
      defect: null,
      verdict: `${stock.consumed} of ${items} consumed, the stock never below 0`,
    };
  },
});
