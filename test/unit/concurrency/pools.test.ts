/** One suite that every kind of task pool passes. */
import { describe, expect, test } from 'vitest';
import { openPool, type OpenPoolOptions } from '../../../src/concurrency/pools/open-pool.ts';
import type { PoolKind, TaskPool } from '../../../src/concurrency/pools/task-pool.ts';
import type * as tasks from '../../support/pool-tasks.ts';

const module = new URL('../../support/pool-tasks.ts', import.meta.url);
const KINDS: readonly PoolKind[] = ['inline', 'async', 'threads', 'processes'];
const open = (kind: PoolKind, size = 2): Promise<TaskPool<typeof tasks>> =>
  openPool<typeof tasks>({ kind, module, size } satisfies OpenPoolOptions);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe.each(KINDS)('a pool of kind %s', (kind) => {
  test('gives results, in order where asked, with arguments spread where asked', async () => {
    await using pool = await open(kind);
    expect(await pool.submit('square', 5).result()).toBe(25);
    expect(await all(pool.map('squareLater', [0, 1, 2, 3]))).toEqual([0, 1, 4, 9]);
    const pairs: [number, number][] = [
      [2, 3],
      [3, 2],
    ];
    expect(await all(pool.starmap('power', pairs))).toEqual([8, 9]);
    const value = { map: new Map([[1, new Set(['x'])]]), big: 2n ** 70n, bytes: new Uint8Array([1, 2]) };
    expect(await pool.submit('types', value).result()).toEqual(value);
  });

  test('fails a task with what it threw, and goes on', async () => {
    await using pool = await open(kind, 1);
    await expect(pool.submit('fail', 'too far').result()).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too far',
      code: 'ERR_TEST',
    });
    expect(await pool.submit('square', 3).result()).toBe(9);
  });

  test('begins in the order of submission and cancels only what has not begun', async () => {
    await using pool = await open(kind, 1);
    const [first, second, third] = [1, 2, 3].map((n) => pool.submit('squareLater', n));
    expect({ running: pool.running, waiting: pool.waiting }).toEqual({ running: 1, waiting: 2 });
    expect([first?.cancel(), second?.cancel()]).toEqual([false, true]);
    expect(await third?.result()).toBe(9);
    expect([first?.state, second?.state]).toEqual(['done', 'cancelled']);
    await expect(second?.result()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  test('closes when all is done, refuses more, and leaves nobody behind', async () => {
    const pool = await open(kind);
    const futures = [4, 5, 6].map((n) => pool.submit('squareLater', n));
    await pool.close();
    expect(futures.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(pool.running).toBe(0);
    expect(() => pool.submit('square', 1)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });

  test('is destroyed at once: what waits is cancelled, what runs fails', async () => {
    const pool = await open(kind, 1);
    const running = pool.submit('never');
    const waiting = pool.submit('square', 1);
    await pool.destroy();
    expect(waiting.state).toBe('cancelled');
    await expect(running.result()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });
});

describe.each(['threads', 'processes'] as const)('a pool of %s', (kind) => {
  test('runs elsewhere, in as many places as it is large', async () => {
    await using pool = await open(kind);
    const places = new Set(await Promise.all([1, 2].map(() => pool.submit('place').result())));
    expect(places.size).toBe(2);
    expect(places.has(`${process.pid}/0`)).toBe(false);
  });

  test('replaces a worker that dies, and fails only its task', async () => {
    await using pool = await open(kind, 1);
    const [dying, next] = [pool.submit('die'), pool.submit('square', 7)];
    await expect(dying.result()).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
      message: expect.stringContaining('exit code 3'),
    });
    expect(await next.result()).toBe(49);
  });

  test('fails a task whose result cannot be copied', async () => {
    await using pool = await open(kind, 1);
    await expect(pool.submit('unclonable').result()).rejects.toThrow(/could not be cloned/);
    expect(await pool.submit('square', 2).result()).toBe(4);
  });
});
