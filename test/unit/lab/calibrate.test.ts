import { expect, test } from 'vitest';
import { roundsFor } from '../../../src/lab/support/calibrate.ts';

/** Takes one unit of CPU work a round, and once in a while the core is gone for a time. */
function interrupted(): (rounds: number) => void {
  let calls = 0;
  return (rounds) => {
    const end = performance.now() + rounds * 0.5 + (calls++ % 3 === 0 ? 20 : 0);
    while (performance.now() < end) continue;
  };
}

test('pauses in which others have the core do not make the work small', () => {
  // 16 rounds take 8 ms, so 20 ms are 40; judged by a pause, it would be one or two.
  expect(roundsFor(20, interrupted())).toBeGreaterThan(10);
});
