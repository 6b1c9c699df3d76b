import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/pool-map.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test.each(['inline', 'async', 'threads', 'processes'])('squares come in order from a pool of kind %s', async (pool) => {
  const run = await runLab(experiment, { flags: { pool, ms: '1ms', workers: '2' } });
  expectAsExpected(run);
  expect(run.result.values['squares']).toEqual([0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
  expect(run.result.values['workers used']).toBe(pool === 'inline' || pool === 'async' ? 1 : 2);
});
