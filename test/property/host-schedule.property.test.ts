/**
 * The host schedule against a model that knows only the rules: many hosts, with takers, redirects within and between hosts, holds, changes of pace,
 * cancellations and parser crashes in any order. Time is a manual clock that stops at every timer, so each start is seen
 * at its exact moment.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HostSchedule, type HopTurn, type HostPace } from '../../src/frontier/host-schedule.ts';
import { START_GUARD_MS } from '../../src/frontier/host-state.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { Lease } from '../../src/model/lease.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface ModelHost {
  readonly id: number;
  pace: HostPace;
  lastStart: number;
  heldUntil: number;
  inFlight: number;
  /** Ids of its leases that wait. */
  readonly leases: Set<number>;
  turnsWaiting: number;
  stepsWaiting: number;
  isHeld: boolean;
}

class World {
  readonly clock = new ManualClock(5_000);
  readonly schedule: HostSchedule;
  readonly hosts: ModelHost[];
  readonly takers: { isOpen: boolean; cancel: AbortController }[] = [];
  /** Fetches in flight; one that is `inStep` waits for its next request to the same host. */
  readonly running: { lease: Lease; host: ModelHost; inStep: boolean }[] = [];
  readonly turns = new Map<HopTurn, { host: ModelHost; state: 'waiting' | 'running' | 'over' }>();
  /** May pages start? */
  isOpen = true;
  readonly taken: number[] = [];
  /** Rules broken at a start: noted, as nobody awaits the promise in which they are seen. */
  readonly broken: string[] = [];
  offered = 0;
  put = 0;

  constructor(paces: readonly HostPace[], capacity: number) {
    this.hosts = paces.map((pace, id) => ({
      id,
      pace,
      lastStart: -Infinity,
      heldUntil: -Infinity,
      inFlight: 0,
      leases: new Set(),
      turnsWaiting: 0,
      stepsWaiting: 0,
      isHeld: false,
    }));
    const paceOf = (name: string): HostPace => this.#host(Number(name.slice(1))).pace;
    this.schedule = new HostSchedule({ capacity, clock: this.clock, paceOf, mayStartLease: () => this.isOpen });
  }

  /** What the store would do: hands out hosts it has not handed out, refills the others, takes some back. */
  offer(host: ModelHost, count: number, exhausts: boolean): void {
    const leases = Array.from({ length: count }, () => this.#lease(host));
    const newHosts = host.isHeld ? [] : [{ hostId: host.id, host: nameOf(host), notBefore: 0 }];
    host.isHeld = !exhausts;
    this.schedule.offer({ leases, newHosts, exhausted: exhausts ? [host.id] : [] });
  }

  take(): void {
    const taker = { isOpen: true, cancel: new AbortController() };
    this.takers.push(taker);
    this.schedule.take(taker.cancel.signal).then(
      (started) => {
        taker.isOpen = false;
        if (started === undefined) return;
        if ('kind' in started) this.#startTurn(started);
        else this.#startLease(started);
      },
      () => (taker.isOpen = false),
    );
  }

  #startLease(lease: Lease): void {
    const host = this.#host(lease.hostId);
    if (!host.leases.delete(lease.id)) this.broken.push(`lease ${lease.id} came out without being in`);
    if (host.turnsWaiting > 0) this.broken.push(`a lease of ${nameOf(host)} went before a turn`);
    this.taken.push(lease.id);
    this.running.push({ lease, host, inStep: false });
    host.inFlight++;
    this.#start(host);
  }

