/** Laboratory: what a thread costs, and what a process costs: time until its first line runs, and memory. */
import type { PoolKind } from '../concurrency/pools/task-pool.ts';
import { openPool } from '../concurrency/pools/open-pool.ts';
import { atMost, equal, reaches } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { integer } from './support/parameters.ts';
import { taskModule } from './support/task-module.ts';
import { now, type Timed } from './support/timed.ts';
import type * as computing from './tasks/computing.ts';

export const experiment: Experiment = defineExperiment({
  name: 'spawn-cost',
  topic: 'Cores and costs',
  rows: ['1.4', '2.1'],
  summary: 'So many worker threads are started, then as many processes; each answers once with the memory it sees.',
  watch: [
    'both prices. A thread shares its process, with a heap of its own; a process brings everything along once more.',
    'Neither is free: start them once and hand them work, as a pool does, not one for each task.',
  ],
  parameters: { count: integer('threads, and processes', 20, { max: 100 }) },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { count } }) {
    const threads = await start('threads', count);
    const processes = await start('processes', count);
    const ratio = processes.msEach / threads.msEach;
    return {
      unit: 'ms',
      lanes: [...threads.lanes, ...processes.lanes],
      values: {
        'a thread, ms': threads.msEach,
        'a thread, MiB': threads.mibEach,
        'a process, ms': processes.msEach,
        'a process, MiB (what it shares counted in each)': processes.mibEach,
      },
      checks: [
        equal('threads, each one its own', count, threads.workers),
        equal('processes, each one its own', count, processes.workers),
        atMost('memory of a thread, MiB', processes.mibEach, threads.mibEach),
        reaches('a process takes longer to start, times', 1.2, ratio, 0.2),
      ],
      defect: null,
      verdict: `a thread: ${threads.msEach.toFixed(0)} ms and ${threads.mibEach.toFixed(0)} MiB, a process: ${processes.msEach.toFixed(0)} ms and ${processes.mibEach.toFixed(0)} MiB`,
    };
  },
});

const MIB = 2 ** 20;

interface Started {
  readonly workers: number;
  readonly msEach: number;
  readonly mibEach: number;
  readonly lanes: readonly Lane[];
}

/** As many workers as tasks: each starts one. All are alive when the last one answers. */
async function start(kind: PoolKind & ('threads' | 'processes'), count: number): Promise<Started> {
  const before = process.memoryUsage.rss();
  const startedAt = now();
  await using pool = await openPool<typeof computing>({ kind, module: taskModule('computing'), size: count });
  const runs = await Promise.all(Array.from({ length: count }, () => pool.submit('memory').result()));
  const tookMs = now() - startedAt;
  const bytes = kind === 'threads' ? process.memoryUsage.rss() - before : sum(runs);
  return {
    workers: new Set(runs.map(({ worker }) => worker)).size,
    msEach: tookMs / count,
    mibEach: bytes / count / MIB,
    lanes: [{ name: kind, spans: [{ from: 0, to: tookMs, kind: 'works', label: `${count} started` }] }],
  };
}

function sum(runs: readonly Timed<number>[]): number {
  return runs.reduce((total, { value }) => total + value, 0);
}
