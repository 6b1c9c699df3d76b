import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/overlap.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('all tasks are under way at once, one computes on one thread, and no more than there are cores on several', async () => {
  const run = await runLab(experiment, { flags: { tasks: '3', ms: '30ms' } });
  expectAsExpected(run);
  expect(run.result.values).toMatchObject({
    'one thread, waiting: concurrency': 3,
    'one thread, waiting: parallelism': 1,
    'threads, computing: concurrency': 3,
  });
  expect(run.result.values['threads, computing: parallelism']).toBeLessThanOrEqual(availableParallelism() * 1.1);
});
