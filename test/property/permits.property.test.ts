/** What every implementation of `Permits` keeps, whatever is acquired, released, cancelled and resized in whatever order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FetchPermits } from '../../src/concurrency/fetch-permits.ts';
import type { Permit } from '../../src/concurrency/permits.ts';
import { Semaphore } from '../../src/concurrency/semaphore.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'acquire' as const, at: 0 }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'tryAcquire' as const, at: 0 }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('release' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('releaseAgain' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resize' as const), at: fc.nat({ max: 5 }) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'rest' as const, at: 0 }) },
);
const scenario = fc.record({
  capacity: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
  closes: fc.boolean(),
});

describe.each([
  { name: 'Semaphore', Kind: Semaphore },
  { name: 'FetchPermits', Kind: FetchPermits },
])('$name', ({ Kind }) => {
  test('grants never exceed the limit of that moment, go in order, and all permits come back', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ capacity, steps, closes }) => {
        const permits = new Kind({ capacity });
        const held: Permit[] = [];
        const released: Permit[] = [];
        const requests: { isOpen: boolean; cancel: AbortController }[] = [];
        const grantedInOrder: number[] = [];
        let heldBefore = 0;

        const check = (): void => {
          expect(permits.inFlight).toBe(held.length);
          expect(permits.waiting).toBe(requests.filter(({ isOpen }) => isOpen).length);
          if (permits.waiting > 0) expect(permits.inFlight).toBeGreaterThanOrEqual(permits.capacity);
          expect(grantedInOrder).toEqual([...grantedInOrder].sort((a, b) => a - b));
        };
        // Above the limit only where it was lowered; nothing is granted then.
        const checkBound = (): void => {
          expect(permits.inFlight).toBeLessThanOrEqual(Math.max(permits.capacity, heldBefore));
          heldBefore = permits.inFlight;
        };
        const acquire = (): void => {
          const number = requests.length;
          const request = { isOpen: true, cancel: new AbortController() };
          requests.push(request);
          permits.acquire(request.cancel.signal).then(
            (permit) => {
              request.isOpen = false;
              grantedInOrder.push(number);
              held.push(permit);
            },
            () => (request.isOpen = false),
          );
        };

        for (const { kind, at } of steps) {
          if (kind === 'acquire') acquire();
          else if (kind === 'tryAcquire') {
            const permit = permits.tryAcquire();
            if (permit !== null) {
              expect(permits.inFlight).toBeLessThanOrEqual(permits.capacity);
              held.push(permit);
            }
          } else if (kind === 'release' && held.length > 0) {
            const [permit] = held.splice(at % held.length, 1);
            permit?.release();
            if (permit !== undefined) released.push(permit);
          } else if (kind === 'releaseAgain') released[at % Math.max(1, released.length)]?.release();
          else if (kind === 'cancel') requests[at % Math.max(1, requests.length)]?.cancel.abort();
          else if (kind === 'resize') permits.setCapacity(at + 1);
          else if (kind === 'rest') {
            await turn();
            check();
          }
          checkBound();
        }
        await turn();
        check();

        if (closes) permits.close();
        const idle = permits.idle();
        for (let rounds = 0; permits.waiting > 0 || held.length > 0; rounds++) {
          expect(rounds).toBeLessThan(200);
          for (const permit of held.splice(0)) permit.release();
          await turn();
        }
        await idle;
        expect({ inFlight: permits.inFlight, open: requests.filter(({ isOpen }) => isOpen) }).toEqual({
          inFlight: 0,
          open: [],
        });
        const gauge = permits.gauge();
        expect(gauge.length).toBe(0);
        if (!closes) {
          // All of them are there again.
          for (let i = 0; i < permits.capacity; i++) expect(permits.tryAcquire()).not.toBeNull();
          expect(permits.tryAcquire()).toBeNull();
        }
      }),
      { numRuns: 200 },
    );
  });
});
