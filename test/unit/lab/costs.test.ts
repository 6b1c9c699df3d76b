/** What is measured there depends on the machine; here only what does not. */
import { expect, test } from 'vitest';
import { experiment as ioVsCpu } from '../../../src/lab/io-vs-cpu.ts';
import { experiment as spawnCost } from '../../../src/lab/spawn-cost.ts';
import { runLab } from '../../support/lab.ts';

test('io-vs-cpu: the same work gives the same digest wherever it is done, and each of the four is timed', async () => {
  const { result } = await runLab(ioVsCpu, { flags: { tasks: '2', ms: '10ms' } });
  expect(result.checks[0]).toMatchObject({ what: 'different digests of the same work', ok: true });
  expect(Object.keys(result.values)).toEqual([
    'waits, async, ms',
    'waits, threads, ms',
    'computes, async, ms',
    'computes, threads, ms',
    'cores',
  ]);
});

test('spawn-cost: each thread and each process is one of its own, and a thread needs less memory', async () => {
  const { result } = await runLab(spawnCost, { flags: { count: '3' } });
  expect(result.checks.slice(0, 3).map(({ ok }) => ok)).toEqual([true, true, true]);
});
