/**
 * Frontier: what the schedule knows of one host: its pace, its starts so far, and what waits for it.
 *
 * One object per active host: 176 bytes with its places in the tables (`test/bench/hosts.ts`). So what few hosts have at a
 * time is an object of its own: leases (`Supply`), those who wait, the back-off. And times are whole ms, rounded up: integers
 * lie in the object itself, fractions each in one of their own. Only `HostSchedule` and its parts touch it. It answers "may
 * something start now?" and marks a start; finding out *when* to ask is the schedule's part.
 *
 * Politeness is kept here and nowhere else, in two lines: a start needs `now ≥ nextStart`, and it needs a free slot
 * (`inFlight < perHost`). Each start sets `nextStart` anew.
 */
import type { HeapEntry } from '../concurrency/heap.ts';
import { Deque } from '../concurrency/deque.ts';
import { WaitList } from '../concurrency/wait-list.ts';
import type { Clock, Random } from '../model/clock.ts';
import type { Lease } from '../model/lease.ts';
import { recovered, slowedDown, type Backoff } from './backoff.ts';

/** How fast one host may be asked. */
export interface HostPace {
  /** Fetches of this host in flight at most: an integer ≥ 1. */
  readonly perHost: number;
  /** Least time from one start to the next, ms; includes the rate. 0 = none. */
  readonly delayMs: number;
  /** Share of the delay that is added to it at random, 0 to 1. Default 0. */
  readonly jitter?: number;
}

/**
 * A redirect that leads to another host, waiting for its turn there: the page has given up its permit and its slot, and
 * comes out of `take` like a lease, to whoever has a permit for it.
 */
export interface HopTurn {
  readonly kind: 'hop';
  /** Host name without port. */
  readonly host: string;
  /** The schedule was closed: the turn will not come. */
  closed(): void;
}

/**
 * How long a fetch that opens a connection may hold up the next start of its host, ms. Longer than any usual handshake; a host
 * that does not answer at all must not be tried one URL at a time.
 */
export const CONNECTING_MS = 1_000;

/**
 * Added to every delay, ms. What counts is the gap that the server sees, and we mark a start a moment before the request
 * leaves: a start marked on time but sent late by a busy event loop, followed by one sent promptly, would arrive with a
 * gap just short of the delay. Timers also fire up to 1 ms early by the monotonic clock.
 */
export const START_GUARD_MS = 2;

/** Before any start; an integer, so that times stay integers. */
const LONG_AGO = -1_000_000_000;

/** What the store has handed out of one host. */
export class Supply {
  readonly hostId: number;
  /** Handed out and not yet taken back: more leases can be asked for. */
  isHeld = false;
  readonly leases: Deque<Lease> = new Deque<Lease>();
  /** The lease at the head, once it is known that it may be fetched. Until then the host is parked: see `LeaseVerdict`. */
  cleared: Lease | undefined;
  /** Leases to hold at most (`host-window.ts`), and when they were last filled up. */
  window: number;
  filledAt: number;

  constructor(hostId: number, window: number, filledAt: number) {
    this.hostId = hostId;
    this.window = window;
    this.filledAt = filledAt;
  }

  takeCleared(): Lease | undefined {
    this.cleared = undefined;
    return this.leases.shift();
  }

  /** Leases run low: half of the window or less is left, and the store may have more. */
  get isLow(): boolean {
    return this.isHeld && this.leases.length * 2 <= this.window;
  }
}

/** Redirects that wait for their host. */
class Redirects {
  /** For a time, a slot and a permit: those from another host. */
  readonly turns = new Deque<HopTurn>();
  /** For its time only, within a slot that they hold: those from this host to itself. */
  steps: WaitList<void> | undefined;
}

export class HostState implements HeapEntry {
  readonly name: string;
  pace: HostPace;
  /** Only while it is in trouble. */
  #backoff: Backoff | undefined;
  inFlight = 0;
  /** Monotonic ms, as all times here. */
  #lastStart = LONG_AGO;
  /** No start before, by `Retry-After`. */
  #heldUntil = LONG_AGO;
  /** No start before, by the pace: the delay since the last start. */
  #paceUntil = LONG_AGO;
  /** No start before, because the last one still has to open its connection: its request has not left yet. */
  #connectingUntil = LONG_AGO;
  heapIndex = -1;
  /** Stands in the line of hosts that are ready. */
  isQueued = false;
  /** Only while the store has handed it out or leases of it wait: `HostTable` gives and takes it. */
  supply: Supply | undefined;
  #redirects: Redirects | undefined;

  constructor(name: string, pace: HostPace) {
    this.name = name;
    this.pace = pace;
  }

  /** No start before. Key of the heap of hosts: whatever changes it files the host anew. */
  get nextStart(): number {
    return Math.max(this.#paceUntil, this.#heldUntil, this.#connectingUntil);
  }

  get hasFreeSlot(): boolean {
    return this.inFlight < (this.#backoff === undefined ? this.pace.perHost : Math.floor(this.#backoff.slots));
  }

  /** Least time from one start to the next, ms. */
  get delayMs(): number {
    return this.#backoff === undefined ? this.pace.delayMs : this.pace.delayMs + this.#backoff.extraMs;
  }

  get backoff(): Backoff | undefined {
    return this.#backoff;
  }

  get #hasLeases(): boolean {
    return this.supply !== undefined && this.supply.leases.length > 0;
  }

  get #hasTurns(): boolean {
    return this.#redirects !== undefined && this.#redirects.turns.length > 0;
  }

