/** Laboratory: who sees a change: a process or thread gets a copy of what it is given, unless the memory itself is shared. */
import { openPool } from '../concurrency/pools/open-pool.ts';
import type { PoolKind } from '../concurrency/pools/task-pool.ts';
import { sharedCells } from '../concurrency/threads/shared-wait.ts';
import { equal } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { integer } from './support/parameters.ts';
import { taskModule } from './support/task-module.ts';
import type * as tasks from './tasks/memory.ts';

interface Seen {
  readonly where: string;
  readonly isShared: boolean;
  /** What the one who changed it saw, and what the main thread sees. */
  readonly there: number;
  readonly here: number;
  readonly lane: Lane;
}

export const experiment: Experiment = defineExperiment({
  name: 'isolated-memory',
  topic: 'Processes and shared memory',
  rows: ['1.7'],
  summary: 'The main thread hands a number to a process, to a thread, and to a thread in shared memory; each adds 1.',
  watch: [
    'the number here afterwards. Processes and threads get a copy: they add 1 to it, and nobody else notices.',
    'Only what lies in a SharedArrayBuffer changes here, too: sharing is asked for, never an accident.',
  ],
  parameters: { value: integer('the number', 41, { min: -1_000_000_000, max: 1_000_000_000 }) },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { value } }) {
    const startedAt = performance.now();
    const since = (): number => performance.now() - startedAt;
    const seen: Seen[] = [
      await change('a process', 'processes', Int32Array.of(value), since),
      await change('a thread', 'threads', Int32Array.of(value), since),
      await change('shared memory', 'threads', sharedNumber(value), since),
    ];
    return {
      unit: 'ms',
      lanes: seen.map(({ lane }) => lane),
      values: Object.fromEntries(seen.map(({ where, there, here }) => [where, `there ${there}, here ${here}`])),
      checks: seen.flatMap(({ where, isShared, there, here }) => [
        equal(`${where}: there`, value + 1, there),
        equal(`${where}: here`, isShared ? value + 1 : value, here),
      ]),
      defect: null,
      verdict: `a copy leaves ${value} here, shared memory makes it ${value + 1}`,
    };
  },
});

async function change(where: string, kind: PoolKind, numbers: Int32Array, since: () => number): Promise<Seen> {
  const from = since();
  await using pool = await openPool<typeof tasks>({ kind, module: taskModule('memory'), size: 1 });
  const there = await pool.submit('addOne', numbers).result();
  const lane: Lane = { name: where, spans: [{ from, to: since(), kind: 'works' }] };
  return { where, isShared: numbers.buffer instanceof SharedArrayBuffer, there, here: numbers[0] ?? 0, lane };
}

function sharedNumber(value: number): Int32Array {
  const cells = sharedCells(1);
  cells[0] = value;
  return cells;
}
