/**
 * Laboratory: where and when work was done, told by the one that did it. Used by the tasks of pools; their times are in ms
 * since 1970, so that those of threads and processes can be compared. Out of it: lanes.
 */
import { threadId } from 'node:worker_threads';
import type { Lane } from './lanes.ts';

export interface Timed<T> {
  readonly value: T;
  /** Process and thread. */
  readonly worker: string;
  readonly from: number;
  readonly to: number;
}

export async function timed<T>(work: () => T | Promise<T>): Promise<Timed<T>> {
  const from = now();
  const value = await work();
  return { value, worker: here(), from, to: now() };
}

/** The process and thread that this runs in. As a task: has a worker load its module. */
export function here(): string {
  return `${process.pid}/${threadId}`;
}

/** Milliseconds since 1970, fractional, never set back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** From the first beginning to the last end. */
export function wallOf(runs: readonly Timed<unknown>[]): number {
  return Math.max(...runs.map(({ to }) => to)) - Math.min(...runs.map(({ from }) => from));
}

/** One lane a worker, named `PREFIX 1`, `PREFIX 2`; each task a span with the label given. */
export function workerLanes<T>(
  runs: readonly Timed<T>[],
  prefix: string,
  label: (run: Timed<T>, index: number) => string = (_, index) => String(index),
): Lane[] {
  const start = Math.min(...runs.map(({ from }) => from));
  const workers = [...new Set(runs.map(({ worker }) => worker))];
  const labelled = runs.map((run, index) => ({ run, label: label(run, index) }));
  return workers.map((worker, index) => ({
    name: `${prefix} ${index + 1}`,
    spans: labelled
      .filter(({ run }) => run.worker === worker)
      .map(({ run: { from, to }, label }) => ({ from: from - start, to: to - start, kind: 'works', label })),
  }));
}
