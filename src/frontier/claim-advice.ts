/**
 * Frontier: what to ask the store for. Watches which hosts run low on leases and divides the free room of the window
 * between them and new hosts. Only `HostSchedule` touches it; it reads host states and writes only their window.
 */
import type { HostState, Supply } from './host-state.ts';
import { firstWindow, nextWindow } from './host-window.ts';

export interface Refill {
  readonly hostId: number;
  /** Leases wanted. */
  readonly want: number;
}

export class ClaimAdvice {
  readonly #capacity: number;
  /** Hosts that run low, longest first. */
  readonly #low = new Set<HostState>();
  /** `perHost` of the newest host: the best guess for those to come. */
  #usualPerHost = 1;

  /** @param capacity leases of all hosts together. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** A host was handed out. */
  admit(host: HostState): void {
    this.#usualPerHost = host.pace.perHost;
  }

  /** To be told after every change of a host's leases, or of whether it is held. */
  note(host: HostState): void {
    if (host.supply?.isLow === true) this.#low.add(host);
    else this.#low.delete(host);
  }

  /** To be told just before a refill's leases are added: how the last ones were used up says what the window should be. */
  adaptWindow(host: HostState, supply: Supply, now: number): void {
    const use = {
      window: supply.window,
      lastedMs: now - supply.filledAt,
      isStarved: supply.leases.length === 0 && host.hasFreeSlot && host.nextStart <= now,
    };
    supply.window = nextWindow(use, firstWindow(host.pace.perHost, this.#capacity), this.#capacity);
  }

  /** A quarter of the room is left to new hosts: a few fast ones would else take all of it, and no other would begin. */
  refills(room: number): Refill[] {
    const refills: Refill[] = [];
    let left = room - (room >> 2);
    for (const { supply } of this.#low) {
      if (left <= 0) break;
      if (supply === undefined) continue;
      const want = Math.min(left, supply.window - supply.leases.length);
      refills.push({ hostId: supply.hostId, want });
      left -= want;
    }
    return refills;
  }

  /**
   * What to ask for besides those refills. New hosts are asked for by the portion, since each claim is a message to another
   * thread and back: one for every two fetches would cost a broad crawl more than the fetches do; unless a fetcher starves.
   */
  sizes(room: number, isStarving: boolean): { newHosts: number; perNewHost: number; max: number } {
    const perNewHost = firstWindow(this.#usualPerHost, this.#capacity);
    if (room < this.#capacity >> 3 && !isStarving) return { newHosts: 0, perNewHost, max: room };
    const refilled = this.refills(room).reduce((sum, refill) => sum + refill.want, 0);
    // As many as fit if each has one URL; `max` ends the claim where they have more.
    const newHosts = Math.min(room - refilled, Math.max(1, this.#capacity >> 2));
    return { newHosts, perNewHost, max: room };
  }
}
