import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/simulated-downloads.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('three files of two seconds take two seconds, and the closing line comes last', async () => {
  const run = await runLab(experiment, { flags: { files: '3', ms: '2s' } });
  expectAsExpected(run);
  expect(run.result.log?.length).toBe(7);
  expect(run.result.log?.at(-1)).toMatchObject({ at: 2000, text: 'All files have been downloaded.' });
});
