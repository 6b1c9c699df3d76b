/** Laboratory: a little arithmetic for pools, with an account of where and when it was done. */
import { threadId } from 'node:worker_threads';

export interface Computed {
  readonly value: number;
  /** Process and thread. */
  readonly worker: string;
  /** In ms since 1970, for all workers alike. */
  readonly from: number;
  readonly to: number;
}

/** The square of `n`, which takes at least `ms` of computing. */
export function square(n: number, ms: number): Computed {
  const from = performance.timeOrigin + performance.now();
  while (performance.timeOrigin + performance.now() < from + ms) continue;
  return { value: n * n, worker: `${process.pid}/${threadId}`, from, to: performance.timeOrigin + performance.now() };
}
