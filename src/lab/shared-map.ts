/** Laboratory: several processes fill one map, which their parent owns and serves. */
import { processEndpoint } from '../concurrency/threads/endpoint.ts';
import { SharedMap } from '../concurrency/threads/shared-map.ts';
import { equal } from './support/checks.ts';
import { Family, logOf } from './support/child.ts';
import { defineExperiment, type Experiment, type Value } from './support/experiment.ts';
import { integer } from './support/parameters.ts';

export const experiment: Experiment = defineExperiment({
  name: 'shared-map',
  topic: 'Processes and shared memory',
  rows: ['4.21', '2.12'],
  summary: 'Each process puts one key and its square into a map that all of them use.',
  watch: [
    'where the map is: only with the parent. Processes share no memory, so each get and set is a message and an answer.',
    'The parent carries out one operation after the other: single ones never clash, a get followed by a set can.',
  ],
  parameters: { processes: integer('processes', 5, { max: 16 }) },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { processes } }) {
    await using family = new Family();
    const map = new SharedMap();
    const numbers = Array.from({ length: processes }, (_, n) => n);
    for (const n of numbers) {
      map.serve(processEndpoint(family.start(`process ${n}`, 'processes', 'square', String(n)).process));
    }
    await family.join();
    const keys = numbers.filter((n) => map.entries.has(String(n)));
    const right = numbers.filter((n) => map.entries.get(String(n)) === n * n);
    const pids = (map.entries.get('pids') ?? []) as number[];
    return {
      unit: 'ms',
      lanes: family.children.map(({ lane }) => lane),
      log: logOf(family.children),
      values: { map: Object.fromEntries(map.entries) as Record<string, Value> },
      checks: [
        equal('keys', processes, keys.length),
        equal('right values', processes, right.length),
        equal('set by different processes', processes, new Set(pids).size),
      ],
      defect: null,
      verdict: `${keys.length} keys from ${new Set(pids).size} processes, each value right`,
    };
  },
});
