/**
 * Frontier: the politeness scheduler. In: leases, claimed from the store in batches (`offer`), and redirects that lead from
 * one host to another (`offerTurn`). Out: one of them at a time, to whoever is free to fetch it, at the moment when its
 * host may be asked (`take`).
 *
 * Invariants, whatever the order of events: the starts of one host are never closer than its delay; never more than
 * `perHost` of its fetches are in flight; what goes in comes out exactly once; and a host that may start something never
 * coexists with a taker that waits. (While the window is full, `mayStartLease`, "something" means redirects only.)
 *
 * How. A host is in one of three places, and `#file` puts it where it belongs after every event that touches it:
 *
 *     #timed   heap by `nextStart`: hosts that must not be asked yet. ONE timer, set for the first of them.
 *     #ready   line of hosts that may start something now, one start each before the next one's turn: none waits for ever.
 *     neither  all slots in use (the end of a fetch brings it back), or no work (an offer does).
 *
 * A host whose next lease may not be fetched yet is *parked* (`judge` says `wait`: robots.txt of its origin is not known).
 * Its leases are then no work: it stands in neither place for them and holds no permit, and the others run on. Redirects
 * still get their turns there, and so does the request for robots.txt itself. `reconsider` ends it.
 *
 * A host is forgotten when it has nothing left to do *and owes no delay any more*: forgotten earlier and handed out
 * anew, it would start with a clean slate and be asked too soon. A host that the store still counts as handed out is kept.
 *
 * The fetch loop owns the starts: each `take` is paid back by one `finished`. The engine owns the schedule and closes it:
 * every taker then gets `undefined`, and leases left inside are simply dropped, as a claim writes nothing.
 * Main thread only: every method runs to its end without an `await`, so no state is ever seen half-changed.
 *
 * Longer than other files because heap, line, takers and timer must change together; what one host knows and decides is in
 * `host-state.ts`, who is in memory in `host-table.ts`, how much to claim in `claim-advice.ts`.
 */
