import { describe, expect, test } from 'vitest';
import { HostSchedule, type HopTurn, type HostPace, type LeaseVerdict } from '../../../src/frontier/host-schedule.ts';
import { CONNECTING_MS, START_GUARD_MS } from '../../../src/frontier/host-state.ts';
import { ManualClock, type Clock, type Timer } from '../../../src/model/clock.ts';
import type { Lease } from '../../../src/model/lease.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let nextId = 1;

function leasesOf(hostId: number, count: number): Lease[] {
  const host = `h${hostId}.test`;
  return Array.from({ length: count }, () => {
    const id = nextId++;
    return { id, url: `http://${host}/${id}`, hostId, host, attempt: 1, round: 1, depth: 0, spentMs: 0 };
  });
}

function entriesOf(...hostIds: number[]): { hostId: number; host: string; notBefore: number }[] {
  return hostIds.map((hostId) => ({ hostId, host: `h${hostId}.test`, notBefore: 0 }));
}

function makeSchedule(pace: HostPace, capacity = 100): { clock: ManualClock; schedule: HostSchedule } {
  const clock = new ManualClock(1_000);
  return { clock, schedule: new HostSchedule({ capacity, clock, paceOf: () => pace }) };
}

/** Hands out hosts with leases, and keeps the hosts held. */
function fill(schedule: HostSchedule, hostIds: number[], each: number): void {
  schedule.offer({
    leases: hostIds.flatMap((hostId) => leasesOf(hostId, each)),
    newHosts: entriesOf(...hostIds),
    exhausted: [],
  });
}

/** The host of the next start, lease or redirect. */
async function nextHost(schedule: HostSchedule): Promise<string | undefined> {
  return (await schedule.take())?.host;
}

function hopTo(host: string): HopTurn & { isClosed: boolean } {
  return {
    kind: 'hop',
    host,
    isClosed: false,
    closed() {
      this.isClosed = true;
    },
  };
}

const FREE: HostPace = { perHost: 100, delayMs: 0 };
const SLOW: HostPace = { perHost: 2, delayMs: 100 };

test('a delay that an answer brings counts from the request that brought it', async () => {
  const { clock, schedule } = makeSchedule(FREE);
  fill(schedule, [1], 2);
  await schedule.take();
  // Opening the connection takes a while.
  clock.advance(800);
  schedule.sent('h1.test');
  clock.advance(20);
  schedule.raiseDelay('h1.test', 1_000);
  const second = schedule.take();
  let isTaken = false;
  void second.then(() => (isTaken = true));
  clock.advance(979);
  await turn();
  expect(isTaken).toBe(false);
  clock.advance(1 + START_GUARD_MS);
  await second;
});

test('a host has more while something of it is in line, under way, or may come from the store', async () => {
  const { schedule } = makeSchedule(SLOW);
  schedule.offer({ leases: leasesOf(1, 1), newHosts: entriesOf(1), exhausted: [] });
  const answers = [schedule.hasMore('h1.test')];
  await schedule.take();
  answers.push(schedule.hasMore('h1.test'));
  schedule.finished('h1.test');
  answers.push(schedule.hasMore('h1.test'));
  schedule.offer({ leases: [], newHosts: [], exhausted: [1] });
  // It still owes a delay, so it is remembered; but there is nothing left to ask it for.
  expect(schedule.activeHosts).toBe(1);
  expect([...answers, schedule.hasMore('h1.test')]).toEqual([true, true, true, false]);
});

