/** How a host in trouble is slowed down, for any order of refusals and answers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_EXTRA_MS, recovered, restored, slowedDown, type Backoff } from '../../src/frontier/backoff.ts';

const perHosts = fc.integer({ min: 1, max: 64 });
const events = fc.array(
  fc.record({ isRefusal: fc.boolean(), agoMs: fc.nat({ max: 50 }), laterMs: fc.nat({ max: 40 }) }),
);

/** Fetches in flight and delay, as a pair that can be compared. */
function pace(backoff: Backoff | undefined, perHost: number): { slots: number; extraMs: number } {
  return backoff === undefined ? { slots: perHost, extraMs: 0 } : { slots: backoff.slots, extraMs: backoff.extraMs };
}

test('it stays within its bounds; refusals make no host faster, answers none slower', () => {
  fc.assert(
    fc.property(perHosts, events, (perHost, events) => {
      let backoff: Backoff | undefined;
      let now = 1_000;
      for (const { isRefusal, agoMs, laterMs } of events) {
        now += laterMs;
        const before = pace(backoff, perHost);
        if (isRefusal) backoff = slowedDown(backoff, perHost, now - agoMs, now);
        else if (backoff !== undefined) backoff = recovered(backoff, perHost);
        const after = pace(backoff, perHost);
        expect(Math.floor(after.slots)).toBeGreaterThanOrEqual(1);
        expect(after.slots).toBeLessThanOrEqual(perHost);
        expect(after.extraMs).toBeGreaterThanOrEqual(0);
        expect(after.extraMs).toBeLessThanOrEqual(MOST_EXTRA_MS);
        const [slower, faster] = isRefusal ? [after, before] : [before, after];
        expect(slower.slots).toBeLessThanOrEqual(faster.slots);
        expect(slower.extraMs).toBeGreaterThanOrEqual(faster.extraMs);
      }
    }),
  );
});

test('a host that answers again is back at full pace after a bounded number of answers', () => {
  fc.assert(
    fc.property(perHosts, fc.integer({ min: 1, max: 30 }), (perHost, refusals) => {
      let backoff: Backoff | undefined;
      for (let n = 0; n < refusals; n++) backoff = slowedDown(backoff, perHost, n, n);
      let answers = 0;
      for (; backoff !== undefined && answers < 10_000; answers++) backoff = recovered(backoff, perHost);
      expect(backoff).toBeUndefined();
      // Slots grow by one a round: 1 + 2 + … + perHost answers; the delay by its steps.
      expect(answers).toBeLessThanOrEqual(Math.max(64, (perHost * (perHost + 1)) / 2) + 1);
    }),
  );
});

test('one overload counts once, however many requests it refuses', () => {
  const first = slowedDown(undefined, 16, 900, 1_000);
  expect(first).toEqual({ slots: 8, extraMs: 200, strikes: 1, cutAt: 1_000 });
  expect(slowedDown(first, 16, 999, 1_100)).toBe(first);
  expect(slowedDown(first, 16, 1_000, 1_200)).toEqual({ slots: 4, extraMs: 400, strikes: 2, cutAt: 1_200 });
});

test('what an earlier run knew holds for ten minutes, within the present settings', () => {
  expect(restored({ slots: 3.5, extraMs: 400 }, 2, 600_000, 7)).toEqual({
    slots: 2,
    extraMs: 400,
    strikes: 0,
    cutAt: 7,
  });
  expect(restored({ slots: 3.5, extraMs: 400 }, 2, 600_001, 7)).toBeUndefined();
});
