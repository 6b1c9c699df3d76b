/** Laboratory: how much of some work takes a given time on this machine. */

/** Long enough to be measured, short enough not to be noticed. */
const ENOUGH_MS = 5;
/** A time may hold a pause in which others had the core; the shortest of several seldom does. */
const TRIES = 3;

/** The number of rounds that take about `ms`, if nobody else has the core. */
export function roundsFor(ms: number, work: (rounds: number) => unknown): number {
  for (let rounds = 1; ; rounds *= 2) {
    const took = Math.min(...Array.from({ length: TRIES }, () => timeOf(() => work(rounds))));
    if (took >= ENOUGH_MS) return Math.max(1, Math.round((rounds * ms) / took));
  }
}

function timeOf(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