describe('parked hosts', () => {
  function parking(verdicts: Map<string, LeaseVerdict>, pace: HostPace = FREE): HostSchedule {
    const judge = ({ host }: Lease): LeaseVerdict => verdicts.get(host) ?? 'go';
    return new HostSchedule({ capacity: 100, clock: new ManualClock(1_000), paceOf: () => pace, judge });
  }

  test('a host whose next lease has to wait is passed over until it is reconsidered', async () => {
    const verdicts = new Map<string, LeaseVerdict>([['h1.test', 'wait']]);
    const schedule = parking(verdicts);
    fill(schedule, [1, 2], 2);
    expect([await nextHost(schedule), await nextHost(schedule)]).toEqual(['h2.test', 'h2.test']);
    const next = nextHost(schedule);
    await turn();
    verdicts.set('h1.test', 'go');
    expect([schedule.inFlight, schedule.waitingAt('h1.test')]).toEqual([2, 2]);
    schedule.reconsider('h1.test');
    expect([await next, await nextHost(schedule)]).toEqual(['h1.test', 'h1.test']);
  });

  test('a redirect gets its turn at a parked host, whose leases stay where they are', async () => {
    const schedule = parking(new Map([['h1.test', 'wait']]));
    fill(schedule, [1], 1);
    const hop = hopTo('h1.test');
    schedule.offerTurn(hop);
    expect(await schedule.take()).toBe(hop);
    schedule.finished('h1.test');
    expect([schedule.length, schedule.activeHosts]).toEqual([1, 1]);
  });

  test('dropped leases never come out, and the host asks for more', async () => {
    const verdicts = new Map<string, LeaseVerdict>([['h1.test', 'drop']]);
    const schedule = parking(verdicts);
    fill(schedule, [1, 2], 3);
    expect([schedule.length, schedule.waitingAt('h1.test')]).toEqual([3, 0]);
    expect(schedule.refills()).toContainEqual(expect.objectContaining({ hostId: 1 }));
    verdicts.set('h1.test', 'go');
    fill(schedule, [1], 1);
    expect(await nextHost(schedule)).toBe('h2.test');
    expect(await nextHost(schedule)).toBe('h1.test');
  });

  test('each lease is judged once where it may go', async () => {
    const judged: number[] = [];
    const judge = ({ id }: Lease): LeaseVerdict => (judged.push(id), 'go');
    const schedule = new HostSchedule({ capacity: 100, clock: new ManualClock(1_000), paceOf: () => SLOW, judge });
    const leases = leasesOf(1, 2);
    schedule.offer({ leases, newHosts: entriesOf(1), exhausted: [] });
    await schedule.take();
    schedule.connecting('h1.test');
    schedule.sent('h1.test');
    schedule.finished('h1.test');
    expect(judged).toEqual(leases.map(({ id }) => id));
  });
});

