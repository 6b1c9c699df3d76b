import fc from 'fast-check';
import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/race.ts';
import { interleavings } from '../../../src/lab/support/interleavings.ts';
import { runLab } from '../../support/lab.ts';

test('of the 20 orders of load, add, store, 18 lose an update; one of them is shown', async () => {
  const { ok, result } = await runLab(experiment, { flags: { explain: true } });
  expect(ok).toBe(true);
  expect(result.values).toEqual({ orders: 20, right: 2, 'lose an update': 18 });
  expect(result.log?.map(({ task }) => task).toSorted()).toEqual(['A', 'A', 'A', 'B', 'B', 'B']);
});

test('with Atomics nothing is ever lost between two real threads', async () => {
  const { result } = await runLab(experiment, { flags: { runs: '1', times: '200000' } });
  expect(result.values['left over with Atomics']).toBe(0);
});

test('interleavings are all different, as many as the formula says, and keep each thread’s own order', () => {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 3 }), (length, threads) => {
      fc.pre(length * threads <= 6);
      const steps = Array.from({ length }, (_, index) => index);
      const all = interleavings(steps, threads);
      expect(all.length).toBe(factorial(length * threads) / factorial(length) ** threads);
      expect(new Set(all.map((order) => JSON.stringify(order))).size).toBe(all.length);
      for (const order of all) {
        for (let who = 0; who < threads; who++) {
          expect(order.filter((turn) => turn.who === who).map(({ what }) => what)).toEqual(steps);
        }
      }
    }),
  );
});
