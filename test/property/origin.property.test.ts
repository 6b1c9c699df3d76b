/**
 * What an origin keeps, whatever is asked, answered, sent too much, closed and given up in whatever order: the limit of connections;
 * everybody who waits is served; and over a connection no answer to a second request is believed while a surplus may still be on
 * its way, unless the origin had been quiet behind enough answers before.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROOFS } from '../../src/fetch/answer-trust.ts';
import type { Connection } from '../../src/fetch/connection.ts';
import { Origin } from '../../src/fetch/origin.ts';
import { QUIET_MS } from '../../src/fetch/quiet-watch.ts';
import { ManualClock } from '../../src/model/clock.ts';
import { ManualConnector, surplusOn, WaiterRecord } from '../support/manual-connector.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('ask' as const, 'answer' as const), at: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'time' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('surplus' as const, 'gone' as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('askFresh' as const, 'leave' as const, 'fail' as const),
      at: fc.nat(),
    }),
  },
);
const scenario = fc.record({
  limit: fc.integer({ min: 1, max: 5 }),
  steps: fc.array(step, { maxLength: 120, size: 'max' }),
});

/** Keeps the books of an origin from outside. */
class Model {
  readonly #limit: number;
  readonly clock = new ManualClock();
  readonly connector = new ManualConnector();
  readonly origin: Origin;
  #waiters: WaiterRecord[] = [];
  readonly running: Connection[] = [];
  /** All that may be open, with the time of their last answer. */
  readonly #answeredAt = new Map<Connection, number>();
  /** Answers behind which it was quiet, as many as there can have been at most. */
  #quiet = 0;

  constructor(limit: number) {
    this.#limit = limit;
    const { clock, connector } = this;
    this.origin = new Origin(connector.target, {
      connector,
      clock,
      limit: () => limit,
      http2: false,
      makeRoom: () => undefined,
    });
  }

  get open(): Connection[] {
    return [...this.#answeredAt.keys(), ...this.running].filter(({ isGone }) => !isGone);
  }

  get waiting(): WaiterRecord[] {
    return this.#waiters;
  }

  ask(fresh: boolean): void {
    const free = fresh ? null : this.origin.acquire('any');
    if (free !== null) {
      this.#send(free as Connection, false);
      return;
    }
    const waiter = new WaiterRecord(fresh);
    this.#waiters.push(waiter);
    this.origin.wait(waiter);
  }

  leave(at: number): void {
    const [waiter] = this.#waiters.splice(at % Math.max(1, this.#waiters.length), 1);
    if (waiter !== undefined) this.origin.leave(waiter);
  }

  answer(at: number): void {
    const [connection] = this.running.splice(at % Math.max(1, this.running.length), 1);
    if (connection === undefined) return;
    if (!connection.isGone) {
      connection.answered();
      this.origin.believed(10, false);
      this.#answeredAt.set(connection, this.clock.now());
      this.#quiet++;
    }
    this.origin.release(connection);
  }

  surplus(at: number): void {
    const connection = this.#at(at);
    if (connection === undefined) return;
    this.#quiet = 0;
    surplusOn(connection);
  }

  gone(at: number): void {
    this.#at(at)?.destroy();
  }

  /** Whoever was served sends its request. */
  settle(): void {
    for (const waiter of this.#waiters.filter(({ isServed }) => isServed)) {
      if (waiter.connection !== null) this.#send(waiter.connection, waiter.fresh);
    }
    this.#waiters = this.#waiters.filter(({ isServed }) => !isServed);
  }

  check(): void {
    expect(new Set(this.open).size + this.connector.openings.length).toBeLessThanOrEqual(this.#limit);
    if (this.waiting.length > 0 && this.connector.openings.length === 0 && this.running.length === 0) {
      // Somebody waits, nothing is opened and nothing runs: then the watch will end.
      expect(this.clock.nextTimerAt()).not.toBeNull();
    }
  }

  #send(connection: Connection, fresh: boolean): void {
    const wasUsed = connection.reuse();
    if (wasUsed) {
      expect(fresh).toBe(false);
      const quietMs = this.clock.now() - (this.#answeredAt.get(connection) ?? this.clock.now());
      if (this.#quiet < PROOFS) expect(quietMs).toBeGreaterThan(QUIET_MS);
    }
    this.#answeredAt.delete(connection);
    this.running.push(connection);
  }

  #at(at: number): Connection | undefined {
    const { open } = this;
    return open[at % Math.max(1, open.length)];
  }
}

test('never too many connections, no second request too early, and everybody is served', () => {
  fc.assert(
    fc.property(scenario, ({ limit, steps }) => {
      const model = new Model(limit);
      for (const { kind, at } of steps) {
        if (kind === 'ask' || kind === 'askFresh') model.ask(kind === 'askFresh');
        else if (kind === 'open') model.connector.open(at % (2 * QUIET_MS));
        else if (kind === 'time') model.clock.advance(at % (QUIET_MS + 2));
        else if (kind === 'fail') model.connector.fail();
        else model[kind](at);
        model.settle();
        model.check();
      }
      for (let rounds = 0; model.waiting.length > 0; rounds++) {
        expect(rounds).toBeLessThan(400);
        model.answer(0);
        model.settle();
        model.connector.open(0);
        model.settle();
        model.clock.advance(QUIET_MS + 1);
        model.settle();
        model.check();
      }
      while (model.running.length > 0) model.answer(0);
      expect(model.origin.isIdle).toBe(true);
      model.origin.closeIdle();
      expect([model.open, model.clock.nextTimerAt()]).toEqual([[], null]);
    }),
    { numRuns: 300 },
  );
});
