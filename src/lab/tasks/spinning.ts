/** Laboratory: a task that keeps its thread busy for a time. */
export { here } from '../support/timed.ts';

export function spinFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) continue;
}