describe('starts', () => {
  test('hosts take turns, one lease each', async () => {
    const { schedule } = makeSchedule(FREE);
    fill(schedule, [1, 2, 3], 2);
    const order: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) order.push(await nextHost(schedule));
    expect(order.join(' ')).toBe('h1.test h2.test h3.test h1.test h2.test h3.test');
    expect({ length: schedule.length, inFlight: schedule.inFlight }).toEqual({ length: 0, inFlight: 6 });
  });

  test('without a delay a second start of a host waits for nothing, in the middle of a millisecond too', async () => {
    const { clock, schedule } = makeSchedule(FREE);
    clock.advance(0.4);
    fill(schedule, [1], 2);
    schedule.setPace('h1.test', FREE);
    expect([await nextHost(schedule), await nextHost(schedule)]).toEqual(['h1.test', 'h1.test']);
    expect(schedule.gauge().consumerWaits).toBe(0);
  });

  test('a host has one place in the line, however often it was offered', async () => {
    const { schedule } = makeSchedule(FREE);
    fill(schedule, [1], 1);
    fill(schedule, [1], 1);
    fill(schedule, [1], 1);
    fill(schedule, [2], 1);
    expect([await nextHost(schedule), await nextHost(schedule)]).toEqual(['h1.test', 'h2.test']);
  });

  test('two starts of a host are its delay apart, and a little more', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 2);
    await schedule.take();
    const second = schedule.take();
    expect(schedule.nextStartAt).toBe(1_000 + 100 + START_GUARD_MS);
    clock.advance(100 + START_GUARD_MS - 1);
    expect(schedule.length).toBe(1);
    clock.advance(1);
    expect(schedule.length).toBe(0);
    await second;
  });

  test('jitter makes a delay longer, never shorter, and is drawn once a start', async () => {
    const clock = new ManualClock(1_000);
    const draws = [0.5, 1];
    const pace = { perHost: 3, delayMs: 100, jitter: 0.2 };
    const schedule = new HostSchedule({ capacity: 9, clock, paceOf: () => pace, random: () => draws.shift() ?? 0 });
    fill(schedule, [1], 3);
    await schedule.take();
    clock.advance(7);
    schedule.sent('h1.test');
    expect(schedule.nextStartAt).toBe(1_007 + 110 + START_GUARD_MS);
    clock.advance(110 + START_GUARD_MS);
    await schedule.take();
    expect(schedule.nextStartAt).toBe(clock.now() + 120 + START_GUARD_MS);
  });

  test('the delay counts from the moment a request leaves, not from its turn', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 2);
    await schedule.take();
    clock.advance(50);
    schedule.sent('h1.test');
    expect(schedule.nextStartAt).toBe(1_050 + 100 + START_GUARD_MS);
  });

  test('while a fetch opens its connection its host starts nothing else, but not for ever', async () => {
    const { clock, schedule } = makeSchedule({ perHost: 3, delayMs: 100 });
    fill(schedule, [1], 3);
    await schedule.take();
    schedule.connecting('h1.test');
    clock.advance(400);
    expect(schedule.nextStartAt).toBe(1_000 + CONNECTING_MS);
    schedule.sent('h1.test');
    expect(schedule.nextStartAt).toBe(1_400 + 100 + START_GUARD_MS);
    clock.advance(100 + START_GUARD_MS);
    await schedule.take();
    schedule.connecting('h1.test');
    const third = schedule.take();
    clock.advance(CONNECTING_MS);
    await third;
    expect(schedule.inFlight).toBe(3);
  });

  test('a pause that a host asks for while a connection is opened outlasts the connecting', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 2);
    await schedule.take();
    schedule.connecting('h1.test');
    schedule.hold('h1.test', clock.wallTime() + 5_000);
    schedule.sent('h1.test');
    expect(schedule.nextStartAt).toBe(1_000 + 5_000);
  });

  test('a host without a delay is not held up by connections being opened', async () => {
    const { schedule } = makeSchedule(FREE);
    fill(schedule, [1], 2);
    await schedule.take();
    schedule.connecting('h1.test');
    await schedule.take();
    expect(schedule.inFlight).toBe(2);
  });

  test('a host that turns out to need no delay is not held up either', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 2);
    await schedule.take();
    schedule.connecting('h1.test');
    schedule.setPace('h1.test', FREE);
    schedule.sent('h1.test');
    clock.advance(100 + START_GUARD_MS);
    await schedule.take();
    expect(schedule.inFlight).toBe(2);
  });

  test('no more than per-host fetches are in flight; the end of one starts the next', async () => {
    const { schedule } = makeSchedule({ perHost: 2, delayMs: 0 });
    fill(schedule, [1], 5);
    const takes = [schedule.take(), schedule.take(), schedule.take()];
    await turn();
    expect(schedule.inFlight).toBe(2);
    schedule.finished('h1.test');
    await Promise.all(takes);
    expect({ inFlight: schedule.inFlight, length: schedule.length }).toEqual({ inFlight: 2, length: 2 });
  });

  test('a slow host is in nobody’s way', async () => {
    const { schedule } = makeSchedule(SLOW);
    fill(schedule, [1, 2], 3);
    expect(await nextHost(schedule)).toBe('h1.test');
    expect(await nextHost(schedule)).toBe('h2.test');
    fill(schedule, [3], 1);
    expect(await nextHost(schedule)).toBe('h3.test');
  });

  test('a timer that fires early starts nothing early', async () => {
    // Node's timers and its monotonic clock differ by up to a millisecond.
    class HastyClock extends ManualClock implements Clock {
      override after(delayMs: number, callback: () => void): Timer {
        return super.after(delayMs > 1 ? delayMs - 1 : delayMs, callback);
      }
    }
    const clock = new HastyClock();
    const schedule = new HostSchedule({ capacity: 10, clock, paceOf: () => SLOW });
    fill(schedule, [1], 2);
    await schedule.take();
    void schedule.take();
    clock.advance(101);
    expect(schedule.length).toBe(1);
    clock.advance(1);
    expect(schedule.length).toBe(0);
  });

  test('when the timer is late, who comes meanwhile does not overtake who waits', async () => {
    const clock = new ManualClock();
    // A clock whose timers never fire: the event loop is busy.
    const stuck: Clock = { now: () => clock.now(), wallTime: () => clock.wallTime(), after: () => ({ cancel() {} }) };
    const schedule = new HostSchedule({ capacity: 10, clock: stuck, paceOf: () => SLOW });
    const [a, b, c] = leasesOf(1, 3);
    schedule.offer({ leases: [a, b, c] as Lease[], newHosts: entriesOf(1), exhausted: [] });
    await schedule.take();
    const early = schedule.take();
    clock.advance(500);
    const late = schedule.take();
    expect(await early).toBe(b);
    clock.advance(500);
    schedule.finished('h1.test');
    expect(await late).toBe(c);
  });

  test('a cancelled taker takes nothing with it', async () => {
    const { schedule } = makeSchedule(FREE);
    const controller = new AbortController();
    const cancelled = schedule.take(controller.signal);
    const next = schedule.take();
    controller.abort();
    fill(schedule, [1], 1);
    await expect(cancelled).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect((await next)?.host).toBe('h1.test');
  });

  test('finishing what was never started is refused', () => {
    const { schedule } = makeSchedule(FREE);
    expect(() => schedule.finished('h7.test')).toThrow('no fetch of host h7.test is in flight');
  });
});

