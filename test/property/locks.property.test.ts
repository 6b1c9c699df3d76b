/** What the locks keep, whatever is acquired, released and cancelled in whatever order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Barrier } from '../../src/concurrency/barrier.ts';
import { Condition } from '../../src/concurrency/condition.ts';
import { Mutex, type Lock } from '../../src/concurrency/mutex.ts';
import { ReentrantMutex } from '../../src/concurrency/reentrant-mutex.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'acquire' as const, at: 0 }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'try' as const, at: 0 }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), at: fc.nat() }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'rest' as const, at: 0 }) },
);

test('a mutex has one holder at most, serves in order, and is free again at the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const mutex = new Mutex();
      const locks: Lock[] = [];
      const cancels: AbortController[] = [];
      const served: number[] = [];
      const open = new Set<number>();
      const check = (): void => {
        expect(locks.filter(({ isHeld }) => isHeld).length).toBeLessThanOrEqual(1);
        if (mutex.waiting > 0) expect(mutex.isLocked).toBe(true);
      };
      for (const { kind, at } of steps) {
        if (kind === 'acquire') {
          const number = cancels.push(new AbortController()) - 1;
          open.add(number);
          mutex.acquire(cancels[number]?.signal).then(
            (lock) => {
              open.delete(number);
              served.push(number);
              locks.push(lock);
            },
            () => open.delete(number),
          );
        } else if (kind === 'try') {
          const wasLocked = mutex.isLocked;
          const lock = mutex.tryAcquire();
          expect(lock === null).toBe(wasLocked);
          if (lock !== null) locks.push(lock);
        }
        // Also locks that were released before: that must do nothing.
        else if (kind === 'release') locks[at % Math.max(1, locks.length)]?.release();
        else if (kind === 'cancel') cancels[at % Math.max(1, cancels.length)]?.abort();
        else await turn();
        check();
      }
      for (let rounds = 0; mutex.isLocked; rounds++) {
        expect(rounds).toBeLessThan(200);
        for (const lock of locks) lock.release();
        await turn();
        check();
      }
      await turn();
      expect([...open]).toEqual([]);
      expect(served).toEqual(served.toSorted((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
});

test('sections of a reentrant mutex never overlap, however deep each one enters again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 8 }), fc.scheduler(), async (depths, s) => {
      const mutex = new ReentrantMutex();
      let inside: number | null = null;
      const enter = (who: number, depth: number): Promise<void> =>
        mutex.runExclusive(async () => {
          expect(inside === null || inside === who).toBe(true);
          const before = inside;
          inside = who;
          await s.schedule(Promise.resolve());
          if (depth > 0) await enter(who, depth - 1);
          await s.schedule(Promise.resolve());
          expect(inside).toBe(who);
          inside = before;
        });
      const all = Promise.all(depths.map((depth, who) => enter(who, depth)));
      await s.waitFor(all);
      expect(mutex.isLocked).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test('a condition: stock is never taken that is not there, and no wake-up is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.scheduler(),
      async (deliveries, consumers, s) => {
        const mutex = new Mutex();
        const condition = new Condition(mutex);
        const total = deliveries.reduce((sum, amount) => sum + amount, 0);
        let stock = 0;
        let isOver = false;
        let consumed = 0;
        const consume = async (): Promise<void> => {
          for (;;) {
            using lock = await mutex.acquire();
            await condition.wait(lock, () => stock > 0 || isOver);
            expect(lock.isHeld).toBe(true);
            if (stock === 0) return;
            await s.schedule(Promise.resolve());
            stock--;
            consumed++;
            expect(stock).toBeGreaterThanOrEqual(0);
          }
        };
        const produce = async (): Promise<void> => {
          for (const amount of deliveries) {
            await s.schedule(Promise.resolve());
            await mutex.runExclusive(() => {
              stock += amount;
              condition.notify(amount);
            });
          }
          isOver = true;
          condition.notifyAll();
        };
        await s.waitFor(Promise.all([...Array.from({ length: consumers }, consume), produce()]));
        expect({ consumed, stock, waiting: condition.waiting }).toEqual({ consumed: total, stock: 0, waiting: 0 });
      },
    ),
    { numRuns: 200 },
  );
});

test('a wait on a condition that is cancelled holds the lock again, and nobody else does', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const cancel = new AbortController();
  const lock = await mutex.acquire();
  const waiting = condition.wait(lock, () => false, cancel.signal);
  const other = await mutex.acquire();
  cancel.abort();
  await turn();
  other.release();
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect({ isHeld: lock.isHeld, next: mutex.tryAcquire() }).toEqual({ isHeld: true, next: null });
  lock.release();
  expect(mutex.isLocked).toBe(false);
  await expect(condition.wait(lock)).rejects.toThrow(/needs the lock/);
});

test('a mutex refuses its own holder instead of hanging, and admits code that outlived the section', async () => {
  const mutex = new Mutex({ name: 'L' });
  let leave: () => void = () => undefined;
  let later: Promise<Lock> | undefined;
  await mutex.runExclusive(async () => {
    await expect(mutex.acquire()).rejects.toMatchObject({
      code: 'ERR_DEADLOCK',
      message: expect.stringContaining('L is held'),
    });
    later = new Promise<void>((resolve) => (leave = resolve)).then(() => mutex.acquire());
  });
  leave();
  (await later)?.release();
  expect(mutex.isLocked).toBe(false);
});

test('a barrier lets exactly its parties pass in each round, and nobody who was cancelled', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ comes: fc.boolean(), at: fc.nat() }), { maxLength: 30 }),
      async (parties, steps) => {
        const barrier = new Barrier({ parties });
        const cancels: AbortController[] = [];
        const rounds: number[] = [];
        let cancelled = 0;
        for (const { comes, at } of steps) {
          if (comes) {
            const cancel = new AbortController();
            cancels.push(cancel);
            barrier.wait(cancel.signal).then(
              (round) => rounds.push(round),
              () => cancelled++,
            );
          } else cancels[at % Math.max(1, cancels.length)]?.abort();
          await turn();
          expect(barrier.waiting).toBeLessThan(parties);
          expect(rounds.length + cancelled + barrier.waiting).toBe(cancels.length);
          expect(rounds.length % parties).toBe(0);
        }
        for (const round of new Set(rounds)) expect(rounds.filter((other) => other === round).length).toBe(parties);
        const left = barrier.waiting;
        barrier.close();
        await turn();
        expect(rounds.length + cancelled).toBe(cancels.length);
        expect(left).toBeLessThan(parties);
        await expect(barrier.wait()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
      },
    ),
    { numRuns: 100 },
  );
});
