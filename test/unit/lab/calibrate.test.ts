import { expect, test } from 'vitest';
import { roundsFor } from '../../../src/lab/support/calibrate.ts';

test('pauses in which others have the core do not make the work small', () => {
  let now = 0;
  let calls = 0;
  // Half a millisecond a round, and once in a while the core is gone for a time.
  const work = (rounds: number): void => {
    now += rounds * 0.5 + (calls++ % 3 === 0 ? 20 : 0);
  };
  // 16 rounds take 8 ms, so 20 ms are 40; judged by a pause, it would be one or two.
  expect(roundsFor(20, work, () => now)).toBe(40);
});
