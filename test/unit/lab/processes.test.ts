import { expect, test } from 'vitest';
import { experiment as fork } from '../../../src/lab/fork.ts';
import { experiment as isolatedMemory } from '../../../src/lab/isolated-memory.ts';
import { experiment as processQueue } from '../../../src/lab/process-queue.ts';
import { experiment as processes } from '../../../src/lab/processes.ts';
import { experiment as sharedMap } from '../../../src/lab/shared-map.ts';
import { experiment as sharedMemory } from '../../../src/lab/shared-memory.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('processes: two lines each, from as many pids', async () => {
  const run = await runLab(processes, { flags: { processes: '2', ms: '1ms' } });
  expectAsExpected(run);
  expect(run.result.log).toHaveLength(4);
});

test('fork: the parent collects whatever status the child ends with', async () => {
  const run = await runLab(fork, { flags: { status: '42' } });
  expectAsExpected(run);
  expect(run.result.values).toMatchObject({ status: 42, 'pid of the parent': process.pid });
});

test('process-queue: every item reaches one consumer, and all consumers end', async () => {
  const run = await runLab(processQueue, { flags: { items: '20', consumers: '2', capacity: '1' } });
  expectAsExpected(run);
  expect(run.result.values['queue at most']).toBeLessThanOrEqual(1);
  expect((run.result.values['got'] as number[]).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  );
});

test('shared-map: a key from each process', async () => {
  const run = await runLab(sharedMap, { flags: { processes: '3' } });
  expectAsExpected(run);
  expect(run.result.values['map']).toMatchObject({ 0: 0, 1: 1, 2: 4 });
});

test('isolated-memory: only shared memory changes here', async () => {
  const run = await runLab(isolatedMemory, { flags: { value: '5' } });
  expectAsExpected(run);
  expect(run.result.values).toEqual({
    'a process': 'there 6, here 5',
    'a thread': 'there 6, here 5',
    'shared memory': 'there 6, here 6',
  });
});

test('shared-memory: what the thread changed is seen here', async () => {
  const run = await runLab(sharedMemory);
  expectAsExpected(run);
  expect(run.result.values['after']).toBe("6.28 [10,2,3] {key:'value'} [42]");
});