describe('holds and paces', () => {
  test('a held host waits, the others go on', async () => {
    const { clock, schedule } = makeSchedule(FREE);
    fill(schedule, [1, 2], 2);
    schedule.hold('h1.test', clock.wallTime() + 5_000);
    expect([await nextHost(schedule), await nextHost(schedule)]).toEqual(['h2.test', 'h2.test']);
    const third = schedule.take();
    clock.advance(4_999);
    expect(schedule.length).toBe(2);
    clock.advance(1);
    expect((await third)?.host).toBe('h1.test');
  });

  test('a shorter hold does not end a longer one', () => {
    const { clock, schedule } = makeSchedule(FREE);
    fill(schedule, [1], 1);
    schedule.hold('h1.test', clock.wallTime() + 5_000);
    schedule.hold('h1.test', clock.wallTime() + 1_000);
    expect(schedule.nextStartAt).toBe(clock.now() + 5_000);
  });

  test('a hold by name is kept of a host that only becomes known later', async () => {
    const { clock, schedule } = makeSchedule(FREE);
    schedule.hold('h1.test', clock.wallTime() + 500);
    fill(schedule, [1], 1);
    const started = schedule.take();
    clock.advance(499);
    expect(schedule.length).toBe(1);
    clock.advance(1);
    expect((await started)?.host).toBe('h1.test');
  });

  test('a host that refuses is asked less often, until it has answered often enough', async () => {
    const { clock, schedule } = makeSchedule({ perHost: 4, delayMs: 0 });
    fill(schedule, [1], 9);
    for (let n = 0; n < 4; n++) await schedule.take();
    // All four are refused: one overload, half of the slots.
    for (let n = 0; n < 4; n++) {
      schedule.slowDown('h1.test', 5);
      schedule.finished('h1.test');
    }
    expect(schedule.backoffOf('h1.test')).toMatchObject({ slots: 2, extraMs: 200 });
    void schedule.take();
    void schedule.take();
    expect(schedule.inFlight).toBe(0);
    clock.advance(200 + START_GUARD_MS);
    expect(schedule.inFlight).toBe(1);
    for (let n = 0; n < 20; n++) schedule.recover('h1.test');
    expect(schedule.backoffOf('h1.test')).toBeUndefined();
  });

  test('a host handed out as slowed down starts so', async () => {
    const { clock, schedule } = makeSchedule({ perHost: 4, delayMs: 0 });
    const slowDown = { slots: 1, extraMs: 800, ageMs: 1_000 };
    const entry = { hostId: 1, host: 'h1.test', notBefore: 0, slowDown };
    schedule.offer({ leases: leasesOf(1, 2), newHosts: [entry], exhausted: [] });
    await schedule.take();
    schedule.finished('h1.test');
    expect(schedule.nextStartAt).toBe(clock.now() + 800 + START_GUARD_MS);
  });

  test('a host handed out with a time to wait for is not asked before', async () => {
    const { clock, schedule } = makeSchedule(FREE);
    const newHosts = [{ hostId: 1, host: 'h1.test', notBefore: clock.wallTime() + 300 }];
    schedule.offer({ leases: leasesOf(1, 1), newHosts, exhausted: [] });
    const first = schedule.take();
    clock.advance(299);
    expect(schedule.length).toBe(1);
    clock.advance(1);
    expect((await first)?.host).toBe('h1.test');
  });

  test('a hold beyond the longest timer is waited out in parts', () => {
    const clock = new ManualClock();
    // As Node's timers do it.
    const clamped: Clock = {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      after: (ms, callback) => clock.after(Math.min(ms, 2 ** 31 - 1), callback),
    };
    const schedule = new HostSchedule({ capacity: 10, clock: clamped, paceOf: () => FREE });
    fill(schedule, [1], 1);
    schedule.hold('h1.test', clock.wallTime() + 2 ** 33);
    void schedule.take();
    clock.advance(2 ** 33 - 1);
    expect(schedule.length).toBe(1);
    clock.advance(1);
    expect(schedule.length).toBe(0);
  });

  test('a pace learnt later holds from then on', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 9);
    await schedule.take();
    schedule.setPace('h1.test', { perHost: 4, delayMs: 0 });
    clock.advance(100 + START_GUARD_MS);
    for (let i = 0; i < 3; i++) void schedule.take();
    expect({ length: schedule.length, inFlight: schedule.inFlight }).toEqual({ length: 5, inFlight: 4 });
    schedule.setPace('h1.test', { perHost: 9, delayMs: 1_000 });
    expect(schedule.nextStartAt).toBe(clock.now() + 1_000 + START_GUARD_MS);
  });

  test('a host that owes a delay is remembered until then, handed out anew or not', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    const once = { leases: leasesOf(1, 1), newHosts: entriesOf(1), exhausted: [1] };
    schedule.offer(once);
    await schedule.take();
    schedule.finished('h1.test');
    expect(schedule.activeHosts).toBe(1);
    schedule.offer({ ...once, leases: leasesOf(1, 1) });
    expect(schedule.nextStartAt).toBe(clock.now() + 100 + START_GUARD_MS);
    clock.advance(200);
    await schedule.take();
    schedule.finished('h1.test');
    clock.advance(200);
    expect(schedule.activeHosts).toBe(0);
  });
});

