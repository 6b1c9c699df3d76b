import { describe, expect, test } from 'vitest';
import { experiment as boundedQueue } from '../../../src/lab/bounded-queue.ts';
import { experiment as sentinel } from '../../../src/lab/sentinel.ts';
import { everySchedule, runLab } from '../../support/lab.ts';

describe('sentinel', () => {
  test('names those who wait, and what for', async () => {
    const { result } = await runLab(sentinel, { variant: 'broken', flags: { consumers: '4' } });
    expect(result.stuck?.blocked.map(({ waitsFor }) => waitsFor)).toEqual(Array(3).fill('an item of the queue'));
  });
});

describe('bounded-queue', () => {
  test('with few items or many, everything is finished and everybody ends', async () => {
    const flags = { items: '10', capacity: '2' };
    await everySchedule(boundedQueue, 'fixed', 100, flags);
    await everySchedule(boundedQueue, 'broken', 20, flags);
  });

  test('1,000 items never exceed 20 places, and the producer waits', async () => {
    const { result, ok } = await runLab(boundedQueue, { flags: { items: '1000', capacity: '20' } });
    expect([ok, result.values['queue at most']]).toEqual([true, 20]);
    expect(result.values['producer waited, ms']).toBeGreaterThan(0);
    expect(result.checks.map(({ what }) => what)).toContain('times the producer waited');
  });
});
