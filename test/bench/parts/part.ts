/**
 * One part of the program beside a fixed baseline that does the same work in the simplest way. Both run in the same process,
 * in turn, and what is told is the ratio of their processor times: it says the same on every machine, loaded or not, so a
 * ratio above its range means that the part has become slower.
 */

/** A pair of runs over the same number of operations, each long enough to be measured (30 ms or more). */
export interface Pair {
  readonly operations: number;
  ours(): void | Promise<void>;
  baseline(): void | Promise<void>;
  /** Takes back what was made for the measurement. */
  close?(): void | Promise<void>;
}

export interface Part {
  readonly id: string;
  readonly ours: string;
  readonly baseline: string;
  /** Where the ratio lies on a healthy build, ours ÷ baseline: room for the moods of machines included. */
  readonly expected: readonly [least: number, most: number];
  /** `runs` = how often each of the two will be called. */
  prepare(runs: number): Pair | Promise<Pair>;
}

export interface PartResult {
  readonly id: string;
  readonly oursMicros: number;
  readonly baselineMicros: number;
  /** Of each round. */
  readonly ratios: readonly number[];
}

/** Rounds that only warm the compiler up. */
const WARM_UP = 2;

export async function measurePart(part: Part, rounds: number): Promise<PartResult> {
  const pair = await part.prepare(rounds + WARM_UP);
  const ours: number[] = [];
  const baseline: number[] = [];
  try {
    for (let round = -WARM_UP; round < rounds; round++) {
      const first = await cpuMicros(() => pair.ours());
      const second = await cpuMicros(() => pair.baseline());
      if (round < 0) continue;
      ours.push(first / pair.operations);
      baseline.push(second / pair.operations);
    }
  } finally {
    await pair.close?.();
  }
  return {
    id: part.id,
    oursMicros: Math.min(...ours),
    baselineMicros: Math.min(...baseline),
    ratios: ours.map((micros, round) => micros / (baseline[round] ?? Number.NaN)),
  };
}

/** Of the whole process: what other threads do for the run counts, collections of the heap too. */
async function cpuMicros(run: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
