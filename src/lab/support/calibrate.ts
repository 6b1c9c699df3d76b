/** Laboratory: how much of some work takes a given time on this machine. */

/** Long enough to be measured, short enough not to be noticed. */
const ENOUGH_MS = 5;
/** A time may hold a pause in which others had the core; the shortest of several seldom does. */
const TRIES = 3;

/** The number of rounds that take about `ms`, if nobody else has the core. `now`: a clock, ms. */
export function roundsFor(
  ms: number,
  work: (rounds: number) => unknown,
  now: () => number = () => performance.now(),
): number {
  const timeOf = (rounds: number): number => {
    const startedAt = now();
    work(rounds);
    return now() - startedAt;
  };
  for (let rounds = 1; ; rounds *= 2) {
    const took = Math.min(...Array.from({ length: TRIES }, () => timeOf(rounds)));
    if (took >= ENOUGH_MS) return Math.max(1, Math.round((rounds * ms) / took));
  }
}
