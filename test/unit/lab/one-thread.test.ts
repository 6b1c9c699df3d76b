import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/one-thread.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('a busy main thread stalls for as long as it computes, and all pages come all the same', async () => {
  const run = await runLab(experiment, { flags: { pages: '10', ms: '30ms', busy: '120ms' } });
  expectAsExpected(run);
  expect(run.result.values['main busy: longest stall of the main thread, ms']).toBeGreaterThanOrEqual(114);
  expect(run.result.values['main busy: requests took, ms']).toBeGreaterThanOrEqual(114);
});
