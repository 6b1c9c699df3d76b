import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/join.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('without waiting main is done first, with it last, and let go the task is never done', async () => {
  const run = await runLab(experiment, { flags: { ms: '200ms' } });
  expectAsExpected(run);
  const lines = (mode: string): string[] =>
    (run.result.log ?? []).filter(({ task }) => task === mode).map(({ text }) => text);
  expect(lines('none').at(0)).toBe('main done');
  expect(lines('await').at(-1)).toBe('main done');
  expect(lines('unref')).not.toContain('task done');
});
