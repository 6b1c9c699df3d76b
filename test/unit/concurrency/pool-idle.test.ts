import { expect, test } from 'vitest';
import type { PoolWorker } from '../../../src/concurrency/pools/worker.ts';
import { WorkerPool } from '../../../src/concurrency/pools/worker-pool.ts';
import { ManualClock } from '../../../src/model/clock.ts';

interface Tasks {
  wait(): void;
}

/** A pool whose tasks end when told to, in the order in which they began. */
function pool(idleMs?: number) {
  const clock = new ManualClock();
  const counts = { started: 0, ended: 0 };
  const running: (() => void)[] = [];
  const startWorker = (): PoolWorker => {
    counts.started++;
    return {
      isAlive: true,
      run: () => new Promise<void>((resolve) => running.push(resolve)),
      end: async () => void counts.ended++,
    };
  };
  const made = new WorkerPool<Tasks>({ kind: 'async', size: 3, startWorker, idleMs, clock });
  const finish = async (count: number): Promise<void> => {
    for (const end of running.splice(0, count)) end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pool: made, clock, counts, finish };
}

test('a worker idle for too long is ended, and started anew when there is work again', async () => {
  const { pool: tasks, clock, counts, finish } = pool(100);
  for (let n = 0; n < 5; n++) tasks.submit('wait');
  expect(counts).toEqual({ started: 3, ended: 0 });
  await finish(3);
  await finish(2);
  // Two workers were idle since now, one since the first three tasks ended: on this clock the same moment.
  clock.advance(99);
  expect(counts.ended).toBe(0);
  clock.advance(1);
  expect(counts).toEqual({ started: 3, ended: 3 });
  tasks.submit('wait');
  expect(counts.started).toBe(4);
  await finish(1);
  await tasks.close();
  expect(counts).toEqual({ started: 4, ended: 4 });
});

test('with little to do one worker goes on and the others age', async () => {
  const { pool: tasks, clock, counts, finish } = pool(100);
  for (let n = 0; n < 3; n++) tasks.submit('wait');
  await finish(3);
  for (let n = 0; n < 4; n++) {
    clock.advance(60);
    tasks.submit('wait');
    await finish(1);
  }
  expect(counts).toEqual({ started: 3, ended: 2 });
  await tasks.close();
  expect(counts.ended).toBe(3);
  clock.advance(1000);
  expect(counts.ended).toBe(3);
});

test('without idleMs workers are kept until the end', async () => {
  const { pool: tasks, clock, counts, finish } = pool();
  tasks.submit('wait');
  await finish(1);
  clock.advance(1e9);
  expect(counts).toEqual({ started: 1, ended: 0 });
  await tasks.close();
  expect(counts.ended).toBe(1);
});