  #startTurn(turn: HopTurn): void {
    const entry = this.turns.get(turn);
    if (entry?.state !== 'waiting') throw new Error('a turn came out twice');
    entry.state = 'running';
    entry.host.turnsWaiting--;
    entry.host.inFlight++;
    this.#start(entry.host);
  }

  finish(at: number, putsBack: boolean): void {
    const ended = this.running[at % Math.max(1, this.running.length)];
    if (ended === undefined || ended.inStep) return;
    this.running.splice(this.running.indexOf(ended), 1);
    ended.host.inFlight--;
    this.schedule.finished(nameOf(ended.host));
    if (!putsBack) return;
    // A parser crash: the page is to be fetched again. Its host may be forgotten by now.
    ended.host.leases.add(ended.lease.id);
    this.put++;
    this.schedule.requeue(ended.lease);
  }

  offerTurn(host: ModelHost): void {
    const turn: HopTurn = { kind: 'hop', host: nameOf(host), closed: () => undefined };
    this.turns.set(turn, { host, state: 'waiting' });
    host.turnsWaiting++;
    this.schedule.offerTurn(turn);
  }

  endTurn(at: number): void {
    const running = [...this.turns.values()].filter(({ state }) => state === 'running');
    const turn = running[at % Math.max(1, running.length)];
    if (turn === undefined) return;
    turn.state = 'over';
    turn.host.inFlight--;
    this.schedule.finished(nameOf(turn.host));
  }

  waitStep(at: number): void {
    const fetch = this.running[at % Math.max(1, this.running.length)];
    if (fetch === undefined || fetch.inStep) return;
    fetch.inStep = true;
    fetch.host.stepsWaiting++;
    void this.schedule.waitStep(nameOf(fetch.host)).then(() => {
      fetch.inStep = false;
      fetch.host.stepsWaiting--;
      this.#start(fetch.host);
    });
  }

  setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    if (isOpen) this.schedule.poke();
  }

  hold(host: ModelHost, ms: number): void {
    // A host that is not in memory is held by the store's `notBefore`, which the model does not play.
    if (host.inFlight === 0) return;
    host.heldUntil = Math.max(host.heldUntil, this.clock.now() + ms);
    this.schedule.hold(nameOf(host), this.clock.wallTime() + ms);
  }

  setPace(host: ModelHost, delayMs: number): void {
    // Learnt from a fetch. Of a host forgotten meanwhile no start is remembered that a slower pace could count from.
    if (host.inFlight === 0) return;
    host.pace = { perHost: host.pace.perHost, delayMs };
    this.#owed.set(host, this.#slowest(host));
    this.schedule.setPace(nameOf(host), host.pace);
  }

  /** Moves on to the next timer at most `ms` away, or by `ms`. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    for (;;) {
      const due = this.clock.nextTimerAt();
      if (due === null || due > end) break;
      this.clock.advance(due - this.clock.now());
      await turn();
      this.check();
    }
    this.clock.advance(end - this.clock.now());
    await turn();
  }

  /** At rest. */
  check(): void {
    expect(this.broken).toEqual([]);
    const now = this.clock.now();
    const waiting = this.hosts.reduce((sum, host) => sum + host.leases.size, 0);
    expect(this.schedule.length).toBe(waiting);
    expect(this.schedule.inFlight).toBe(this.hosts.reduce((sum, host) => sum + host.inFlight, 0));
    const someoneTakes = this.takers.some(({ isOpen }) => isOpen);
    for (const host of this.hosts) {
      const mayStart = host.inFlight < host.pace.perHost && this.latestNextStart(host) <= now;
      if (someoneTakes && mayStart) expect(host.turnsWaiting + (this.isOpen ? host.leases.size : 0)).toBe(0);
      if (this.latestNextStart(host) <= now) expect(host.stepsWaiting).toBe(0);
    }
    expect(new Set(this.taken).size + this.put).toBeGreaterThanOrEqual(this.taken.length);
  }

  /** From when on a start must not be delayed any longer. */
  latestNextStart(host: ModelHost): number {
    return Math.max(host.heldUntil, this.#slowest(host));
  }

  /** A faster pace holds from the next start on, so a slower one that was in force since the last start may still count. */
  readonly #owed = new Map<ModelHost, number>();

  #slowest(host: ModelHost): number {
    return Math.max(this.#owed.get(host) ?? -Infinity, host.lastStart + spacing(host.pace));
  }

  #start(host: ModelHost): void {
    const now = this.clock.now();
    const name = nameOf(host);
    if (now - host.lastStart < host.pace.delayMs) this.broken.push(`${name} asked ${now - host.lastStart} ms after`);
    if (now < host.heldUntil) this.broken.push(`${name} asked although it was held`);
    host.lastStart = now;
    if (host.inFlight > host.pace.perHost) this.broken.push(`${host.inFlight} in flight at ${name}`);
    this.#owed.set(host, now + spacing(host.pace));
  }

  #lease(host: ModelHost): Lease {
    const id = this.offered++;
    host.leases.add(id);
    const url = `http://${nameOf(host)}/${id}`;
    return { id, url, hostId: host.id, host: nameOf(host), attempt: 1, round: 1, depth: 0, spentMs: 0 };
  }

  #host(id: number): ModelHost {
    const host = this.hosts[id];
    if (host === undefined) throw new Error(`no host ${id}`);
    return host;
  }
}

