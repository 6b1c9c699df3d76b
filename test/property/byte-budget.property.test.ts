/**
 * The byte budget under arbitrary schedules of many bodies. Each body grows in random steps, may be cancelled, and keeps its
 * bytes for a while after its end, as a page does until its commit. The bound holds all the time, and all bodies end.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteBudget, type Reservation } from '../../src/concurrency/byte-budget.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const LARGEST = 60;

interface Body {
  readonly reservation: Reservation;
  /** What is still to be reserved, step by step. */
  readonly steps: number[];
  readonly cancel: AbortController;
  state: 'reading' | 'waiting' | 'ended';
}

const plan = fc.record({
  steps: fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 6 }),
  endsBy: fc.constantFrom('release', 'release', 'release', 'cancel'),
});

test('never above capacity plus one body, and every body ends', async () => {
  const scenario = fc.record({
    capacity: fc.integer({ min: 1, max: 150 }),
    plans: fc.array(plan, { minLength: 1, maxLength: 12, size: 'max' }),
    choices: fc.infiniteStream(fc.nat()),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ capacity, plans, choices }) => {
      const budget = new ByteBudget({ capacity, oversize: LARGEST });
      const bodies: Body[] = plans.map(({ steps }) => {
        let total = 0;
        const within = steps.filter((bytes) => (total += bytes) <= LARGEST);
        return { reservation: budget.open(), steps: within, cancel: new AbortController(), state: 'reading' };
      });
      const doomed = new Set(bodies.filter((_, index) => plans[index]?.endsBy === 'cancel'));
      const check = (): void => {
        const held = bodies.map(({ reservation }) => reservation.held);
        expect(budget.used).toBe(held.reduce((sum, bytes) => sum + bytes, 0));
        expect(budget.used).toBeLessThanOrEqual(capacity + LARGEST);
        // All but one fit into the capacity.
        expect(budget.used - Math.max(...held)).toBeLessThanOrEqual(capacity);
      };
      const end = (body: Body): void => {
        body.state = 'ended';
        body.reservation.release();
      };
      const grow = (body: Body): void => {
        const bytes = body.steps.shift();
        if (bytes === undefined) {
          end(body);
        } else if (!body.reservation.tryGrow(bytes)) {
          body.state = 'waiting';
          body.reservation.grow(bytes, body.cancel.signal).then(
            () => (body.state = 'reading'),
            () => end(body),
          );
        }
      };

      for (let moves = 0; ; moves++) {
        expect(moves).toBeLessThan(500);
        const open = bodies.filter(({ state }) => state !== 'ended');
        if (open.length === 0) break;
        const movable = open.filter((body) => body.state === 'reading' || doomed.has(body));
        // Were there none, everybody would wait for somebody else.
        expect(movable.length).toBeGreaterThan(0);
        const body = movable[choices.next().value % movable.length];
        if (body?.state === 'waiting') body.cancel.abort();
        else if (body !== undefined) grow(body);
        check();
        await turn();
        check();
      }
      expect(budget.used).toBe(0);
      expect(budget.gauge().highWater).toBeLessThanOrEqual(capacity + LARGEST);
    }),
    { numRuns: 150 },
  );
});