describe('redirects', () => {
  test('a hop to another host waits for that host’s pace and slots, and goes before its leases', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 3);
    await schedule.take();
    const next = schedule.take();
    const hop = hopTo('h1.test');
    schedule.offerTurn(hop);
    clock.advance(100 + START_GUARD_MS);
    expect(await next).toBe(hop);
    // Both slots are in use now.
    const lease = schedule.take();
    clock.advance(1_000);
    expect(schedule.length).toBe(2);
    schedule.finished('h1.test');
    expect((await lease)?.host).toBe('h1.test');
    expect(schedule.inFlight).toBe(2);
  });

  test('a hop to a host that the store never handed out leaves nothing behind', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    const hop = hopTo('elsewhere.test');
    schedule.offerTurn(hop);
    expect(await schedule.take()).toBe(hop);
    clock.advance(500);
    expect(schedule.activeHosts).toBe(1);
    schedule.finished('elsewhere.test');
    expect({ hosts: schedule.activeHosts, inFlight: schedule.inFlight }).toEqual({ hosts: 0, inFlight: 0 });
  });

  test('a hop within the same host waits for its time, not for a second slot', async () => {
    const { clock, schedule } = makeSchedule({ perHost: 1, delayMs: 50 });
    fill(schedule, [1], 2);
    await schedule.take();
    const other = schedule.take();
    const step = schedule.waitStep('h1.test');
    clock.advance(50 + START_GUARD_MS);
    await step;
    expect({ inFlight: schedule.inFlight, length: schedule.length }).toEqual({ inFlight: 1, length: 1 });
    schedule.finished('h1.test');
    clock.advance(50 + START_GUARD_MS);
    expect((await other)?.host).toBe('h1.test');
  });

  test('a hop within the same host can be cancelled', async () => {
    const { schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 1);
    await schedule.take();
    const controller = new AbortController();
    const step = schedule.waitStep('h1.test', controller.signal);
    controller.abort();
    await expect(step).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  test('while no new page may start, hops still do; a poke lets the pages follow', async () => {
    const clock = new ManualClock();
    let mayStart = false;
    const mayStartLease = (): boolean => mayStart;
    const schedule = new HostSchedule({ capacity: 10, clock, paceOf: () => FREE, mayStartLease });
    fill(schedule, [1, 2], 2);
    const takes = [schedule.take(), schedule.take(), schedule.take()];
    const hop = hopTo('h2.test');
    schedule.offerTurn(hop);
    expect(await takes[0]).toBe(hop);
    expect(schedule.length).toBe(4);
    mayStart = true;
    schedule.poke();
    expect(schedule.length).toBe(2);
    const started = await Promise.all(takes.slice(1));
    expect(new Set(started.map((lease) => lease?.host))).toEqual(new Set(['h1.test', 'h2.test']));
  });
});

