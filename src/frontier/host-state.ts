/**
 * Frontier: what the schedule knows of one host: its pace, its starts so far, and what waits for it.
 *
 * One object per active host: about 350 bytes with its places in the tables (heap used by 100,000 of them, Node 24), as
 * lines for those who wait are made only when somebody does. Only `HostSchedule` and its parts touch it. It answers "may
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

export class HostState implements HeapEntry {
  readonly name: string;
  /** `host.id`; −1 while only hops from elsewhere have asked for it. */
  id = -1;
  pace: HostPace;
  /** Only while it is in trouble. */
  #backoff: Backoff | undefined;
  inFlight = 0;
  /** Monotonic ms. */
  lastStart: number = -Infinity;
  /** No start before, by `Retry-After`. Never shortened. */
  heldUntil: number = -Infinity;
  /** No start before, by the pace: the delay since the last start. */
  #paceUntil = -Infinity;
  /** No start before, because the last one still has to open its connection: its request has not left yet. */
  #connectingUntil = -Infinity;
  heapIndex = -1;
  /** Stands in the line of hosts that are ready. */
  isQueued = false;
  /** Handed out by the store and not yet taken back: more leases can be asked for. */
  isHeld = false;
  readonly leases: Deque<Lease> = new Deque<Lease>();
  /** Leases to hold at most (`host-window.ts`), and when they were last filled up. */
  window = 0;
  filledAt: number = -Infinity;
  /** Those who hold a slot of this host and wait only for its time (a redirect to itself). */
  #steps: WaitList<void> | undefined;
  /** Those who wait for a time, a slot and a permit (a redirect from another host). */
  #turns: Deque<HopTurn> | undefined;

  constructor(name: string, pace: HostPace) {
    this.name = name;
    this.pace = pace;
  }

  /** No start before. Key of the heap of hosts: whatever changes it files the host anew. */
  get nextStart(): number {
    return Math.max(this.#paceUntil, this.heldUntil, this.#connectingUntil);
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

  /** Leases run low: half of the window or less is left, and the store may have more. */
  get isLow(): boolean {
    return this.isHeld && this.leases.length * 2 <= this.window;
  }

  get hasWork(): boolean {
    return this.leases.length > 0 || (this.#steps?.length ?? 0) > 0 || (this.#turns?.length ?? 0) > 0;
  }

  /** Nothing would be lost by forgetting it, provided that it owes no delay any more. */
  get isIdle(): boolean {
    return !this.isHeld && !this.isQueued && this.inFlight === 0 && !this.hasWork;
  }

  /** May a turn, or a lease where leases are wanted, start now? */
  canStart(now: number, leasesToo: boolean): boolean {
    const waits = (leasesToo && this.leases.length > 0) || (this.#turns?.length ?? 0) > 0;
    return waits && this.nextStart <= now && this.hasFreeSlot;
  }

  /** Marks a start (`canStart` must hold) of its oldest turn, else of its oldest lease: turns are half done. */
  start(now: number, random: Random): HopTurn | Lease | undefined {
    this.inFlight++;
    this.#markStart(now, random);
    return this.#turns?.shift() ?? this.leases.shift();
  }

  addTurn(turn: HopTurn): void {
    this.#turns ??= new Deque<HopTurn>();
    this.#turns.push(turn);
  }

  /** Starts those who hold a slot and wait for the host's time only, as far as that is allowed now. */
  startSteps(now: number, random: Random): void {
    while (this.nextStart <= now) {
      const step = this.#steps?.shift();
      if (step === undefined) return;
      this.#markStart(now, random);
      step.resolve();
    }
  }

  /** Waits for a start within a slot that the caller holds. */
  waitStep(clock: Clock, signal: AbortSignal | undefined): Promise<void> {
    this.#steps ??= new WaitList({ clock });
    return this.#steps.wait(undefined, signal);
  }

  closeWaiters(reason: Error): void {
    this.#steps?.rejectAll(reason);
    for (let turn = this.#turns?.shift(); turn !== undefined; turn = this.#turns?.shift()) turn.closed();
  }

  /** The last start opens a connection first. Until its request leaves, the gap to the next one cannot be known. */
  connecting(now: number): void {
    if (this.delayMs > 0) this.#connectingUntil = now + CONNECTING_MS;
  }

  /** A request leaves now: this, not the moment when it got its turn, is what the server sees. */
  sent(now: number): void {
    this.#connectingUntil = -Infinity;
    if (this.delayMs === 0) return;
    // As late as the request: the next start is as far from it as it was from the turn.
    this.#paceUntil = Math.max(this.#paceUntil + now - this.lastStart, now + this.#spacingMs);
    this.lastStart = now;
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
    if (this.delayMs === 0) this.#connectingUntil = -Infinity;
    this.#paceUntil = Math.max(this.#paceUntil, this.lastStart + this.#spacingMs);
  }

  #markStart(now: number, random: Random): void {
    this.lastStart = now;
    const { jitter = 0 } = this.pace;
    const extraMs = jitter > 0 ? this.delayMs * jitter * random() : 0;
    this.#paceUntil = Math.max(this.#paceUntil, now + this.#spacingMs + extraMs);
  }

  get #spacingMs(): number {
    const { delayMs } = this;
    return delayMs > 0 ? delayMs + START_GUARD_MS : 0;
  }
}
