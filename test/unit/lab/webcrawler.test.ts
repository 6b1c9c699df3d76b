import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/webcrawler.ts';
import { readParameters } from '../../../src/lab/support/parameters.ts';
import { runExperiment } from '../../../src/lab/support/run-experiment.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('ten pages of two seconds under three permits: four waves, eight seconds', async () => {
  const { result } = await runLab(experiment);
  expect(result.values).toMatchObject({ 'pages fetched': 10, 'peak in flight': 3 });
  const starts = result.lanes.filter(({ name }) => name.startsWith('page')).map(({ spans }) => spans[0]?.from);
  expect(starts).toEqual([0, 0, 0, 2000, 2000, 2000, 4000, 4000, 4000, 6000]);
});

test('over HTTP the server counts the same peak', async () => {
  const parameters = readParameters(experiment.parameters, { ms: ['100ms'] });
  const run = await runExperiment(experiment, { parameters, variant: 'fixed', seed: 1, isReal: true });
  expect(run.result.values['peak seen by the server']).toBe(3);
  expect(run.result.checks.filter(({ what, ok }) => !ok && !what.startsWith('time'))).toEqual([]);
});

test('fewer pages than permits are one wave', async () => {
  expectAsExpected(await runLab(experiment, { flags: { urls: '2' } }));
});