describe('what to claim', () => {
  test('a host runs low at half of its window, until the store says that it is exhausted', async () => {
    const { schedule } = makeSchedule({ perHost: 8, delayMs: 0 });
    fill(schedule, [1], 8);
    expect(schedule.refills()).toEqual([]);
    for (let i = 0; i < 4; i++) await schedule.take();
    expect(schedule.refills()).toEqual([{ hostId: 1, want: 4 }]);
    schedule.offer({ leases: leasesOf(1, 1), newHosts: [], exhausted: [1] });
    for (let i = 0; i < 4; i++) await schedule.take();
    expect(schedule.refills()).toEqual([]);
  });

  test('the window of a host that runs dry doubles, up to half of all; that of a slow one does not', async () => {
    const fast = makeSchedule({ perHost: 2, delayMs: 0 }, 1_000);
    const wants: number[] = [];
    fill(fast.schedule, [1], 2);
    for (let i = 0; i < 11; i++) {
      while (fast.schedule.length > 0) {
        await fast.schedule.take();
        fast.schedule.finished('h1.test');
      }
      const [refill] = fast.schedule.refills();
      wants.push(refill?.want ?? 0);
      fast.clock.advance(10);
      fast.schedule.offer({ leases: leasesOf(1, refill?.want ?? 0), newHosts: [], exhausted: [] });
    }
    expect(wants).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 500, 500, 500]);

    const slow = makeSchedule(SLOW, 1_000);
    fill(slow.schedule, [1], 2);
    for (let i = 0; i < 20; i++) {
      await slow.schedule.take();
      slow.schedule.finished('h1.test');
      const [refill] = slow.schedule.refills();
      expect(refill?.want ?? 0).toBeLessThanOrEqual(4);
      slow.schedule.offer({ leases: leasesOf(1, refill?.want ?? 0), newHosts: [], exhausted: [] });
      slow.clock.advance(100 + START_GUARD_MS);
    }
  });

  test('what is asked for fits into the room, and a quarter of it is left to new hosts', async () => {
    const { schedule } = makeSchedule({ perHost: 40, delayMs: 0 }, 100);
    expect(schedule.claimSizes()).toEqual({ newHosts: 25, perNewHost: 2, max: 100 });
    fill(schedule, [1, 2, 3], 30);
    for (let i = 0; i < 60; i++) await schedule.take();
    expect(schedule.room).toBe(70);
    const wanted = schedule.refills().reduce((sum, { want }) => sum + want, 0);
    expect(wanted).toBe(53);
    expect(schedule.claimSizes()).toEqual({ newHosts: 17, perNewHost: 40, max: 70 });
  });

  test('new hosts are asked for by the portion, unless a fetcher starves', async () => {
    const { schedule } = makeSchedule(FREE, 100);
    fill(schedule, [1], 89);
    expect(schedule.claimSizes()).toEqual({ newHosts: 0, perNewHost: 50, max: 11 });
    await schedule.take();
    expect(schedule.claimSizes()).toMatchObject({ max: 12, newHosts: 12 });
    const slow = makeSchedule(SLOW, 100).schedule;
    fill(slow, [1], 95);
    await slow.take();
    void slow.take();
    expect(slow.claimSizes().newHosts).toBeGreaterThan(0);
  });

  test('a full window asks for nothing', () => {
    const { schedule } = makeSchedule(SLOW, 4);
    fill(schedule, [1, 2], 2);
    expect({ room: schedule.room, sizes: schedule.claimSizes() }).toMatchObject({ room: 0, sizes: { max: 0 } });
    expect(schedule.refills()).toEqual([]);
  });
});