  get hasWork(): boolean {
    return this.#hasLeases || this.#hasTurns || (this.#redirects?.steps?.length ?? 0) > 0;
  }

  /** Its supply is used up and the store has no more: it may be taken away. */
  get hasSpentSupply(): boolean {
    return this.supply !== undefined && !this.supply.isHeld && this.supply.leases.length === 0;
  }

  /** Nothing would be lost by forgetting it, provided that it owes no delay any more. */
  get isIdle(): boolean {
    return this.supply?.isHeld !== true && !this.isQueued && this.inFlight === 0 && !this.hasWork;
  }

  /** May a turn, or a lease where leases are wanted, start now? */
  canStart(now: number, leasesToo: boolean): boolean {
    const waits = (leasesToo && this.supply?.cleared !== undefined) || this.#hasTurns;
    return waits && this.nextStart <= now && this.hasFreeSlot;
  }

  /** Marks a start (`canStart` must hold) of its oldest turn, else of its oldest lease: turns are half done. */
  start(now: number, random: Random): HopTurn | Lease | undefined {
    this.inFlight++;
    this.#markStart(now, random);
    return this.#redirects?.turns.shift() ?? this.supply?.takeCleared();
  }

  addTurn(turn: HopTurn): void {
    this.#redirects ??= new Redirects();
    this.#redirects.turns.push(turn);
  }

  /** Starts those who hold a slot and wait for the host's time only, as far as that is allowed now. */
  startSteps(now: number, random: Random): void {
    while (this.nextStart <= now) {
      const step = this.#redirects?.steps?.shift();
      if (step === undefined) return;
      this.#markStart(now, random);
      step.resolve();
    }
  }

  /** Waits for a start within a slot that the caller holds. */
  waitStep(clock: Clock, signal: AbortSignal | undefined): Promise<void> {
    this.#redirects ??= new Redirects();
    this.#redirects.steps ??= new WaitList({ clock });
    return this.#redirects.steps.wait(undefined, signal);
  }

  closeWaiters(reason: Error): void {
    this.#redirects?.steps?.rejectAll(reason);
    const turns = this.#redirects?.turns;
    for (let turn = turns?.shift(); turn !== undefined; turn = turns?.shift()) turn.closed();
  }

  /** Never shortens a hold. */
  holdUntil(time: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, Math.ceil(time));
  }

  /** The last start opens a connection first. Until its request leaves, the gap to the next one cannot be known. */
  connecting(now: number): void {
    if (this.delayMs > 0) this.#connectingUntil = Math.ceil(now) + CONNECTING_MS;
  }

  /** A request leaves now: this, not the moment when it got its turn, is what the server sees. */
  sent(now: number): void {
    this.#connectingUntil = LONG_AGO;
    // As late as the request: the next start is as far from it as it was from the turn.
    const sentAt = Math.ceil(now);
    if (this.delayMs > 0) this.#waitFor(sentAt + Math.max(this.#spacingMs, this.#paceUntil - this.#lastStart));
    this.#lastStart = sentAt;
  }

  /** Holds from the last start on, if it is slower than the pace so far; from the next start on, if it is faster. */
  setPace(pace: HostPace): void {
    this.pace = pace;
    this.#paceChanged();
  }

  /** It refused a request that started at `startedAt` (`backoff.ts`). */
  slowDown(startedAt: number, now: number): void {
    this.setBackoff(slowedDown(this.#backoff, this.pace.perHost, startedAt, now));
  }

  /** It answered. */
  recover(): void {
    if (this.#backoff !== undefined) this.setBackoff(recovered(this.#backoff, this.pace.perHost));
  }

  setBackoff(backoff: Backoff | undefined): void {
    this.#backoff = backoff;
    this.#paceChanged();
  }

  #paceChanged(): void {
    if (this.delayMs === 0) {
      this.#connectingUntil = LONG_AGO;
      return;
    }
    this.#waitFor(this.#lastStart + this.#spacingMs);
  }

  #markStart(now: number, random: Random): void {
    this.#lastStart = Math.ceil(now);
    // Rounded up, even no delay at all would keep a host waiting for the rest of the millisecond.
    if (this.delayMs === 0) return;
    const { jitter = 0 } = this.pace;
    const extraMs = jitter > 0 ? this.delayMs * jitter * random() : 0;
    this.#waitFor(this.#lastStart + this.#spacingMs + extraMs);
  }

  #waitFor(time: number): void {
    this.#paceUntil = Math.max(this.#paceUntil, Math.ceil(time));
  }

  get #spacingMs(): number {
    const { delayMs } = this;
    return delayMs > 0 ? delayMs + START_GUARD_MS : 0;
  }
}
