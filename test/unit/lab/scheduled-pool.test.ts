import { expect, test } from 'vitest';
import { asCompleted } from '../../../src/concurrency/as-completed.ts';
import { scheduledPool } from '../../../src/lab/support/scheduled-pool.ts';
import { Scheduler, type Task } from '../../../src/lab/support/scheduler.ts';

/** Two workers, three tasks of 4, 1 and 2 seconds; `read` reads their results. */
async function run(read: 'submitted' | 'completed'): Promise<{ order: string[]; at: number[]; waited: number }> {
  const scheduler = new Scheduler({ seed: 1 });
  const { clock, tracer } = scheduler;
  const pool = scheduledPool(scheduler, 2, {
    nap: async (task: Task, name: string, seconds: number) => {
      await task.work(seconds * 1000);
      return name;
    },
  });
  scheduler.spawn('main', async (task) => {
    const futures = (['c', 'a', 'b'] as const).map((name, index) => pool.submit('nap', name, [4, 1, 2][index] ?? 0));
    const wait = { clock, tracer, name: 'a result' };
    if (read === 'submitted') for (const future of futures) task.say(await future.result(wait));
    else for await (const future of asCompleted(futures, wait)) task.say(await future.result());
    await pool.close();
  });
  expect(await scheduler.run()).toEqual({ kind: 'finished' });
  const waits = scheduler
    .lanes('ms')
    .find(({ name }) => name === 'main')
    ?.spans.filter(({ kind }) => kind === 'waits');
  return {
    order: scheduler.log.map(({ text }) => text),
    at: scheduler.log.map(({ at }) => at),
    waited: (waits ?? []).reduce((sum, { from, to }) => sum + to - from, 0),
  };
}

test('results come in the order of submission, or as they are completed, on the virtual clock', async () => {
  expect(await run('submitted')).toEqual({ order: ['c', 'a', 'b'], at: [4000, 4000, 4000], waited: 4000 });
  expect(await run('completed')).toEqual({ order: ['a', 'b', 'c'], at: [1000, 3000, 4000], waited: 4000 });
});
