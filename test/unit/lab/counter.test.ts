import { expect, test } from 'vitest';
import { experiment } from '../../../src/lab/counter.ts';
import { runLab } from '../../support/lab.ts';

test('exactly 500,000 under the mutex and atomically', async () => {
  for (const mode of ['mutex', 'atomics']) {
    const { result, ok } = await runLab(experiment, { flags: { mode } });
    expect([ok, result.values[`sum, ${mode}`], result.defect]).toEqual([true, 500_000, null]);
  }
});

test('without protection never more than that, and what is missing is called lost', async () => {
  const { result } = await runLab(experiment, { flags: { mode: 'none', workers: '2', times: '100000' } });
  const sum = result.values['sum, none'] as number;
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual(200_000);
  expect(result.defect).toBe(sum === 200_000 ? null : `${200_000 - sum} updates were lost`);
});
