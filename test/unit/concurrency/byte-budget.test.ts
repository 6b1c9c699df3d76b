import { expect, test } from 'vitest';
import { ByteBudget } from '../../../src/concurrency/byte-budget.ts';
import { ManualClock } from '../../../src/model/clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Records in which order promises resolve. */
function watch(): { done: string[]; note: (name: string, promise: Promise<void>) => void } {
  const done: string[] = [];
  return { done, note: (name, promise) => void promise.then(() => done.push(name)) };
}

test('grants at once what fits, and says no to what does not', () => {
  const budget = new ByteBudget({ capacity: 100, oversize: 50 });
  const reservation = budget.open();
  expect(reservation.tryGrow(60)).toBe(true);
  expect(reservation.tryGrow(60)).toBe(false);
  expect({ held: reservation.held, used: budget.used }).toEqual({ held: 60, used: 60 });
  reservation.shrinkTo(10);
  reservation.shrinkTo(90);
  expect({ held: reservation.held, used: budget.used }).toEqual({ held: 10, used: 10 });
  reservation.release();
  reservation.release();
  expect(budget.gauge()).toMatchObject({ length: 0, highWater: 60, passed: 60 });
});

test('the oldest that waits may exceed the budget; the next one waits until the excess is gone', async () => {
  const budget = new ByteBudget({ capacity: 100, oversize: 80 });
  const [old, young] = [budget.open(), budget.open()];
  old.tryGrow(50);
  young.tryGrow(50);
  const { done, note } = watch();
  note('young', young.grow(10));
  await turn();
  // Alone in the line, the young one is the oldest that waits.
  expect({ done, used: budget.used }).toEqual({ done: ['young'], used: 110 });
  note('old', old.grow(30));
  await turn();
  expect(done).toEqual(['young']);
  // The favoured one goes on without waiting, though the other is older.
  expect(young.tryGrow(20)).toBe(true);
  expect(old.tryGrow(0)).toBe(false);
  young.release();
  await turn();
  expect({ done, used: budget.used }).toEqual({ done: ['young', 'old'], used: 80 });
});

test('those who wait are served by age of their reservation, and nobody slips past them', async () => {
  const budget = new ByteBudget({ capacity: 100, oversize: 10 });
  const holder = budget.open();
  const [a, b, c] = [budget.open(), budget.open(), budget.open()];
  holder.tryGrow(100);
  const { done, note } = watch();
  note('c', c.grow(50));
  note('a', a.grow(60));
  note('b', b.grow(1));
  holder.shrinkTo(60);
  // 40 are free, but a comes first and wants 60.
  expect(budget.open().tryGrow(1)).toBe(false);
  await turn();
  expect(done).toEqual([]);
  holder.release();
  await turn();
  expect(done).toEqual(['a', 'b']);
  a.release();
  await turn();
  expect(done).toEqual(['a', 'b', 'c']);
});

test('a wish that is cancelled leaves the line and lets those behind it go on', async () => {
  const budget = new ByteBudget({ capacity: 100, oversize: 10 });
  const holder = budget.open();
  const [greedy, modest] = [budget.open(), budget.open()];
  holder.tryGrow(90);
  const controller = new AbortController();
  const cancelled = greedy.grow(60, controller.signal);
  const granted = modest.grow(5);
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  await granted;
  expect(budget.used).toBe(95);
  // It may ask again.
  expect(greedy.tryGrow(5)).toBe(true);
});

test('a reservation released while it waits gets nothing any more', async () => {
  const budget = new ByteBudget({ capacity: 10, oversize: 5 });
  const [holder, waiting] = [budget.open(), budget.open()];
  holder.tryGrow(10);
  const wish = waiting.grow(8);
  await expect(waiting.grow(1)).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
  waiting.release();
  await expect(wish).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await expect(waiting.grow(1)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  expect(waiting.tryGrow(1)).toBe(false);
  holder.release();
  expect(budget.used).toBe(0);
});

test('goes on even when every body wants more than was promised', async () => {
  const budget = new ByteBudget({ capacity: 10, oversize: 1 });
  const [a, b] = [budget.open(), budget.open()];
  a.tryGrow(5);
  b.tryGrow(5);
  const first = a.grow(100);
  const second = b.grow(100);
  await first;
  a.release();
  await second;
  expect(budget.used).toBe(105);
});

test('the gauge counts the pauses', async () => {
  const clock = new ManualClock();
  const budget = new ByteBudget({ capacity: 10, oversize: 1, clock });
  const [a, b] = [budget.open(), budget.open()];
  a.tryGrow(10);
  const paused = b.grow(5);
  clock.advance(70);
  a.release();
  await paused;
  expect(budget.gauge()).toMatchObject({ producerWaits: 1, producerWaitMs: 70, length: 5, highWater: 10 });
});

test('refuses sizes that are no whole bytes', () => {
  const reservation = new ByteBudget({ capacity: 10, oversize: 1 }).open();
  expect(() => reservation.tryGrow(-1)).toThrow('bytes to reserve must be an integer ≥ 0, got -1');
  expect(() => reservation.tryGrow(0.5)).toThrow('got 0.5');
});
