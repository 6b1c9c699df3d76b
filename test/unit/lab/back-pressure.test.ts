import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/back-pressure.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('the bound holds memory down, whatever the length of the list; without it memory grows with the list', async () => {
  const most = async (pages: string): Promise<unknown[]> => {
    const run = await runLab(experiment, { flags: { pages, kilobytes: '10', capacity: '3' } });
    expectAsExpected(run);
    return [run.result.values['most memory, bounded, KB'], run.result.values['most memory, no limit, KB']];
  };
  expect(await most('40')).toEqual([50, 310]);
  expect(await most('400')).toEqual([50, 3010]);
});

test('a parser that keeps up needs no bound: nobody waits', async () => {
  const run = await runLab(experiment, { flags: { parse: '5ms' } });
  expectAsExpected(run);
  expect(run.result.values['times the fetcher waited, bounded']).toBe(0);
});
