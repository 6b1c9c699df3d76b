import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/dialogue.ts';
import { runLab } from '../../support/lab.ts';

test('the hang is named: a notification with nobody waiting, then two that wait', async () => {
  const { result } = await runLab(experiment, { variant: 'broken' });
  expect(result.defect).toContain('lost notify at t=0: 0 waiters');
  expect(result.stuck?.blocked.map(({ task }) => task)).toEqual(['Speaker', 'Listener']);
});
