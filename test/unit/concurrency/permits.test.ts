import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { FetchPermits } from '../../../src/concurrency/fetch-permits.ts';
import type { Permit } from '../../../src/concurrency/permits.ts';
import { Semaphore } from '../../../src/concurrency/semaphore.ts';
import { ManualClock } from '../../../src/model/clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each([
  { name: 'Semaphore', Kind: Semaphore },
  { name: 'FetchPermits', Kind: FetchPermits },
])('$name', ({ Kind }) => {
  test('ten tasks under three permits: three run at a time, and all run', async () => {
    const permits = new Kind({ capacity: 3 });
    let running = 0;
    let peak = 0;
    let ran = 0;
    const task = async (): Promise<void> => {
      const permit = await permits.acquire();
      running++;
      peak = Math.max(peak, running);
      await turn();
      running--;
      ran++;
      permit.release();
    };
    await Promise.all(Array.from({ length: 10 }, task));
    expect({ peak, ran, inFlight: permits.inFlight }).toEqual({ peak: 3, ran: 10, inFlight: 0 });
  });

  test('a permit released twice comes back once', async () => {
    const permits = new Kind({ capacity: 1 });
    const first = await permits.acquire();
    first.release();
    first.release();
    await turn();
    expect(permits.tryAcquire()).not.toBeNull();
    expect(permits.tryAcquire()).toBeNull();
  });

  test('tryAcquire does not overtake those who wait', async () => {
    const permits = new Kind({ capacity: 1 });
    const held = await permits.acquire();
    const waiting = permits.acquire();
    held.release();
    // At none of the moments between the release and the grant.
    for (let microtask = 0; microtask < 20; microtask++) {
      expect(permits.tryAcquire()).toBeNull();
      await Promise.resolve();
    }
    await expect(waiting).resolves.toBeDefined();
  });

  test('raising the capacity admits those who wait; lowering it takes effect as permits come back', async () => {
    const permits = new Kind({ capacity: 1 });
    const granted: Permit[] = [];
    for (let i = 0; i < 4; i++) void permits.acquire().then((permit) => granted.push(permit));
    await turn();
    expect(granted).toHaveLength(1);
    permits.setCapacity(3);
    await turn();
    expect(granted).toHaveLength(3);
    permits.setCapacity(1);
    expect({ capacity: permits.capacity, inFlight: permits.inFlight }).toEqual({ capacity: 1, inFlight: 3 });
    granted[0]?.release();
    granted[1]?.release();
    await turn();
    expect({ granted: granted.length, waiting: permits.waiting }).toEqual({ granted: 3, waiting: 1 });
    granted[2]?.release();
    await turn();
    expect({ granted: granted.length, waiting: permits.waiting }).toEqual({ granted: 4, waiting: 0 });
  });

  test('close rejects those who wait and all later ones; idle resolves when the last permit is back', async () => {
    const permits = new Kind({ capacity: 1 });
    const held = await permits.acquire();
    const waiting = permits.acquire();
    permits.close();
    let isIdle = false;
    const idle = permits.idle().then(() => (isIdle = true));
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(permits.acquire()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(permits.tryAcquire()).toBeNull();
    expect(isIdle).toBe(false);
    held.release();
    await idle;
    expect(permits.inFlight).toBe(0);
  });

  test('a cancelled caller leaves the line and its signal', async () => {
    const permits = new Kind({ capacity: 1 });
    const held = await permits.acquire();
    const controller = new AbortController();
    const cancelled = permits.acquire(controller.signal);
    const behind = permits.acquire(controller.signal);
    const { signal } = new AbortController();
    const last = permits.acquire(signal);
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await expect(behind).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    held.release();
    await last;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('the gauge counts permits held, given back and waited for', async () => {
    const clock = new ManualClock();
    const permits = new Kind({ capacity: 2, clock });
    const [first, second] = [await permits.acquire(), await permits.acquire()];
    const third = permits.acquire();
    clock.advance(30);
    first.release();
    (await third).release();
    second.release();
    expect(permits.gauge()).toMatchObject({ capacity: 2, length: 0, highWater: 2, passed: 3 });
    expect(permits.gauge()).toMatchObject({ producerWaits: 1, producerWaitMs: 30 });
  });

  test.each([0, 2.5, Number.NaN])('refuses a capacity of %s, at the start and later', (capacity) => {
    expect(() => new Kind({ capacity })).toThrow('must be an integer ≥ 1');
    expect(() => new Kind({ capacity: 1 }).setCapacity(capacity)).toThrow('must be an integer ≥ 1');
  });
});
