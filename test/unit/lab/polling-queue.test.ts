import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/polling-queue.ts';
import { everySchedule, runLab } from '../../support/lab.ts';

test('polling looks for nothing, delays items and pops from an empty list; waiting does none of that', async () => {
  const broken = await runLab(experiment, { variant: 'broken' });
  const fixed = await runLab(experiment);
  const measured = ['looks for nothing', 'mean time from put to taken, ms', 'popped from an empty list'];
  for (const name of measured) {
    expect(broken.result.values[name], name).toBeGreaterThan(0);
    expect(fixed.result.values[name], name).toBe(0);
  }
});

test('consumers that have too much to do still finish every item once', async () => {
  const flags = { produce: '10ms', consumers: '2' };
  await everySchedule(experiment, 'fixed', 10, flags);
  const { result } = await runLab(experiment, { variant: 'broken', flags });
  expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
});
