/** Laboratory: tasks for pools that only compute. All of them are fixed amounts of work, not of time. */
import { createHash } from 'node:crypto';
import { now, timed, type Timed } from '../support/timed.ts';

export { here } from '../support/timed.ts';

const BLOCK = new Uint8Array(4096);

/** Hashes a block `rounds` times, each result going into the next. */
export function hashRounds(rounds: number): string {
  let digest = '';
  for (let round = 0; round < rounds; round++) digest = createHash('sha256').update(digest).update(BLOCK).digest('hex');
  return digest;
}

export async function hash(rounds: number): Promise<Timed<string>> {
  return await timed(() => hashRounds(rounds));
}

/** Stretches of time, each from and to. */
export type Stretches = readonly (readonly [number, number])[];

/** Longer than one round by far, shorter than the operating system gives the core to another thread. */
const GAP_MS = 0.5;

/** As `hash`, and when it really ran: a gap between two rounds means that somebody else had the core. */
export async function traceHash(rounds: number): Promise<Timed<Stretches>> {
  return await timed(() => {
    const stretches: [number, number][] = [];
    let from = now();
    let last = from;
    for (let round = 0; round < rounds; round++) {
      hashRounds(1);
      const at = now();
      if (at - last > GAP_MS) {
        stretches.push([from, last]);
        from = at;
      }
      last = at;
    }
    return [...stretches, [from, last]];
  });
}

/** Computes a little, waits, computes a little. */
export async function traceRequest(ms: number, rounds: number): Promise<Timed<Stretches>> {
  return await timed(async () => {
    const before = await traceHash(rounds);
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = await traceHash(rounds);
    return [...before.value, ...after.value];
  });
}

/** The naive way, for its cost. */
export async function fibonacci(n: number): Promise<Timed<number>> {
  return await timed(() => fibonacciOf(n));
}

function fibonacciOf(n: number): number {
  return n < 2 ? n : fibonacciOf(n - 1) + fibonacciOf(n - 2);
}

/** How many of the numbers are prime, each tried by division. */
export async function countPrimes(numbers: Uint32Array): Promise<Timed<number>> {
  return await timed(() => numbers.reduce((count, number) => count + (isPrime(number) ? 1 : 0), 0));
}

function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

/** Adds up 0 to `steps` − 1. */
export async function addUp(steps: number): Promise<Timed<number>> {
  return await timed(() => {
    let sum = 0;
    for (let step = 0; step < steps; step++) sum += step;
    return sum;
  });
}

/** Memory of this process in bytes. */
export async function memory(): Promise<Timed<number>> {
  return await timed(() => process.memoryUsage.rss());
}
