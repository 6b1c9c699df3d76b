/**
 * The bounded queue under arbitrary schedules: whatever the order of puts, takes, cancellations and the end, each item
 * that was put comes out exactly once, in order, and never more than `capacity` of them are inside.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedQueue } from '../../src/concurrency/bounded-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Fate = 'pending' | 'resolved' | 'rejected';

/** Runs single steps against a queue and keeps the books. */
class Bookkeeper {
  readonly queue: BoundedQueue<number>;
  readonly #capacity: number;
  /** Items of puts and what became of them, in the order of the calls. */
  readonly puts: { item: number; fate: Fate; cancel: AbortController }[] = [];
  readonly takes: { fate: Fate; got: number[]; cancel: AbortController }[] = [];
  #nextItem = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.queue = new BoundedQueue({ capacity });
  }

  /** Items that came out, in the order in which they were asked for: nobody is served before one who came earlier. */
  get out(): number[] {
    return this.takes.flatMap(({ got }) => got);
  }

  put(): void {
    const entry = { item: this.#nextItem++, fate: 'pending' as Fate, cancel: new AbortController() };
    this.puts.push(entry);
    this.queue.put(entry.item, entry.cancel.signal).then(
      () => (entry.fate = 'resolved'),
      () => (entry.fate = 'rejected'),
    );
  }

  offer(): void {
    const entry = { item: this.#nextItem++, fate: 'rejected' as Fate, cancel: new AbortController() };
    this.puts.push(entry);
    if (this.queue.offer(entry.item)) entry.fate = 'resolved';
  }

  take(batch: number | null): void {
    const entry = { fate: 'pending' as Fate, got: [] as number[], cancel: new AbortController() };
    this.takes.push(entry);
    const taken =
      batch === null
        ? this.queue.take(entry.cancel.signal).then((item) => (item === undefined ? [] : [item]))
        : this.queue.takeBatch(batch, entry.cancel.signal);
    taken.then(
      (items) => {
        entry.fate = 'resolved';
        entry.got = items;
        if (batch !== null) expect(items.length).toBeLessThanOrEqual(batch);
        if (items.length === 0) expect(this.queue.isDrained).toBe(true);
      },
      () => (entry.fate = 'rejected'),
    );
  }

  /** At rest, that is, after all that could go on has gone on. */
  check(): void {
    const waitingPuts = this.puts.filter(({ fate }) => fate === 'pending').length;
    const waitingTakes = this.takes.filter(({ fate }) => fate === 'pending').length;
    expect(this.queue.length).toBeLessThanOrEqual(this.#capacity);
    expect(this.queue.gauge().highWater).toBeLessThanOrEqual(this.#capacity);
    if (waitingPuts > 0) expect(this.queue.length).toBe(this.#capacity);
    if (waitingTakes > 0) expect(this.queue.length).toBe(0);
    const accepted = this.puts.filter(({ fate }) => fate === 'resolved').map(({ item }) => item);
    // First in, first out; what is not out yet is inside: nothing is lost, nothing comes twice.
    expect(this.out).toEqual(accepted.slice(0, this.out.length));
    if (!this.queue.isClosed || this.queue.length > 0)
      expect(accepted.length - this.out.length).toBe(this.queue.length);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'put' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'offer' as const }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'take' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takeBatch' as const), max: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), at: fc.nat() }) },
  // Between two turns of the event loop the steps run back to back, with no promise settled in between.
  { weight: 4, arbitrary: fc.constant({ kind: 'rest' as const }) },
);
const end = fc.constantFrom('close', 'abort');

test('no item is lost, doubled or overtaken, and the bound holds', async () => {
  const scenario = fc.record({
    capacity: fc.integer({ min: 1, max: 4 }),
    steps: fc.array(step, { maxLength: 60, size: 'max' }),
    end,
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ capacity, steps, end }) => {
      const books = new Bookkeeper(capacity);
      for (const move of steps) {
        if (move.kind === 'put') books.put();
        else if (move.kind === 'offer') books.offer();
        else if (move.kind === 'take') books.take(null);
        else if (move.kind === 'takeBatch') books.take(move.max);
        else if (move.kind === 'cancel') {
          const all = [...books.puts, ...books.takes];
          all[move.at % Math.max(1, all.length)]?.cancel.abort();
        } else {
          await turn();
          books.check();
        }
      }
      await turn();
      books.check();

      if (end === 'abort') books.queue.abort(new Error('stop'));
      else books.queue.close();
      await turn();
      expect([...books.puts, ...books.takes].filter(({ fate }) => fate === 'pending')).toEqual([]);
      if (end === 'close') {
        books.check();
        const rest = await books.queue.takeBatch(100);
        const accepted = books.puts.filter(({ fate }) => fate === 'resolved').map(({ item }) => item);
        expect([...books.out, ...rest]).toEqual(accepted);
      }
      expect(books.queue.length).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('producers and consumers in any interleaving: the consumers get all items, then all of them end', async () => {
  const scenario = fc.record({
    scheduler: fc.scheduler(),
    capacity: fc.integer({ min: 1, max: 3 }),
    producers: fc.integer({ min: 1, max: 3 }),
    consumers: fc.integer({ min: 1, max: 4 }),
    each: fc.integer({ min: 0, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ scheduler, capacity, producers, consumers, each }) => {
      const queue = new BoundedQueue<string>({ capacity });
      const received: string[] = [];
      // Each await on the scheduler is a place where it may let anybody else run first.
      const produce = async (name: number): Promise<void> => {
        for (let i = 0; i < each; i++) {
          await scheduler.schedule(Promise.resolve());
          await queue.put(`${name}:${i}`);
        }
      };
      const consume = async (): Promise<void> => {
        for await (const item of queue) {
          received.push(item);
          await scheduler.schedule(Promise.resolve());
        }
      };
      const consuming = Promise.all(Array.from({ length: consumers }, consume));
      const producing = Promise.all(Array.from({ length: producers }, (_, name) => produce(name)));
      await scheduler.waitFor(producing.then(() => queue.close()));
      await scheduler.waitFor(consuming);

      expect(received).toHaveLength(producers * each);
      expect(new Set(received).size).toBe(received.length);
      for (let name = 0; name < producers; name++) {
        const ofOne = received.filter((item) => item.startsWith(`${name}:`));
        expect(ofOne).toEqual(Array.from({ length: each }, (_, i) => `${name}:${i}`));
      }
      expect(queue.gauge().highWater).toBeLessThanOrEqual(capacity);
    }),
    { numRuns: 150 },
  );
});
