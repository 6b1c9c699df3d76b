/** Pools that compute: answers and counts, no speeds. */
import { expect, test } from 'vitest';
import { experiment as cpuWall } from '../../../src/lab/cpu-wall.ts';
import { experiment as fibonacci } from '../../../src/lab/fibonacci.ts';
import { experiment as primes } from '../../../src/lab/primes.ts';
import { runLab } from '../../support/lab.ts';

test('primes: as many as the sieve says, by any number of workers and in any chunks; then no thread is left', async () => {
  const flags = { count: '3000', max: '1000', workers: '2', chunk: '1,7,4000', seed: '5' };
  const { ok, result } = await runLab(primes, { flags });
  expect(ok).toBe(true);
  expect(result.checks.filter(({ what }) => what.startsWith('primes,')).length).toBe(5);
  expect(result.checks).toContainEqual(expect.objectContaining({ what: 'threads alive after close()', measured: '0' }));
  const again = await runLab(primes, { flags: { ...flags, workers: '1', chunk: '3000' } });
  expect(again.result.values['primes']).toBe(result.values['primes']);
});

test('fibonacci: the numbers in their order, however they were computed', async () => {
  const { result } = await runLab(fibonacci, { flags: { from: '10', to: '14' } });
  const results = result.checks.filter(({ what }) => what.endsWith('in the order of the numbers'));
  expect(results.map(({ measured }) => measured)).toEqual(Array(3).fill('55 89 144 233 377'));
});

test('fibonacci: the defaults are the numbers from 30 to 34', async () => {
  const { result } = await runLab(fibonacci, { flags: { pool: 'threads' } });
  expect(result.checks[0]?.measured).toBe('832040 1346269 2178309 3524578 5702887');
});

test('cpu-wall: every loop of every kind adds up to the same', async () => {
  const { result } = await runLab(cpuWall, { flags: { loops: '2', steps: '1000' } });
  expect(result.checks.slice(0, 2).map(({ measured }) => measured)).toEqual(['6', '6']);
});
