import { describe, expect, test } from 'vitest';
import { BoundedQueue } from '../../../src/concurrency/bounded-queue.ts';
import { FetchPermits } from '../../../src/concurrency/fetch-permits.ts';
import { Mutex } from '../../../src/concurrency/mutex.ts';
import { peakOf } from '../../../src/lab/support/lanes.ts';
import { Scheduler } from '../../../src/lab/support/scheduler.ts';
import { stuckLines } from '../../../src/lab/support/wait-graph.ts';

/** The order in which three tasks of two steps each speak. */
async function order(seed: number): Promise<string> {
  const scheduler = new Scheduler({ seed });
  for (const name of ['A', 'B', 'C']) {
    scheduler.spawn(name, async (task) => {
      task.say('1');
      await task.step();
      task.say('2');
    });
  }
  await scheduler.run();
  return scheduler.log.map(({ task, text }) => task + text).join(' ');
}

describe('a schedule', () => {
  test('is the same for the same seed, and comes in every possible order', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 600; seed++) orders.add(await order(seed));
    // 6! / (2! · 2! · 2!): each task's own two lines in order, everything else free.
    expect(orders.size).toBe(90);
    expect(await order(17)).toBe(await order(17));
  });

  test('lets time pass only when nobody can run, and for all at once', async () => {
    const scheduler = new Scheduler({ seed: 1 });
    for (const [name, ms] of [
      ['A', 2000],
      ['B', 1000],
    ] as const) {
      scheduler.spawn(name, async (task) => {
        await task.work(ms);
        task.say('done');
      });
    }
    const startedAt = performance.now();
    expect(await scheduler.run()).toEqual({ kind: 'finished' });
    expect(performance.now() - startedAt).toBeLessThan(900);
    expect(scheduler.log.map(({ task, at }) => [task, at])).toEqual([
      ['B', 1000],
      ['A', 2000],
    ]);
    expect(peakOf(scheduler.lanes('ms'), 'works')).toBe(2);
  });

  test('takes real time on the real clock, in the same code', async () => {
    const scheduler = new Scheduler({ seed: 1, isReal: true });
    const a = scheduler.spawn('A', (task) => task.work(30));
    scheduler.spawn('B', async (task) => {
      await task.join(a);
      task.say('after A');
    });
    const outcome = await scheduler.run();
    expect(outcome).toEqual({ kind: 'finished' });
    expect(scheduler.log[0]?.at).toBeGreaterThanOrEqual(29);
  });

  test('passes on what a task throws', async () => {
    const scheduler = new Scheduler({ seed: 1 });
    scheduler.spawn('A', () => {
      throw new RangeError('too far');
    });
    await expect(scheduler.run()).rejects.toThrow('too far');
  });

  test('ends turns without end', async () => {
    const scheduler = new Scheduler({ seed: 1, maxSteps: 50 });
    scheduler.spawn('A', async (task) => {
      for (;;) await task.step();
    });
    expect(await scheduler.run()).toEqual({ kind: 'endless', steps: 50 });
  });
});

describe('where nobody can run', () => {
  test('it names the cycle of a deadlock', async () => {
    const scheduler = new Scheduler({ seed: 1 });
    const { clock, tracer } = scheduler;
    const [one, two] = ['one', 'two'].map((name) => new Mutex({ name, clock, tracer })) as [Mutex, Mutex];
    for (const [name, first, second] of [
      ['A', one, two],
      ['B', two, one],
    ] as const) {
      scheduler.spawn(name, async (task) => {
        await first.acquire();
        await task.sleep(1);
        await second.acquire();
      });
    }
    const outcome = await scheduler.run();
    if (outcome.kind !== 'stuck') throw new Error(outcome.kind);
    expect(stuckLines(outcome.stuck)).toEqual([
      'A holds one, waits for two (held by B)',
      'B holds two, waits for one (held by A)',
      'cycle: A → B → A',
    ]);
    expect(scheduler.lanes('ms').every(({ spans }) => spans.at(-1)?.isOpen === true)).toBe(true);
  });

  test('it finds tasks that wait for each other to end', async () => {
    const scheduler = new Scheduler({ seed: 1 });
    scheduler.spawn('A', (task) => task.join({ name: 'B', isDone: false }));
    scheduler.spawn('B', (task) => task.join({ name: 'A', isDone: false }));
    const outcome = await scheduler.run();
    expect(outcome.kind === 'stuck' && outcome.stuck.cycle).toEqual(['A', 'B', 'A']);
  });

  test('it says what is waited for, in queues and permits too, where there is no cycle', async () => {
    const scheduler = new Scheduler({ seed: 1 });
    const { clock, tracer } = scheduler;
    const queue = new BoundedQueue<number>({ capacity: 1, name: 'the queue', clock, tracer });
    const permits = new FetchPermits({ capacity: 1, name: 'the permits', clock, tracer });
    scheduler.spawn('consumer', async () => void (await queue.take()));
    scheduler.spawn('holder', async () => {
      await permits.acquire();
      await new Promise(() => undefined);
    });
    scheduler.spawn('fetcher', async (task) => {
      await task.sleep(1);
      await permits.acquire();
    });
    const outcome = await scheduler.run();
    expect(outcome.kind === 'stuck' && stuckLines(outcome.stuck)).toEqual([
      'consumer waits for an item of the queue',
      'holder holds the permits, waits for something unknown',
      'fetcher waits for the permits (held by holder)',
    ]);
  });

  test('it does not wait for ever for what is outside', async () => {
    const scheduler = new Scheduler({ seed: 1, outsideMs: 20 });
    scheduler.spawn('A', (task) => task.outside(new Promise<void>(() => undefined), 'an answer'));
    // Virtual time stands still while the outside is waited for: this one does not end either.
    scheduler.spawn('B', (task) => task.sleep(1000));
    const outcome = await scheduler.run();
    expect(outcome.kind).toBe('overtime');
    expect(outcome.kind === 'overtime' && stuckLines(outcome.stuck)).toEqual([
      'A waits for an answer',
      'B waits for something unknown',
    ]);
  });

  test('a cancelled wait is no wait any more', async () => {
    const scheduler = new Scheduler({ seed: 1 });
    const { clock, tracer } = scheduler;
    const mutex = new Mutex({ clock, tracer });
    scheduler.spawn('A', async (task) => {
      using _ = await mutex.acquire();
      await task.work(100);
    });
    scheduler.spawn('B', async (task) => {
      await task.sleep(10);
      const cancel = new AbortController();
      clock.after(20, () => cancel.abort());
      await mutex.acquire(cancel.signal).catch(() => task.say('gave up'));
    });
    expect(await scheduler.run()).toEqual({ kind: 'finished' });
    const [, b] = scheduler.lanes('ms');
    expect(b?.spans.filter(({ kind }) => kind === 'waits')).toEqual([
      { from: 10, to: 30, kind: 'waits', label: 'mutex' },
    ]);
  });
});
