import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/model/errors.ts';
import { experiment } from '../../../src/lab/seq-vs-conc.ts';
import { runLab } from '../../support/lab.ts';

test('the engine fetches all pages, never more at once than it is told', async () => {
  const { result } = await runLab(experiment, { flags: { concurrency: '4', pages: '8', ms: '30ms' } });
  const others = result.checks.filter(({ what }) => !what.endsWith('speed-up'));
  expect(others.map(({ ok }) => ok)).toEqual([true, true]);
  expect(result.lanes.length).toBeLessThanOrEqual(4);
  expect(result.lanes.flatMap(({ spans }) => spans).length).toBe(8);
});

test('a list of numbers that is none is refused with an example', async () => {
  await expect(runLab(experiment, { flags: { concurrency: '1,many' } })).rejects.toThrow(ConfigError);
  await expect(runLab(experiment, { flags: { concurrency: '0' } })).rejects.toThrow(
    '--concurrency must be whole numbers from 1 to 256, as 1,5,20, got "0"',
  );
});
