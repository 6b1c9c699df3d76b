/** Laboratory: a number, an array, a map and a list that a thread changes and the main thread reads. */
import { openPool } from '../concurrency/pools/open-pool.ts';
import { SharedMap } from '../concurrency/threads/shared-map.ts';
import { sharedCells } from '../concurrency/threads/shared-wait.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { taskModule } from './support/task-module.ts';
import type * as tasks from './tasks/memory.ts';

export const experiment: Experiment = defineExperiment({
  name: 'shared-memory',
  topic: 'Processes and shared memory',
  rows: ['2.12'],
  summary: 'A thread changes a number and an array in shared memory, and a map and a list that the main thread serves.',
  watch: [
    'two ways to share. Numbers lie in memory that both see: no message, but Atomics or a mutex where two of them write.',
    'Anything else has one owner who is asked by message: slower, and each single operation is safe by itself.',
  ],
  parameters: {},
  isSeeded: false,
  hasBroken: false,
  async run() {
    const startedAt = performance.now();
    const value = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
    value[0] = 3.14;
    const numbers = sharedCells(3);
    numbers.set([1, 2, 3]);
    const map = new SharedMap();
    const before = shown(value, numbers, map);
    await using pool = await openPool<typeof tasks>({ kind: 'threads', module: taskModule('memory'), size: 1 });
    await pool.submit('changeAll', value, numbers, map.connect()).result();
    const after = shown(value, numbers, map);
    const end = performance.now() - startedAt;
    return {
      unit: 'ms',
      lanes: [
        { name: 'main', spans: [{ from: 0, to: end, kind: 'waits' }] },
        { name: 'thread', spans: [{ from: 0, to: end, kind: 'works' }] },
      ],
      log: [
        { at: 0, step: 0, task: 'main', text: before },
        { at: end, step: 0, task: 'main', text: after },
      ],
      values: { before, after },
      checks: [
        equal('before', '3.14 [1,2,3] {} []', before),
        equal('after', "6.28 [10,2,3] {key:'value'} [42]", after),
      ],
      defect: null,
      verdict: after,
    };
  },
});

function shown(value: Float64Array, numbers: Int32Array, { entries }: SharedMap): string {
  const pairs = [...entries].filter(([key]) => key !== 'list').map(([key, text]) => `${key}:'${String(text)}'`);
  return `${value[0]} [${numbers.join()}] {${pairs.join()}} ${JSON.stringify(entries.get('list') ?? [])}`;
}
