/** Every experiment on the scheduler: broken it fails under 100 schedules of 100, fixed it passes 1,000 of 1,000. */
import { expect, test } from 'vitest';
import { loadExperiments } from '../../src/lab/registry.ts';
import { everySchedule } from '../support/lab.ts';

const seeded = (await loadExperiments()).filter(({ isSeeded }) => isSeeded);

test('there are some', () => {
  expect(seeded.length).toBeGreaterThan(4);
});

test.each(seeded.map((experiment) => [experiment.name, experiment] as const))('%s', async (_, experiment) => {
  await everySchedule(experiment, 'fixed', 1000);
  if (experiment.hasBroken) await everySchedule(experiment, 'broken', 100);
});
