/** Laboratory: a producer and a consumer in processes of their own, and a bounded queue between them. */
import { processEndpoint } from '../concurrency/threads/endpoint.ts';
import { SharedQueue } from '../concurrency/threads/shared-queue.ts';
import { atMost, equal, holds } from './support/checks.ts';
import { Family, logOf } from './support/child.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'process-queue',
  topic: 'Processes and shared memory',
  rows: ['2.13', '4.19'],
  summary: 'One process puts numbers into a bounded queue, others take them out; the queue lives with their parent.',
  watch: [
    'how they end: the producer closes the queue, so every consumer hears of it. A sentinel would stop one of them.',
    'put() is answered when the item is in: a full queue holds back a producer in another process, too.',
  ],
  parameters: {
    items: integer('items', 5, { max: 1000 }),
    capacity: integer('items in the queue at most', 2, { max: 1000 }),
    consumers: integer('consumers', 1, { max: 8 }),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { items, capacity, consumers } }) {
    await using family = new Family();
    const queue = new SharedQueue<number>({ capacity, name: 'the queue' });
    family.start('producer', 'processes', 'produce', String(items));
    for (let n = 1; n <= consumers; n++) family.start(`consumer ${n}`, 'processes', 'consume');
    for (const { process } of family.children) queue.serve(processEndpoint(process));
    const ends = await family.join();
    const log = logOf(family.children);
    const got = log.filter(({ text }) => text.startsWith('Got')).map(({ text }) => Number(text.slice(4)));
    const finished = log.filter(({ text }) => text.endsWith('finished')).length;
    const { highWater, producerWaits } = queue.gauge();
    return {
      unit: 'ms',
      lanes: family.children.map(({ lane }) => lane),
      log,
      values: { got, 'queue at most': highWater, 'times the producer waited': producerWaits },
      checks: [
        consumers === 1
          ? equal('got, in order', Array.from({ length: items }, (_, n) => n).join(' '), got.join(' '))
          : equal('got, each once', items, new Set(got).size),
        equal('items got', items, got.length),
        equal('say that they finished', 1 + consumers, finished),
        atMost('length of the queue', capacity, highWater),
        holds(
          'all exit by themselves',
          ends.every(({ status }) => status === 0),
          `status ${ends.map(({ status, signal }) => status ?? signal).join(', ')}`,
        ),
      ],
      defect: null,
      verdict: `${got.length} items from process to process through ${highWater} places; all ${ends.length} exit`,
    };
  },
});
