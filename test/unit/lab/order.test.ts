import { describe, expect, test } from 'vitest';
import { experiment as callbacks } from '../../../src/lab/callbacks.ts';
import { experiment as order } from '../../../src/lab/order.ts';
import { experiment as starmap } from '../../../src/lab/starmap.ts';
import { everySchedule, expectAsExpected, runLab } from '../../support/lab.ts';

describe('order', () => {
  test.each([
    ['submit', ['1000 a', '2000 b', '4000 c']],
    ['completed', ['1000 b', '2000 c', '3000 a']],
    ['first', ['1000 b', '2000 c', '3000 a']],
  ])('--mode %s: each result when that mode lets it be seen', async (mode, expected) => {
    const run = await runLab(order, { flags: { mode } });
    expectAsExpected(run);
    const results = (run.result.log ?? []).filter(({ text }) => text.startsWith('result of'));
    expect(results.map(({ at, text }) => `${at} ${text.replace('result of ', '')}`)).toEqual(expected);
  });

  test('--mode map keeps the order of the inputs, with any bound on how far it may run ahead', async () => {
    for (const buffer of ['1', '2', '20']) await everySchedule(order, 'fixed', 20, { mode: 'map', buffer });
    const { result } = await runLab(order, { flags: { mode: 'map', buffer: '1' } });
    // One input at a time: the sum of all delays.
    expect(result.log?.at(-1)?.at).toBe((3 + 2 + 1 + 3 + 2 + 1 + 3 + 2) * 1000);
  });

  test('--mode first: the sets part the tasks', async () => {
    const { result } = await runLab(order, { flags: { mode: 'first' } });
    expect(result.checks.find(({ what }) => what === 'first: done and pending')?.measured).toBe('1 and 2');
    expect(result.log?.[0]).toMatchObject({ at: 1000, text: 'First task completed' });
  });
});

test('starmap: five lines in order with any number of workers', async () => {
  for (const workers of ['1', '2', '3', '5']) await everySchedule(starmap, 'fixed', 20, { workers });
  const { result } = await runLab(starmap);
  expect(result.values).toMatchObject({ 'order of lines': [0, 1, 2, 3, 4] });
  expect(result.values['order of ending']).not.toEqual([0, 1, 2, 3, 4]);
});

test('callbacks: the one that throws is counted, and the others are called all the same', async () => {
  const { result } = await runLab(callbacks);
  expect(result.values).toEqual({
    calls: ['first', 'the one that throws', 'third', 'the one that comes late'],
    'callbacks that threw': 1,
  });
});
