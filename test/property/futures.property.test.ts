/** Futures and what reads them, for any order in which work ends; channels and queues, for any order of their ends. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asCompleted } from '../../src/concurrency/as-completed.ts';
import { BoundedQueue } from '../../src/concurrency/bounded-queue.ts';
import { Channel } from '../../src/concurrency/channel.ts';
import { Future, type Resolver } from '../../src/concurrency/future.ts';
import { orderedMap } from '../../src/concurrency/ordered-map.ts';
import { waitFor } from '../../src/concurrency/wait-for.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The order in which n pieces of work end, and which of them fail. */
const endings = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc.record({
    order: fc.shuffledSubarray(
      Array.from({ length: n }, (_, i) => i),
      { minLength: n, maxLength: n },
    ),
    fails: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
  }),
);

function end({ resolve, reject }: Resolver<number>, index: number, fails: boolean | undefined): void {
  if (fails === true) reject(new Error(`no ${index}`));
  else resolve(index);
}

test('asCompleted yields each future once, in the order in which they end, failures too', async () => {
  await fc.assert(
    fc.asyncProperty(endings, fc.nat({ max: 8 }), async ({ order, fails }, early) => {
      const work = order.map(() => Future.withResolver<number>());
      const futures = work.map(({ future }) => future);
      const endNext = (index: number): void => end(work[index] as Resolver<number>, index, fails[index]);
      for (const index of order.slice(0, early)) endNext(index);
      const seen: number[] = [];
      const reading = (async () => {
        for await (const future of asCompleted(futures)) {
          seen.push(futures.indexOf(future));
          expect(future.isSettled).toBe(true);
        }
      })();
      for (const index of order.slice(early)) {
        await turn();
        endNext(index);
      }
      await reading;
      // Those that had ended before it looked come in the order given.
      const before = order.slice(0, early).toSorted((a, b) => a - b);
      expect(seen).toEqual([...before, ...order.slice(early)]);
    }),
  );
});

test('waitFor parts its input into done and pending, no earlier and no later than asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      endings,
      fc.constantFrom('first' as const, 'all' as const, 'firstError' as const),
      async ({ order, fails }, until) => {
        const work = order.map(() => Future.withResolver<number>());
        const futures = work.map(({ future }) => future);
        let isOver = false;
        const waiting = waitFor(futures, { until }).then((sets) => {
          isOver = true;
          return sets;
        });
        const firstError = order.findIndex((index) => fails[index]);
        const needed = { first: 1, all: order.length, firstError: firstError < 0 ? order.length : firstError + 1 }[
          until
        ];
        for (const [count, index] of order.entries()) {
          await turn();
          expect(isOver).toBe(count >= needed);
          end(work[index] as Resolver<number>, index, fails[index]);
        }
        const { done, pending } = await waiting;
        expect([...done].map((future) => futures.indexOf(future))).toEqual(order.slice(0, needed));
        expect(new Set([...done, ...pending])).toEqual(new Set(futures));
        expect(done.size + pending.size).toBe(futures.length);
      },
    ),
  );
});

test('orderedMap keeps the order of its inputs and never pulls more than the buffer ahead', async () => {
  await fc.assert(
    fc.asyncProperty(
      endings,
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 8 }),
      async ({ order, fails }, buffer, stop) => {
        const work = order.map(() => Future.withResolver<number>());
        // Some of them fail before the map asks for them, or after it ended.
        for (const { future } of work) future.onSettled(() => undefined);
        let pulled = 0;
        const inputs = function* (): Generator<number> {
          for (let i = 0; i < order.length; i++) {
            pulled++;
            yield i;
          }
        };
        const results: number[] = [];
        const failure = fails.indexOf(true);
        const reading = (async () => {
          for await (const result of orderedMap(inputs(), (i) => (work[i] as Resolver<number>).future, { buffer })) {
            results.push(result);
            expect(pulled).toBeLessThanOrEqual(results.length + buffer);
            if (results.length === stop) return 'stopped';
            await turn();
          }
          return 'read';
        })().catch((error: unknown) => (error as Error).message);
        for (const index of order) {
          await turn();
          expect(pulled).toBeLessThanOrEqual(results.length + buffer);
          end(work[index] as Resolver<number>, index, fails[index]);
        }
        const ended = await reading;
        const whole = order.map((_, index) => index).slice(0, failure < 0 ? undefined : failure);
        if (stop > 0 && stop <= whole.length) expect([ended, results]).toEqual(['stopped', whole.slice(0, stop)]);
        else expect([ended, results]).toEqual([failure < 0 ? 'read' : `no ${failure}`, whole]);
      },
    ),
  );
});

