/**
 * Which host may be handed out next: the frontier's memory, about 9 bytes a host and 4 more while it is ready. Pure: it
 * knows hosts by number and time, never touches the database, and can be rebuilt from it at any moment.
 *
 *              addWork                     take                     release
 *     idle ───────────────► ready (ring) ─────────► held by main ─────────────► idle, or parked
 *      │                      ▲   ▲                                               if a retry waits
 *      │ addRetry, later      │   │ addWork (fresh URLs need not wait for the retry)
 *      └──────────────────► parked (heap by due time)
 *
 * The ring makes hosts take turns. A host whose `Retry-After` has not passed is parked until then, whatever it has to do.
 * "Ready" is a hint: if its URLs were settled meanwhile, the claim finds nothing and releases it.
 */
import { DueHeap, grown } from './due-heap.ts';

const IDLE = 0;
const READY = 1;
const HELD = 2;
const PARKED = 3;

export class ReadyHosts {
  #states = new Uint8Array(64);
  /** Ready hosts in the order they became ready; a circular buffer that may hold entries of hosts no longer ready. */
  #ring = new Uint32Array(64);
  #ringHead = 0;
  #ringLength = 0;
  #readyCount = 0;
  readonly #parked = new DueHeap();
  /** Only hosts that asked to be left alone. */
  readonly #pausedUntil = new Map<number, number>();

  /** Hosts that can be taken now. */
  get readyCount(): number {
    return this.#readyCount;
  }

  /** When the next parked host becomes ready; `null` = none is parked. */
  get nextDueAt(): number | null {
    return this.#parked.earliest;
  }

  /** Which host that is. */
  get nextDueHost(): number | null {
    return this.#parked.earliestHost;
  }

  isHeld(host: number): boolean {
    return this.#stateOf(host) === HELD;
  }

  /** The host has a URL that can be claimed at once. */
  addWork(host: number, now: number): void {
    const state = this.#stateOf(host);
    if (state === READY || state === HELD) return;
    const until = this.#pauseOf(host, now);
    if (until > now) this.#park(host, until);
    else this.#makeReady(host);
  }

  /** The host has a retry that can be claimed at `at`. */
  addRetry(host: number, at: number, now: number): void {
    if (at <= now) {
      this.addWork(host, now);
      return;
    }
    const state = this.#stateOf(host);
    if (state === READY || state === HELD) return;
    const time = Math.max(at, this.#pauseOf(host, now));
    const parkedAt = this.#parked.timeOf(host);
    if (parkedAt === null || time < parkedAt) this.#park(host, time);
  }

  /** The host is to be left alone until then. A held host is its holder's to pause. */
  pause(host: number, until: number): void {
    this.#pausedUntil.set(host, Math.max(until, this.#pausedUntil.get(host) ?? 0));
    const parkedAt = this.#parked.timeOf(host);
    if (parkedAt !== null && parkedAt < until) this.#park(host, until);
  }

  /** Moves parked hosts whose time has come to the ring. */
  promote(now: number): void {
    for (let host = this.#parked.takeDue(now); host !== null; host = this.#parked.takeDue(now)) this.#makeReady(host);
  }

  /** The host whose turn it is, now held; `null` = none is ready. */
  take(now: number): number | null {
    while (this.#readyCount > 0) {
      const host = this.#ring[this.#ringHead] ?? 0;
      this.#ringHead = (this.#ringHead + 1) % this.#ring.length;
      this.#ringLength--;
      if (this.#stateOf(host) !== READY) continue;
      this.#readyCount--;
      const until = this.#pauseOf(host, now);
      if (until > now) {
        this.#park(host, until);
        continue;
      }
      this.#setState(host, HELD);
      return host;
    }
    return null;
  }

  /** Takes a particular host out of turn: a refill of a host that was given back meanwhile. */
  hold(host: number): void {
    const state = this.#stateOf(host);
    if (state === READY) this.#readyCount--;
    if (state === PARKED) this.#parked.delete(host);
    this.#setState(host, HELD);
  }

  /** The host has nothing to claim now; `nextDueAt` is when its next retry can be, or `null`. */
  release(host: number, nextDueAt: number | null, now: number): void {
    this.#setState(host, IDLE);
    if (nextDueAt !== null) this.addRetry(host, nextDueAt, now);
  }

  #makeReady(host: number): void {
    if (this.#stateOf(host) === PARKED) this.#parked.delete(host);
    this.#setState(host, READY);
    this.#readyCount++;
    if (this.#ringLength === this.#ring.length) this.#growRing();
    this.#ring[(this.#ringHead + this.#ringLength) % this.#ring.length] = host;
    this.#ringLength++;
  }

  #park(host: number, time: number): void {
    this.#setState(host, PARKED);
    this.#parked.set(host, time);
  }

  #pauseOf(host: number, now: number): number {
    const until = this.#pausedUntil.get(host) ?? 0;
    if (until !== 0 && until <= now) this.#pausedUntil.delete(host);
    return until;
  }

  #stateOf(host: number): number {
    return this.#states[host] ?? IDLE;
  }

  #setState(host: number, state: number): void {
    if (host >= this.#states.length) this.#states = grown(this.#states, host + 1, Uint8Array);
    this.#states[host] = state;
  }

  #growRing(): void {
    const larger = new Uint32Array(this.#ring.length * 2);
    for (let i = 0; i < this.#ringLength; i++) larger[i] = this.#ring[(this.#ringHead + i) % this.#ring.length] ?? 0;
    this.#ring = larger;
    this.#ringHead = 0;
  }
}
