/** How many connections are open at a time, of all origins together, where open files are few. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Connection } from '../../../src/fetch/connection.ts';
import type { Origin } from '../../../src/fetch/origin.ts';
import { OriginPool } from '../../../src/fetch/origin-pool.ts';
import { QUIET_MS } from '../../../src/fetch/quiet-watch.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { ManualConnector, WaiterRecord } from '../../support/manual-connector.ts';

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('ask' as const), at: fc.nat(), fresh: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'open' as const), at: fc.nat() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('time' as const, 'gone' as const, 'leave' as const, 'fail' as const),
      at: fc.nat(),
    }),
  },
);

/** As many requests run or wait for a connection as there may be connections, at most. */
class Model {
  readonly #most: number;
  readonly #clock = new ManualClock();
  readonly #connector = new ManualConnector();
  readonly #pool: OriginPool;
  #waiting: { origin: Origin; waiter: WaiterRecord }[] = [];
  readonly #running: { origin: Origin; connection: Connection }[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#pool = new OriginPool({
      connector: this.#connector as never,
      clock: this.#clock,
      connectionsPerOrigin: () => 4,
      maxOrigins: 512,
      maxConnections: most,
      http2: false,
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  do(what: { kind: string; at: number; fresh?: boolean }): void {
    if (what.kind === 'ask') this.#ask(what.at, what.fresh === true);
    else if (what.kind === 'open') this.#connector.open();
    else if (what.kind === 'fail') this.#connector.fail();
    else if (what.kind === 'time') this.#clock.advance(QUIET_MS + 1);
    else if (what.kind === 'gone') this.#running[what.at % Math.max(1, this.#running.length)]?.connection.destroy();
    else if (what.kind === 'leave') this.#leave(what.at);
    else this.#answer(what.at);
    this.#settle();
    const open = this.#connector.sockets.filter(({ destroyed }) => !destroyed).length;
    expect(open + this.#connector.openings.length).toBeLessThanOrEqual(this.#most);
  }

  /** All that is under way comes to its end. */
  finish(): void {
    for (let round = 0; round < 100 && this.#waiting.length + this.#running.length > 0; round++) {
      for (const kind of ['open', 'answer', 'time']) this.do({ kind, at: 0 });
    }
  }

  #ask(at: number, fresh: boolean): void {
    if (this.#running.length + this.#waiting.length === this.#most) return;
    const origin = this.#pool.of(new URL(`http://h${at % 5}.test/`));
    const connection = fresh ? null : origin.acquire('any');
    if (connection !== null) {
      this.#running.push({ origin, connection: connection as Connection });
      return;
    }
    const waiter = new WaiterRecord(fresh);
    this.#waiting.push({ origin, waiter });
    origin.wait(waiter);
  }

  #leave(at: number): void {
    const [gone] = this.#waiting.splice(at % Math.max(1, this.#waiting.length), 1);
    gone?.origin.leave(gone.waiter);
  }

  #answer(at: number): void {
    const [ended] = this.#running.splice(at % Math.max(1, this.#running.length), 1);
    if (ended === undefined) return;
    const { origin, connection } = ended;
    const isReused = connection.reuse();
    if (!connection.isGone) {
      connection.answered();
      origin.believed(10, isReused);
    }
    origin.release(connection);
  }

  #settle(): void {
    for (const { origin, waiter } of this.#waiting) {
      if (waiter.connection !== null) this.#running.push({ origin, connection: waiter.connection });
    }
    this.#waiting = this.#waiting.filter(({ waiter }) => !waiter.isServed);
  }
}

test('connections that are idle or watched give way: never more are open than may be, and everybody is served', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 150, size: 'max' }), (most, steps) => {
      const model = new Model(most);
      for (const what of steps) model.do(what);
      model.finish();
      expect(model.waiting).toBe(0);
    }),
    { numRuns: 300 },
  );
});
