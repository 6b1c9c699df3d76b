import { describe, expect, test } from 'vitest';
import { experiment as lostAppend } from '../../../src/lab/lost-append.ts';
import { experiment as reentrant } from '../../../src/lab/reentrant.ts';
import { experiment as twoClaims } from '../../../src/lab/two-claims.ts';
import { everySchedule, expectAsExpected, runLab } from '../../support/lab.ts';

describe('lost-append', () => {
  test('loses results for any number of downloads without the lock, and none with it', async () => {
    for (const downloads of ['2', '30']) {
      await everySchedule(lostAppend, 'broken', 10, { downloads });
      await everySchedule(lostAppend, 'fixed', 10, { downloads });
    }
  });

  test('what is left without the lock is a part of what there should be', async () => {
    const { result } = await runLab(lostAppend, { variant: 'broken' });
    const results = result.values['results'] as string[];
    expect(results.length).toBeLessThan(5);
    expect(new Set(results).size).toBe(results.length);
    expect(result.values['lost']).toBe(5 - results.length);
  });
});

describe('reentrant', () => {
  test('the count is back at 0, and each inner line follows its outer one', async () => {
    const run = await runLab(reentrant, { flags: { tasks: '4', times: '3' } });
    expectAsExpected(run);
    const texts = (run.result.log ?? []).map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: 12 }, () => ['outer: +1', 'inner: -1']).flat());
  });

  test('a plain mutex says ERR_DEADLOCK at each inner call, and the program ends', async () => {
    const { result } = await runLab(reentrant, { variant: 'broken' });
    expect(result.values).toMatchObject({ count: 6, refused: 6, 'nested sections': 0 });
    expect(result.log?.filter(({ text }) => text === 'ERR_DEADLOCK')).toHaveLength(6);
  });
});

test('two-claims: three steps lose updates, one step and a lock do not', async () => {
  const { result } = await runLab(twoClaims, { flags: { times: '50' } });
  expect(result.values).toMatchObject({ 'one step': 100, 'with a lock': 100 });
  expect(result.values['three steps']).toBeLessThan(100);
});
