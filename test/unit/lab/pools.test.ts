/** Real threads and processes: answers and counts, no speeds. */
import { expect, test } from 'vitest';
import { experiment as executor } from '../../../src/lab/executor.ts';
import { experiment as parseThreads } from '../../../src/lab/parse-threads.ts';
import { experiment as pools } from '../../../src/lab/pools.ts';
import { experiment as simulateIo } from '../../../src/lab/simulate-io.ts';
import { experiment as whichPool } from '../../../src/lab/which-pool.ts';
import { expectAsExpected, runLab, type Flags } from '../../support/lab.ts';
import type { Experiment } from '../../../src/lab/support/experiment.ts';
import type { Check } from '../../../src/lab/support/checks.ts';

/** Checks of a run that say nothing about time. */
async function untimedChecks(experiment: Experiment, flags: Flags): Promise<readonly Check[]> {
  const { result } = await runLab(experiment, { flags });
  return result.checks.filter(({ what }) => !what.includes('time'));
}

test('executor: the squares from both pools, all tasks under way before the first result', async () => {
  const checks = await untimedChecks(executor, { ms: '10ms', numbers: '3' });
  expect(checks.map(({ measured, ok }) => [measured, ok])).toEqual([
    ['0 1 4', true],
    ['3', true],
    ['0 1 4', true],
    ['3', true],
  ]);
});

test('simulate-io: all tasks, in order, on no more workers than there are', async () => {
  const checks = await untimedChecks(simulateIo, { ms: '5ms', tasks: '5', workers: '2' });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.length).toBe(4);
});

test('parse-threads: pages so large that their memory is given back are parsed on both sides', async () => {
  const checks = await untimedChecks(parseThreads, { pages: '4', kilobytes: '300' });
  expect(checks.map(({ measured, ok }) => [measured, ok])).toEqual([
    ['4', true],
    ['4', true],
  ]);
});

test.each(['inline', 'async', 'threads', 'processes'])(
  'pools: the same answers from a pool of kind %s',
  async (pool) => {
    expectAsExpected(await runLab(pools, { flags: { pool, ms: '3ms', tasks: '3' } }));
  },
);

test('which-pool: the recommendation flips when the work does', async () => {
  const { result } = await runLab(whichPool, { flags: { tasks: '2', ms: '20ms' } });
  expect(result.values['io: recommended']).toBe('async');
  expect(result.values['cpu: recommended']).not.toBe('async');
});
