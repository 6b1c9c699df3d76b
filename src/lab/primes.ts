/** Laboratory: which of many numbers are prime, by one worker and by more, handed over one by one and in chunks. */
import { seededRandom, between } from '../demo/random.ts';
import type { TaskPool } from '../concurrency/pools/task-pool.ts';
import { equal, reaches, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane } from './support/lanes.ts';
import { integer, integers } from './support/parameters.ts';
import { speedUp } from './support/speed-up.ts';
import { watchThreads } from './support/thread-watch.ts';
import { workerLanes, type Timed } from './support/timed.ts';
import { warmPool } from './support/warm-pool.ts';
import type * as tasks from './tasks/computing.ts';

export const experiment: Experiment = defineExperiment({
  name: 'primes',
  topic: 'Cores and costs',
  rows: ['0.7', '0.8', '0.9'],
  summary:
    'Random numbers are tested for being prime: by 1 thread, by 2, by 4; then handed over in chunks of different sizes.',
  watch: [
    'the time by workers: it falls until every core has one. More workers than cores share them and gain nothing.',
    'The time by chunk: handing one number over costs more than testing it. Larger chunks make that price disappear.',
  ],
  parameters: {
    count: integer('numbers', 2_000_000, { max: 10_000_000 }),
    max: integer('largest number', 100_000, { max: 10_000_000 }),
    workers: integer('threads at most', 4, { max: 32 }),
    chunk: integers('numbers handed over at once, tried one size after the other', '1,100,25000', { max: 10_000_000 }),
    seed: integer('seed of the numbers', 1, { min: 0 }),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { count, max, workers, chunk, seed } }) {
    using threads = watchThreads();
    const numbers = randomNumbers(count, max, seed);
    const isPrime = sieve(max);
    const runs: Counted[] = [];
    for (let size = 1; size <= workers; size *= 2) {
      await using pool = await warmPool<typeof tasks>('threads', 'computing', size);
      runs.push(await countPrimes(pool, numbers, Math.ceil(count / workers)));
    }
    await using pool = await warmPool<typeof tasks>('threads', 'computing', workers);
    const sweeps: Counted[] = [];
    for (const size of chunk) sweeps.push(await countPrimes(pool, numbers.subarray(0, size * MOST_CHUNKS), size));
    await pool.close();
    const alone = runs[0] as Counted;
    const others = runs.slice(1);
    const cheapest = sweeps.toSorted((a, b) => a.usEach - b.usEach)[0] as Counted;
    const single = sweeps.find((sweep) => sweep.chunk === 1);
    return {
      unit: 'ms',
      lanes: runs.flatMap(({ lanes }) => lanes),
      values: {
        message: `Checked ${count} numbers.`,
        primes: alone.primes,
        ...Object.fromEntries(runs.map(({ workers, wallMs }) => [`${workers} workers, ms`, Math.round(wallMs)])),
        ...Object.fromEntries(sweeps.map(({ chunk, usEach }) => [`chunks of ${chunk}, µs a number`, usEach])),
        'best chunk': cheapest.chunk,
      },
      checks: [
        ...[...runs, ...sweeps].map((run) => countCheck(run, numbers, isPrime)),
        ...(alone.wallMs < ENOUGH_MS
          ? []
          : others.map(({ workers, wallMs }) => speedUp(`gain of ${workers} workers`, workers, alone.wallMs, wallMs))),
        ...(single === undefined || single === cheapest
          ? []
          : [reaches('chunks of 1 cost more than the best, times', 1.5, single.usEach / cheapest.usEach, 1)]),
        equal('threads alive after close()', 0, threads.alive),
        equal('submit() after close()', 'ERR_CLOSED', refusal(pool)),
      ],
      defect: null,
      verdict: `${alone.primes} primes every time; ${others.map(({ workers, wallMs }) => `${(alone.wallMs / wallMs).toFixed(1)} × as fast with ${workers} workers, `).join('')}best in chunks of ${cheapest.chunk}`,
    };
  },
});

/** With less work than this there is nothing to gain, and nothing to be measured. */
const ENOUGH_MS = 50;

/** Small chunks are tried on the first numbers only: as many chunks as this, at most. */
const MOST_CHUNKS = 2000;

interface Counted {
  readonly workers: number;
  readonly chunk: number;
  /** How many numbers, from the first on. */
  readonly count: number;
  readonly primes: number;
  readonly wallMs: number;
  readonly usEach: number;
  readonly lanes: readonly Lane[];
}

async function countPrimes(pool: TaskPool<typeof tasks>, numbers: Uint32Array, chunk: number): Promise<Counted> {
  const chunks = Array.from({ length: Math.ceil(numbers.length / chunk) }, (_, index) =>
    numbers.slice(index * chunk, (index + 1) * chunk),
  );
  const startedAt = performance.now();
  const runs: Timed<number>[] = [];
  for await (const run of pool.map('countPrimes', chunks)) runs.push(run);
  const wallMs = performance.now() - startedAt;
  return {
    workers: pool.size,
    chunk,
    count: numbers.length,
    primes: runs.reduce((sum, { value }) => sum + value, 0),
    wallMs,
    usEach: (wallMs * 1000) / numbers.length,
    lanes: workerLanes(runs, `${pool.size} workers:`, () => ''),
  };
}

function countCheck({ workers, chunk, count, primes }: Counted, numbers: Uint32Array, isPrime: Uint8Array): Check {
  const expected = numbers.subarray(0, count).reduce((sum, number) => sum + (isPrime[number] ?? 0), 0);
  return equal(`primes, ${workers} workers, chunks of ${chunk}`, expected, primes);
}

function randomNumbers(count: number, max: number, seed: number): Uint32Array {
  const random = seededRandom(seed, 'primes');
  return Uint32Array.from({ length: count }, () => between(random, 1, max));
}

/** 1 for each prime up to `max`, by crossing out multiples: another way than the tasks', to check them by. */
function sieve(max: number): Uint8Array {
  const isPrime = new Uint8Array(max + 1).fill(1);
  isPrime.fill(0, 0, 2);
  for (let number = 2; number * number <= max; number++) {
    if (isPrime[number] === 0) continue;
    for (let multiple = number * number; multiple <= max; multiple += number) isPrime[multiple] = 0;
  }
  return isPrime;
}

function refusal(pool: TaskPool<typeof tasks>): string {
  try {
    pool.submit('countPrimes', new Uint32Array()).onSettled(() => undefined);
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