function nameOf(host: ModelHost): string {
  return `h${host.id}`;
}

function spacing(pace: HostPace): number {
  return pace.delayMs === 0 ? 0 : pace.delayMs + START_GUARD_MS;
}

const pace = fc.record({ perHost: fc.integer({ min: 1, max: 3 }), delayMs: fc.constantFrom(0, 0, 5, 40, 100) });
const at = fc.nat();
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('offer' as const), at, n: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('offerLast' as const), at, n: fc.nat({ max: 3 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('take' as const), at, n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('finish' as const), at, n: fc.nat({ max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('offerTurn' as const), at, n: at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('waitStep' as const), at, n: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gate' as const), at, n: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('endTurn' as const), at, n: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), at, n: fc.nat({ max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('setPace' as const), at, n: fc.constantFrom(0, 10, 150) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), at, n: at }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance' as const), at, n: fc.nat({ max: 120 }) }) },
);
const scenario = fc.record({
  paces: fc.array(pace, { minLength: 1, maxLength: 5 }),
  capacity: fc.integer({ min: 1, max: 40 }),
  steps: fc.array(step, { maxLength: 80, size: 'max' }),
});

test('polite, fair to every lease, and never idle without reason, in any order of events', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ paces, capacity, steps }) => {
      const world = new World(paces, capacity);
      for (const { kind, at, n } of steps) {
        const host = world.hosts[at % world.hosts.length] as ModelHost;
        if (kind === 'offer') world.offer(host, n, false);
        else if (kind === 'offerLast') world.offer(host, n, true);
        else if (kind === 'take') for (let i = 0; i < n; i++) world.take();
        else if (kind === 'finish') world.finish(at, n === 0);
        else if (kind === 'offerTurn') world.offerTurn(host);
        else if (kind === 'waitStep') world.waitStep(at);
        else if (kind === 'gate') world.setOpen(n === 1);
        else if (kind === 'endTurn') world.endTurn(at);
        else if (kind === 'hold') world.hold(host, n);
        else if (kind === 'setPace') world.setPace(host, n);
        else if (kind === 'cancel') world.takers[at % Math.max(1, world.takers.length)]?.cancel.abort();
        else await world.advance(n);
        await turn();
        world.check();
      }

      // Everything that was offered comes out in the end, once, and every turn is granted.
      world.setOpen(true);
      await turn();
      const isLeft = (): boolean =>
        world.schedule.length > 0 ||
        world.running.length > 0 ||
        [...world.turns.values()].some(({ state }) => state !== 'over');
      for (let rounds = 0; isLeft(); rounds++) {
        expect(rounds).toBeLessThan(2_000);
        for (let at = world.running.length; at >= 0; at--) world.finish(at, false);
        for (let at = world.turns.size; at >= 0; at--) world.endTurn(0);
        if (!world.takers.some(({ isOpen }) => isOpen)) world.take();
        await turn();
        world.check();
        await world.advance(20);
      }
      expect(new Set(world.taken).size).toBe(world.offered);
      expect(world.taken.length).toBe(world.offered + world.put);

      // What is not held and owes nothing is forgotten; close ends those who wait.
      for (const host of world.hosts) if (host.isHeld) world.offer(host, 0, true);
      await world.advance(1_000);
      expect({ hosts: world.schedule.activeHosts, inFlight: world.schedule.inFlight }).toEqual({
        hosts: 0,
        inFlight: 0,
      });
      world.schedule.close();
      await turn();
      expect(world.takers.filter(({ isOpen }) => isOpen)).toEqual([]);
      expect(world.clock.nextTimerAt()).toBeNull();
    }),
    { numRuns: 300 },
  );
});
