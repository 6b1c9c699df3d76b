/** Shared memory under real threads: what must be exact is exact, however the threads meet. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openPool } from '../../../src/concurrency/pools/open-pool.ts';
import type { TaskPool } from '../../../src/concurrency/pools/task-pool.ts';
import { portEndpoint, processEndpoint } from '../../../src/concurrency/threads/endpoint.ts';
import { SharedCondition } from '../../../src/concurrency/threads/shared-condition.ts';
import { SharedCounter } from '../../../src/concurrency/threads/shared-counter.ts';
import { SharedMap, SharedMapClient } from '../../../src/concurrency/threads/shared-map.ts';
import { SharedMutex } from '../../../src/concurrency/threads/shared-mutex.ts';
import { SharedSemaphore } from '../../../src/concurrency/threads/shared-semaphore.ts';
import { sharedCells } from '../../../src/concurrency/threads/shared-wait.ts';
import type * as tasks from '../../support/pool-tasks.ts';

const module = new URL('../../support/pool-tasks.ts', import.meta.url);
const threads = (size: number): Promise<TaskPool<typeof tasks>> =>
  openPool<typeof tasks>({ kind: 'threads', module, size });
const TIMES = 20_000;

test('a counter and a mutex lose no update of three threads', async () => {
  await using pool = await threads(3);
  const counter = new SharedCounter();
  const mutex = new SharedMutex();
  const cells = sharedCells(1);
  const three = [1, 2, 3];
  await Promise.all(three.map(() => pool.submit('addAtomically', counter.cells, TIMES).result()));
  await Promise.all(three.map(() => pool.submit('addUnderMutex', mutex.cells, cells, TIMES).result()));
  expect([counter.value, cells[0]]).toEqual([3 * TIMES, 3 * TIMES]);
  expect(mutex.tryLock()).toBe(true);
});

test('the main thread takes part in the same mutex without blocking its event loop', async () => {
  await using pool = await threads(1);
  const mutex = new SharedMutex();
  const cells = sharedCells(1);
  const other = pool.submit('addUnderMutex', mutex.cells, cells, TIMES).result();
  for (let i = 0; i < 200; i++) {
    await mutex.lockAsync();
    cells[0] = (cells[0] ?? 0) + 1;
    mutex.unlock();
  }
  await other;
  expect(cells[0]).toBe(TIMES + 200);
  expect(() => mutex.unlock()).toThrow(/nobody had locked/);
});

test('a semaphore never has more permits out than it has, and gets all of them back', async () => {
  await using pool = await threads(4);
  const permits = SharedSemaphore.withCapacity(2);
  const peak = sharedCells(2);
  await Promise.all([1, 2, 3, 4].map(() => pool.submit('workUnderPermits', permits.cells, peak, 2000).result()));
  expect(peak[1]).toBeLessThanOrEqual(2);
  expect(permits.free).toBe(2);
});

test('a condition wakes consumers for each item, and the stock never falls below nothing', async () => {
  await using pool = await threads(2);
  const mutex = new SharedMutex();
  const condition = new SharedCondition(mutex);
  const stock = sharedCells(2);
  const consumers = [1, 2].map(() => pool.submit('consumeStock', mutex.cells, condition.cells, stock, 50).result());
  for (let i = 0; i < 100; i++) {
    await mutex.lockAsync();
    stock[0] = (stock[0] ?? 0) + 1;
    condition.notify();
    mutex.unlock();
  }
  await Promise.all(consumers);
  expect([...stock]).toEqual([0, 0]);
});

test('a wait that is cancelled passes on the wake-up that its place in the line still gets', async () => {
  const permits = SharedSemaphore.withCapacity(1);
  expect(permits.tryAcquire()).toBe(true);
  const cancel = new AbortController();
  const first = permits.acquireAsync(cancel.signal);
  const second = permits.acquireAsync(AbortSignal.timeout(20_000));
  cancel.abort();
  await expect(first).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  permits.release();
  await second;
  expect(permits.free).toBe(0);
  await expect(new SharedMutex().lockAsync(AbortSignal.abort())).resolves.toBeUndefined();
});

test('a wait on a condition that is cancelled holds the mutex again', async () => {
  const mutex = new SharedMutex();
  const condition = new SharedCondition(mutex);
  const cancel = new AbortController();
  mutex.lock();
  const waiting = condition.waitAsync(() => false, cancel.signal);
  expect(mutex.tryLock()).toBe(true);
  mutex.unlock();
  cancel.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect(mutex.tryLock()).toBe(false);
  expect(condition.notifyAll()).toBeGreaterThanOrEqual(0);
});

test('a shared map carries out one operation after the other, for clients on any port', async () => {
  const map = new SharedMap();
  const clients = Array.from({ length: 3 }, () => new SharedMapClient(portEndpoint(map.connect())));
  const [a, b] = clients as [SharedMapClient, SharedMapClient];
  await a.set('key', { value: 1 });
  expect([await b.get('key'), await b.has('key'), await b.has('none')]).toEqual([{ value: 1 }, true, false]);
  await Promise.all(clients.flatMap((client, who) => [1, 2, 3].map((n) => client.append('list', `${who}/${n}`))));
  expect(new Set(map.entries.get('list') as string[]).size).toBe(9);
  await expect(a.append('key', 1)).rejects.toThrow(/is no list/);
  expect([await a.delete('key'), await a.delete('key')]).toEqual([true, false]);
  expect((await b.entries()).map(([key]) => key)).toEqual(['list']);
  const unanswered = a.get('list');
  a.close();
  await expect(unanswered).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  for (const client of clients) client.close();
});

test('a shared map serves processes, too', async () => {
  const map = new SharedMap();
  const entry = fileURLToPath(new URL('../../support/map-process.ts', import.meta.url));
  const children = ['a', 'b'].map((key) => fork(entry, [key], { serialization: 'advanced', execArgv: [] }));
  const codes = children.map((child) => new Promise((resolve) => child.on('exit', resolve)));
  for (const child of children) map.serve(processEndpoint(child));
  expect(await Promise.all(codes)).toEqual([0, 0]);
  expect([map.entries.get('a'), map.entries.get('b')]).toEqual([1, 1]);
  expect((map.entries.get('order') as string[]).toSorted()).toEqual(['a', 'b']);
});
