import { expect, test } from 'vitest';
import { FetchPermits } from '../../../src/concurrency/fetch-permits.ts';
import { MachineLimits } from '../../../src/engine/machine-limits.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { leaseOf } from '../../support/fetch-harness.ts';

async function rig() {
  const clock = new ManualClock();
  const permits = new FetchPermits({ capacity: 40, clock });
  for (let i = 0; i < 40; i++) await permits.acquire();
  const said: string[] = [];
  let closings = 0;
  const limits = new MachineLimits({
    permits,
    clock,
    fetcher: { closeIdle: () => closings++ },
    warn: (_key, message) => said.push(message),
  });
  return { clock, permits, limits, said, closings: () => closings };
}

const lease = leaseOf('http://a.test/');

test('fetches in flight are halved once a second, however many attempts end like that', async () => {
  const { clock, permits, limits, said, closings } = await rig();
  const counted = Array.from({ length: 10 }, () => limits.starved(lease, 'EMFILE'));
  expect(counted).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([permits.capacity, closings()]).toEqual([20, 10]);
  expect(said[0]).toContain('lowered from 40 to 20');
  expect(said[0]).toContain('ulimit -n');
  for (const capacity of [10, 5, 2, 1, 1]) {
    clock.advance(1_000);
    limits.starved(lease, 'EMFILE');
    expect(permits.capacity).toBe(capacity);
  }
});

test('they come back a tenth a second, to where they were', async () => {
  const { clock, permits, limits } = await rig();
  limits.starved(lease, 'ENOBUFS');
  const seen: number[] = [];
  for (let i = 0; i < 14; i++) {
    clock.advance(500);
    limits.eased(lease);
    seen.push(permits.capacity);
  }
  expect(seen).toEqual([20, 24, 24, 28, 28, 32, 32, 36, 36, 40, 40, 40, 40, 40]);
  expect(limits.starved(lease, 'ENOBUFS')).toBe(0);
});
