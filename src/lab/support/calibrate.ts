/** Laboratory: how much of some work takes a given time on this machine. */

/** Long enough to be measured, short enough not to be noticed. */
const ENOUGH_MS = 8;

/** The number of rounds that take about `ms`, if nobody else has the core. */
export function roundsFor(ms: number, work: (rounds: number) => unknown): number {
  for (let rounds = 1; ; rounds *= 2) {
    const startedAt = performance.now();
    work(rounds);
    const took = performance.now() - startedAt;
    if (took >= ENOUGH_MS) return Math.max(1, Math.round((rounds * ms) / took));
  }
}