import { Deque } from '../concurrency/deque.ts';
import { MinHeap } from '../concurrency/heap.ts';
import { requireAtLeastOne } from '../concurrency/require.ts';
import { cancellation, WaitList } from '../concurrency/wait-list.ts';
import type { Clock, Random, Timer } from '../model/clock.ts';
import { CancelledError, CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import type { HostEntry, Lease } from '../model/lease.ts';
import { restored, type Backoff } from './backoff.ts';
import { ClaimAdvice, type Refill } from './claim-advice.ts';
import type { HopTurn, HostPace, HostState } from './host-state.ts';
import { HostTable } from './host-table.ts';

export type { HopTurn, HostPace } from './host-state.ts';

/**
 * What becomes of the lease at the head of a host's line. `wait`: its host is parked until `reconsider`. `drop`: it is taken
 * out and will not come back; whoever judged so settles it.
 */
export type LeaseVerdict = 'go' | 'wait' | 'drop';

export interface HostScheduleOptions {
  /** Leases in the window of all hosts together (`--queue-size`): an integer ≥ 1. */
  readonly capacity: number;
  readonly clock: Clock;
  /** Asked once for each host, when it becomes active. */
  readonly paceOf: (host: string) => HostPace;
  /** For the jitter of delays. Default `Math.random`. */
  readonly random?: Random | undefined;
  /**
   * May a new page be started at all? Default: always. While it says no, only turns come out: a page that waits for its
   * turn already has its place further down, and could never give it back if it had to wait for another. Whoever makes
   * it say yes again calls `poke`.
   */
  readonly mayStartLease?: (() => boolean) | undefined;
  /** Asked of each lease when it comes to the head of its host's line, again while it waits. Default: all may go. */
  readonly judge?: ((lease: Lease) => LeaseVerdict) | undefined;
}

/** What `offer` needs of a claim's answer (`Claim`). */
export interface OfferedClaim {
  readonly leases: readonly Lease[];
  readonly newHosts: readonly HostEntry[];
  readonly exhausted: readonly number[];
}

export class HostSchedule {
  readonly #capacity: number;
  readonly #clock: Clock;
  readonly #hosts: HostTable;
  readonly #advice: ClaimAdvice;
  readonly #timed = new MinHeap<HostState>((a, b) => a.nextStart < b.nextStart);
  readonly #ready = new Deque<HostState>();
  readonly #takers: WaitList<Lease | HopTurn | undefined>;
  readonly #mayStartLease: () => boolean;
  readonly #judge: (lease: Lease) => LeaseVerdict;
  readonly #random: Random;
  /** Redirects in line, at all hosts. */
  #turns = 0;
  #timer: Timer | undefined;
  /** When the timer was set for: `Infinity` = there is none. */
  #timerDue = Infinity;
  /** Leases of all hosts together, and starts not yet ended: kept in step with the hosts' own counts. */
  #length = 0;
  #inFlight = 0;
  #mostInFlight = 0;
  #highWater = 0;
  #passed = 0;
  #isClosed = false;

  constructor(options: HostScheduleOptions) {
    this.#capacity = requireAtLeastOne('capacity of the host schedule', options.capacity);
    this.#clock = options.clock;
    this.#hosts = new HostTable(options.paceOf, options.capacity);
    this.#advice = new ClaimAdvice(options.capacity);
    this.#takers = new WaitList({ clock: options.clock });
    this.#mayStartLease = options.mayStartLease ?? (() => true);
    this.#judge = options.judge ?? (() => 'go');
    this.#random = options.random ?? Math.random;
  }

  /** Leases that wait for their start. */
  get length(): number {
    return this.#length;
  }

  /** Starts not yet ended, of leases and turns. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most there were at once. */
  get mostInFlight(): number {
    return this.#mostInFlight;
  }

  /** Hosts in memory: with leases or fetches, held for more, or still owing a delay. */
  get activeHosts(): number {
    return this.#hosts.size;
  }

  /** How many more leases fit. */
  get room(): number {
    return Math.max(0, this.#capacity - this.#length);
  }

  /** When the next host that has something to do may start it, in the clock's `now()`; `null` = none waits for time. */
  get nextStartAt(): number | null {
    const host = this.#nextHost();
    return host === undefined ? null : Math.max(host.nextStart, this.#clock.now());
  }

  /** That host with the URL it begins with (`null` = a redirect), and the same time by the wall clock. */
  nextStart(): { host: string; url: string | null; at: number } | null {
    const host = this.#nextHost();
    if (host === undefined) return null;
    const inMs = Math.max(0, host.nextStart - this.#clock.now());
    return {
      host: host.name,
      url: host.supply?.leases.peek()?.url ?? null,
      at: this.#clock.wallTime() + Math.round(inMs),
    };
  }

  /** Adds what the store handed out, and gives back to it the hosts that it says are exhausted. */
  offer(claim: OfferedClaim): void {
    if (this.#isClosed) return;
    const now = this.#clock.now();
    const touched = new Set<HostState>();
    for (const entry of claim.newHosts) {
      const { host, supply } = this.#hosts.supplied(entry, now);
      supply.isHeld = true;
      this.#advice.admit(host);
      if (entry.notBefore > 0) this.#holdUntil(host, entry.notBefore, now);
      const { slowDown } = entry;
      if (slowDown !== undefined && host.backoff === undefined) {
        host.setBackoff(restored(slowDown, host.pace.perHost, slowDown.ageMs, now));
      }
      touched.add(host);
    }
    for (const lease of claim.leases) {
      const { host, supply } = this.#hosts.supplied(lease, now);
      if (!touched.has(host)) {
        this.#advice.adaptWindow(host, supply, now);
        touched.add(host);
      }
      supply.filledAt = now;
      supply.leases.push(lease);
      this.#length++;
    }
    for (const hostId of claim.exhausted) {
      const known = this.#hosts.supplyOf(hostId);
      if (known === undefined) continue;
      known.supply.isHeld = false;
      touched.add(known.host);
    }
    if (this.#length > this.#highWater) this.#highWater = this.#length;
    for (const host of touched) this.#settle(host, now);
    this.#serveTakers(now);
  }

  /**
   * The next lease or redirect whose host may be asked now, waiting for one if need be; its start counts from this moment.
   * `undefined` = closed. Take only with a permit in hand: between the start and the request nothing should wait.
   * @throws {CancelledError} when `signal` fires first.
   */
  take(signal?: AbortSignal): Promise<Lease | HopTurn | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    const next = this.tryTake();
    return next === undefined ? this.#takers.wait(undefined, signal) : Promise.resolve(next);
  }

  /** The same without waiting; `undefined` = none may start now. */
  tryTake(): Lease | HopTurn | undefined {
    if (this.#isClosed) return undefined;
    const now = this.#clock.now();
    // Hosts whose time has come although the timer is late; those who wait already have the first right to them.
    if (this.#promote(now)) this.#serveTakers(now);
    return this.#next(now);
  }

  /** The fetch of a lease or a turn has ended, whatever became of it: its host's slot comes back. */
  finished(host: string): void {
    const state = this.#hosts.find(host);
    if (state === undefined || state.inFlight === 0) {
      throw new CrawlError('ERR_INTERNAL', `no fetch of host ${host} is in flight`);
    }
    state.inFlight--;
    this.#inFlight--;
    this.#touch(state, this.#clock.now());
  }

  /**
   * What was started last at this host has to open a connection before its request can leave. Nothing else starts there until
   * `sent`, or for a second at most: two requests that got their turns a delay apart, the first with a handshake and the
   * second without, would reach the server together. Only hosts with a delay are held.
   */
  connecting(host: string): void {
    const state = this.#hosts.find(host);
    if (state === undefined || state.delayMs === 0 || this.#isClosed) return;
    const now = this.#clock.now();
    state.connecting(now);
    this.#touch(state, now);
  }

  /**
   * A request to this host leaves now: its delay counts from here. Also where none leaves after `connecting`.
   * @returns whether the host has a delay, so that it matters.
   */
  sent(host: string): boolean {
    const state = this.#hosts.find(host);
    if (state === undefined || this.#isClosed) return false;
    const now = this.#clock.now();
    state.sent(now);
    // The answer may bring a delay (robots.txt), which counts from here then.
    if (state.delayMs === 0) return false;
    this.#touch(state, now);
    return true;
  }

  /** Whether this host may be asked within `ms`, as far as its time goes. */
  startsWithin(host: string, ms: number): boolean {
    const state = this.#hosts.find(host);
    return state === undefined || state.nextStart <= this.#clock.now() + ms;
  }

  /** Requests that may run at a time at this host. */
  perHost(host: string): number {
    return this.#hosts.perHost(host);
  }

  /** `mayStartLease` says yes again. */
  poke(): void {
    if (!this.#isClosed) this.#serveTakers(this.#clock.now());
  }

  /** The host asks to be left this long from one start to the next; never makes it faster. Forgotten with the host. */
  raiseDelay(host: string, delayMs: number): void {
    const state = this.#hosts.find(host);
    if (state === undefined || state.pace.delayMs >= delayMs) return;
    state.setPace({ ...state.pace, delayMs });
    this.#touch(state, this.#clock.now());
  }

  /** `judge` may say something else now of a lease that this host's line waits for. */
  reconsider(host: string): void {
    const state = this.#hosts.find(host);
    if (state !== undefined) this.#touch(state, this.#clock.now());
  }

  /** Whether this host has something under way or in line, or the store may have more of it. */
  hasMore(host: string): boolean {
    const state = this.#hosts.find(host);
    return state !== undefined && !state.isIdle;
  }

  /** Leases of this host that wait for their start. */
  waitingAt(host: string): number {
    return this.#hosts.find(host)?.supply?.leases.length ?? 0;
  }

  /** Puts a lease back: it is ready again. A slot that it holds is given back by `finished`, not by this. */
  requeue(lease: Lease): void {
    if (this.#isClosed) return;
    const now = this.#clock.now();
    const { host, supply } = this.#hosts.supplied(lease, now);
    supply.leases.push(lease);
    this.#length++;
    this.#touch(host, now);
  }

  /**
   * No start of this host before a wall-clock time (`Retry-After`); never shortens a wait. Kept of a host that is not in
   * memory too: a redirect may lead there.
   */
  hold(host: string, untilWallMs: number): void {
    if (this.#isClosed) return;
    const state = this.#hosts.named(host);
    const now = this.#clock.now();
    this.#holdUntil(state, untilWallMs, now);
    this.#touch(state, now);
  }

  /**
   * The host refused a request that started `agoMs` ago, or gave no answer in time: it is asked less often from now on.
   * @returns how often; the same object as before where this says nothing new, `undefined` for a host not in memory.
   */
  slowDown(host: string, agoMs: number): Backoff | undefined {
    const state = this.#hosts.find(host);
    if (state === undefined || this.#isClosed) return undefined;
    const now = this.#clock.now();
    state.slowDown(now - agoMs, now);
    this.#touch(state, now);
    return state.backoff;
  }

  /** How far the host is slowed down; `undefined` = not at all. */
  backoffOf(host: string): Backoff | undefined {
    return this.#hosts.find(host)?.backoff;
  }

  /** The host answered: if it is slowed down, it gets a step faster. */
  recover(host: string): void {
    const state = this.#hosts.find(host);
    if (state?.backoff === undefined || this.#isClosed) return;
    state.recover();
    this.#touch(state, this.#clock.now());
  }

  /** Changes a host's pace to what was learnt since (its address turned out to be private). Forgotten with the host. */
  setPace(host: string, pace: HostPace): void {
    const state = this.#hosts.find(host);
    if (state === undefined) return;
    state.setPace(pace);
    this.#touch(state, this.#clock.now());
  }

  /**
   * Puts a redirect that leads to another host in line there, before the host's leases; it comes out of `take`. The page
   * must not hold a permit or a slot of another host meanwhile: two that wait for each other's would wait for ever.
   */
  offerTurn(turn: HopTurn): void {
    if (this.#isClosed) {
      turn.closed();
      return;
    }
    const host = this.#hosts.named(turn.host);
    host.addTurn(turn);
    this.#turns++;
    this.#touch(host, this.#clock.now());
  }

  /**
   * Waits for one more start within a slot that the caller holds: a redirect to the same host. It needs the host's time
   * only; asking for a second slot would wait for ever where `perHost` is 1.
   * @throws {CancelledError} when `signal` fires first, or the schedule is closed: the page stays queued for the next run.
   */
  async waitStep(name: string, signal?: AbortSignal): Promise<void> {
    if (this.#isClosed) throw runIsEnding();
    const host = this.#hosts.named(name);
    const started = host.waitStep(this.#clock, signal);
    this.#touch(host, this.#clock.now());
    await started;
  }

  /** Hosts that run low, with how many more leases each wants: for one claim, to be answered by one `offer`. */
  refills(): Refill[] {
    return this.#advice.refills(this.room);
  }

  /** How much else to ask for in the same claim. `max` 0 = the window is full. */
  claimSizes(): { newHosts: number; perNewHost: number; max: number } {
    return this.#advice.sizes(this.room, this.#takers.length > 0);
  }

  /** `passed` = leases started, `consumerWaits` = takers that had to wait. */
  gauge(): Gauge {
    return {
      capacity: this.#capacity,
      length: this.#length,
      highWater: this.#highWater,
      passed: this.#passed,
      producerWaits: 0,
      producerWaitMs: 0,
      consumerWaits: this.#takers.waits,
      consumerWaitMs: this.#takers.waitedMs,
    };
  }

  /** Ends it: takers get `undefined`, turns are told, steps cancelled. Requests under way may still finish. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#takers.resolveAll(undefined);
    for (const host of this.#hosts) host.closeWaiters(runIsEnding());
  }

  /** Reads every host in memory: for a look now and then. */
  #nextHost(): HostState | undefined {
    let next: HostState | undefined;
    for (const host of this.#hosts) {
      const waits = host.hasWork && host.hasFreeSlot;
      if (waits && (next === undefined || host.nextStart < next.nextStart)) next = host;
    }
    return next;
  }

  // ── Where a host belongs ────────────────────────────────────────────────────────────────────────────────────────

  /** After any event that touches one host. */
  #touch(host: HostState, now: number): void {
    this.#settle(host, now);
    this.#serveTakers(now);
  }

  /** Lets those go on who wait within a slot of the host, puts the host where it belongs, and notes if its leases run low. */
  #settle(host: HostState, now: number): void {
    if (this.#isClosed) return;
    this.#judgeHead(host);
    this.#advice.note(host);
    host.startSteps(now, this.#random);
    this.#file(host, now);
  }

  /** Takes leases out that may never be fetched, up to one that may. */
  #judgeHead({ supply }: HostState): void {
    if (supply === undefined) return;
    while (supply.cleared === undefined) {
      const head = supply.leases.peek();
      if (head === undefined) return;
      const verdict = this.#judge(head);
      if (verdict === 'wait') return;
      if (verdict === 'go') {
        supply.cleared = head;
        return;
      }
      supply.leases.shift();
      this.#length--;
    }
  }

  /** The only place where a host enters the heap or the line, or is forgotten. */
  #file(host: HostState, now: number): void {
    if (host.hasSpentSupply) this.#hosts.dropSupply(host);
    if (host.nextStart > now) {
      this.#timed.push(host);
      this.#setTimer(now);
      return;
    }
    this.#timed.remove(host);
    if (host.canStart(now, true)) {
      if (!host.isQueued) this.#ready.push(host);
      host.isQueued = true;
    } else if (host.isIdle) {
      this.#hosts.forget(host);
    }
  }

  /** Files the hosts whose time has come. True = there were any. */
  #promote(now: number): boolean {
    let found = false;
    for (let host = this.#timed.peek(); host !== undefined && host.nextStart <= now; host = this.#timed.peek()) {
      this.#settle(host, now);
      found = true;
    }
    return found;
  }

  /** Starts what the host whose turn it is has waiting; `undefined` = nothing may start now. */
  #next(now: number): Lease | HopTurn | undefined {
    const leasesToo = this.#mayStartLease();
    if (!leasesToo && this.#turns === 0) return undefined;
    // Each host in line once: those with leases only stay in line while leases may not start.
    for (let left = this.#ready.length; left > 0; left--) {
      const host = this.#ready.shift();
      if (host === undefined) break;
      host.isQueued = false;
      // It may have been held, slowed down or emptied since it was put in line: then it belongs elsewhere by now.
      const next = host.canStart(now, leasesToo) ? host.start(now, this.#random) : undefined;
      if (next !== undefined) this.#countStart(next);
      this.#settle(host, now);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  #countStart(next: Lease | HopTurn): void {
    this.#inFlight++;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    if ('kind' in next) {
      this.#turns--;
    } else {
      this.#length--;
      this.#passed++;
    }
  }

  #serveTakers(now: number): void {
    while (this.#takers.length > 0) {
      const next = this.#next(now);
      if (next === undefined) return;
      this.#takers.shift()?.resolve(next);
    }
  }

  /** One timer for all hosts. If the first of them leaves the heap, the timer fires in vain once: cheaper than moving it. */
  #setTimer(now: number): void {
    const first = this.#timed.peek();
    if (first === undefined || first.nextStart >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timerDue = first.nextStart;
    // Rounded up, as timers know whole milliseconds only; the check against `now()` is what decides in the end.
    this.#timer = this.#clock.after(Math.ceil(first.nextStart - now), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#timerDue = Infinity;
    const now = this.#clock.now();
    this.#promote(now);
    this.#serveTakers(now);
    this.#setTimer(now);
  }

  #holdUntil(host: HostState, untilWallMs: number, now: number): void {
    // Turned into monotonic time at once: a jump of the wall clock later neither frees nor locks the host.
    host.holdUntil(now + (untilWallMs - this.#clock.wallTime()));
  }
}

function runIsEnding(): CancelledError {
  return new CancelledError('the run is ending');
}
