import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/deadlock.ts';
import { everySchedule, runLab } from '../../support/lab.ts';

test('giving up breaks the cycle under every schedule', async () => {
  await everySchedule(experiment, 'fixed', 100, { timeout: true });
});

test('the cycle is in the result', async () => {
  const { result } = await runLab(experiment, { variant: 'broken' });
  expect(result.stuck?.cycle).toEqual(['A', 'B', 'A']);
});