describe('the end', () => {
  test('a lease put back comes out again, last', async () => {
    const { schedule } = makeSchedule(FREE);
    fill(schedule, [1], 3);
    const crashed = (await schedule.take()) as Lease;
    schedule.finished('h1.test');
    schedule.requeue(crashed);
    await schedule.take();
    await schedule.take();
    expect(await schedule.take()).toBe(crashed);
  });

  test('close ends all takers and all who wait for a turn, and stops the timer', async () => {
    const { clock, schedule } = makeSchedule(SLOW);
    fill(schedule, [1], 3);
    await schedule.take();
    const takers = [schedule.take(), schedule.take()];
    const hop = hopTo('h1.test');
    schedule.offerTurn(hop);
    const step = schedule.waitStep('h1.test');
    expect(clock.nextTimerAt()).not.toBeNull();
    schedule.close();
    expect(await Promise.all(takers)).toEqual([undefined, undefined]);
    expect(hop.isClosed).toBe(true);
    await expect(step).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    const late = hopTo('h1.test');
    schedule.offerTurn(late);
    expect(late.isClosed).toBe(true);
    await expect(schedule.waitStep('h1.test')).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(await schedule.take()).toBeUndefined();
    expect(clock.nextTimerAt()).toBeNull();
    schedule.finished('h1.test');
    expect(schedule.inFlight).toBe(0);
  });

  test('the gauge shows how full the window was and how long takers starved', async () => {
    const { clock, schedule } = makeSchedule(FREE, 10);
    const starved = schedule.take();
    clock.advance(25);
    fill(schedule, [1], 4);
    await starved;
    expect(schedule.gauge()).toMatchObject({ capacity: 10, length: 3, highWater: 4, passed: 1 });
    expect(schedule.gauge()).toMatchObject({ consumerWaits: 1, consumerWaitMs: 25 });
  });
});