test('a callback runs once, in order, and one that throws disturbs nobody and is counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 8 }), fc.nat({ max: 8 }), async (throwing, late) => {
      const { future, resolve } = Future.withResolver<number>();
      const called: number[] = [];
      const add = (index: number): void =>
        future.onSettled(() => {
          called.push(index);
          if (throwing[index] === true) throw new Error('a bad callback');
        });
      const all = throwing.map((_, index) => index);
      for (const index of all.slice(0, late)) add(index);
      resolve(42);
      resolve(43);
      for (const index of all.slice(late)) add(index);
      expect(called).toEqual(all);
      expect(future.callbackErrors).toBe(throwing.filter(Boolean).length);
      expect([await future.result(), future.state]).toEqual([42, 'done']);
    }),
  );
});

test('a wait for futures ends with its signal, and the work goes on', async () => {
  const { future, resolve } = Future.withResolver<number>();
  const cancel = new AbortController();
  const waits = [
    future.result({ signal: cancel.signal }),
    waitFor([future], { until: 'all', signal: cancel.signal }),
    asCompleted([future], { signal: cancel.signal }).next(),
    orderedMap([1], () => future, { buffer: 1, signal: cancel.signal }).next(),
  ];
  cancel.abort();
  for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect([future.state, future.cancel()]).toEqual(['pending', false]);
  resolve(1);
  expect(await future.result()).toBe(1);
});

test('a channel ends exactly when the last write end is closed, and loses nothing before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.scheduler(),
      async (counts, readers, capacity, s) => {
        const channel = new Channel<string>({ capacity });
        const read: string[] = [];
        let written = 0;
        const writers = counts.map((count, who) => ({ end: channel.openWriter(), count, who }));
        const write = async ({ end: pipe, count, who }: (typeof writers)[number]): Promise<void> => {
          using _ = pipe;
          for (let i = 0; i < count; i++) {
            await s.schedule(Promise.resolve());
            await pipe.write(`${who}/${i}`);
            written++;
          }
        };
        const readAll = async (): Promise<void> => {
          for await (const item of channel.openReader()) {
            read.push(item);
            await s.schedule(Promise.resolve());
          }
          expect(channel.writers).toBe(0);
        };
        await s.waitFor(Promise.all([...Array.from({ length: readers }, readAll), ...writers.map(write)]));
        expect(read.toSorted()).toEqual(
          counts.flatMap((count, who) => Array.from({ length: count }, (_, i) => `${who}/${i}`)),
        );
        expect(written).toBe(read.length);
        expect(() => channel.openWriter()).toThrow(/ended/);
      },
    ),
    { numRuns: 100 },
  );
});

test('writing into a channel that nobody reads any more fails, also for those who wait', async () => {
  const channel = new Channel<number>({ capacity: 1 });
  const writer = channel.openWriter();
  const readers = [channel.openReader(), channel.openReader()];
  await writer.write(1);
  const waiting = writer.write(2);
  readers[0]?.close();
  readers[0]?.close();
  expect(channel.readers).toBe(1);
  readers[1]?.close();
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await expect(writer.write(3)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await expect(readers[0]?.read()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});

test('join on a queue resolves exactly when every item put has been taken and finished with', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('put', 'take', 'done'), { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, capacity) => {
        const queue = new BoundedQueue<number>({ capacity });
        let [put, taken, done] = [0, 0, 0];
        for (const step of steps) {
          if (step === 'put' && queue.offer(put)) put++;
          else if (step === 'take' && taken < put) {
            await queue.take();
            taken++;
          } else if (step === 'done') {
            if (done === taken) expect(() => queue.taskDone()).toThrow(/taskDone was called/);
            else {
              const before = settledFlag(queue.join());
              queue.taskDone();
              done++;
              await turn();
              expect(before()).toBe(done === put);
            }
          }
          const joined = settledFlag(queue.join());
          await turn();
          expect(joined()).toBe(done === put);
        }
        const reason = new Error('the end');
        const joining = done === put ? null : queue.join();
        queue.abort(reason);
        if (joining !== null) await expect(joining).rejects.toBe(reason);
      },
    ),
    { numRuns: 100 },
  );
});

/** Says whether the promise has been fulfilled by now. */
function settledFlag(promise: Promise<unknown>): () => boolean {
  let isSettled = false;
  promise.then(
    () => (isSettled = true),
    () => undefined,
  );
  return () => isSettled;
}
