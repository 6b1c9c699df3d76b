import { describe, expect, test } from 'vitest';
import { BoundedQueue } from '../../../src/concurrency/bounded-queue.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { CancelledError } from '../../../src/model/errors.ts';

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const tick = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([promise, tick])) === pending;
}

describe('put and take', () => {
  test('the fourth put into a queue of three waits until something is taken', async () => {
    const queue = new BoundedQueue<number>({ capacity: 3 });
    for (const item of [1, 2, 3]) await queue.put(item);
    const fourth = queue.put(4);
    expect(await isPending(fourth)).toBe(true);
    expect(queue.length).toBe(3);
    expect(await queue.take()).toBe(1);
    await fourth;
    expect(queue.length).toBe(3);
  });

  test('producers that wait are admitted in the order in which they came', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 });
    const puts = [1, 2, 3, 4].map((item) => queue.put(item));
    const taken = [await queue.take(), await queue.take(), await queue.take(), await queue.take()];
    await Promise.all(puts);
    expect(taken).toEqual([1, 2, 3, 4]);
  });

  test('consumers that wait are served in the order in which they came', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 });
    const takes = [queue.take(), queue.take(), queue.take()];
    for (const item of [1, 2, 3]) await queue.put(item);
    expect(await Promise.all(takes)).toEqual([1, 2, 3]);
  });

  test('offer never waits: it says no when the queue is full or closed', () => {
    const queue = new BoundedQueue<string>({ capacity: 1 });
    expect(queue.offer('a')).toBe(true);
    expect(queue.offer('b')).toBe(false);
    queue.close();
    expect(queue.offer('c')).toBe(false);
    expect(queue.length).toBe(1);
  });

  test('a batch takes what is there, at most its size, and lets waiting producers in', async () => {
    const queue = new BoundedQueue<number>({ capacity: 3 });
    const puts = [1, 2, 3, 4, 5].map((item) => queue.put(item));
    expect(await queue.takeBatch(4)).toEqual([1, 2, 3, 4]);
    await Promise.all(puts);
    expect(await queue.takeBatch(4)).toEqual([5]);
  });

  test('items that are falsy or null are items', async () => {
    const queue = new BoundedQueue<number | string | null | boolean>({ capacity: 4 });
    const items = [0, '', null, false];
    for (const item of items) await queue.put(item);
    expect(await queue.takeBatch(10)).toEqual(items);
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity])('refuses a capacity of %s', (capacity) => {
    expect(() => new BoundedQueue({ capacity })).toThrow(/capacity of a bounded queue must be an integer ≥ 1, got/);
  });
});

describe('closing', () => {
  test('ends all consumers, not just one', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2 });
    const takes = [queue.take(), queue.take(), queue.take()];
    const batch = queue.takeBatch(5);
    queue.close();
    expect(await Promise.all(takes)).toEqual([undefined, undefined, undefined]);
    expect(await batch).toEqual([]);
    expect(await queue.take()).toBeUndefined();
  });

  test('still delivers what is in the queue', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2 });
    await queue.put(1);
    await queue.put(2);
    queue.close();
    expect(queue.isDrained).toBe(false);
    const seen: number[] = [];
    for await (const item of queue) seen.push(item);
    expect(seen).toEqual([1, 2]);
    expect(queue.isDrained).toBe(true);
  });

  test('rejects the producers that wait, and all later ones, and their items never come out', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 });
    await queue.put(1);
    const waiting = queue.put(2);
    queue.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(queue.put(3)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(await queue.takeBatch(9)).toEqual([1]);
  });

  test('abort drops the items and rejects everybody with its reason', async () => {
    const reason = new Error('disk full');
    const full = new BoundedQueue<number>({ capacity: 1 });
    await full.put(1);
    const producer = full.put(2);
    full.abort(reason);
    await expect(producer).rejects.toBe(reason);
    await expect(full.take()).rejects.toBe(reason);
    await expect(full.put(3)).rejects.toBe(reason);
    expect(full.length).toBe(0);

    const empty = new BoundedQueue<number>({ capacity: 1 });
    const consumer = empty.take();
    empty.abort(reason);
    await expect(consumer).rejects.toBe(reason);
  });

  test('leaving a loop over the queue early leaves it open, with the rest in it', async () => {
    const queue = new BoundedQueue<number>({ capacity: 3 });
    for (const item of [1, 2, 3]) await queue.put(item);
    for await (const item of queue) if (item === 1) break;
    expect(queue.isClosed).toBe(false);
    expect(await queue.takeBatch(3)).toEqual([2, 3]);
  });
});

describe('cancelling', () => {
  test('a cancelled put has not put, and those behind it go on', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 });
    await queue.put(1);
    const controller = new AbortController();
    const cancelled = queue.put(2, controller.signal);
    const behind = queue.put(3);
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(await queue.take()).toBe(1);
    await behind;
    expect(await queue.take()).toBe(3);
  });

  test('a cancelled take takes nothing: the item goes to the next one', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 });
    const controller = new AbortController();
    const cancelled = queue.take(controller.signal);
    const next = queue.take();
    controller.abort(new CancelledError('the user pressed Ctrl-C'));
    await queue.put(1);
    await expect(cancelled).rejects.toThrow('the user pressed Ctrl-C');
    expect(await next).toBe(1);
  });

  test('an item handed over before the signal fires is delivered, not lost', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 });
    const controller = new AbortController();
    const taken = queue.take(controller.signal);
    queue.offer(1);
    controller.abort();
    expect(await taken).toBe(1);
  });

  test('a signal that has fired already takes and puts nothing, even where that needs no waiting', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2 });
    await queue.put(1);
    const signal = AbortSignal.abort();
    await expect(queue.take(signal)).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await expect(queue.put(2, signal)).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(queue.length).toBe(1);
  });
});

test('the gauge shows who waited for whom, and for how long', async () => {
  const clock = new ManualClock(1_000);
  const queue = new BoundedQueue<number>({ capacity: 1, clock });
  await queue.put(1);
  const blocked = queue.put(2);
  clock.advance(40);
  expect(queue.gauge()).toMatchObject({ producerWaits: 1, producerWaitMs: 40 });
  await queue.takeBatch(2);
  await blocked;
  const starved = [queue.take(), queue.take()];
  clock.advance(10);
  await queue.put(3);
  clock.advance(5);
  await queue.put(4);
  await Promise.all(starved);
  clock.advance(100);
  expect(queue.gauge()).toEqual({
    capacity: 1,
    length: 0,
    highWater: 1,
    passed: 4,
    producerWaits: 1,
    producerWaitMs: 40,
    consumerWaits: 2,
    consumerWaitMs: 25,
  });
});
