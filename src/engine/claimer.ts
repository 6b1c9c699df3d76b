/**
 * Keeps the host schedule filled from the frontier: asks for leases in batches, ahead of the fetchers, and never more than
 * the schedule has room for. A claim writes nothing, so leases that are never used cost nothing and need no return.
 *
 * In: `wake()` from whoever made room or work (a started fetch, a commit, an imported batch, a due retry).
 * Out: `schedule.offer`. Invariant: at most one claim is under way; a wake during it is remembered.
 */
import type { HostSchedule } from '../frontier/host-schedule.ts';
import type { Clock, Timer } from '../model/clock.ts';
import type { Frontier } from '../model/ports.ts';

/** Wakes within this time are served by one claim. */
const COALESCE_MS = 2;

export class Claimer {
  readonly #frontier: Frontier;
  readonly #schedule: HostSchedule;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #readyHosts = 0;
  #claiming = false;
  #again = false;
  #stopped = false;
  #soon: Timer | null = null;
  #due: Timer | null = null;
  #dueAt: number | null = null;

  constructor(frontier: Frontier, schedule: HostSchedule, clock: Clock, onFailure: (error: unknown) => void) {
    this.#frontier = frontier;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** What the store last said of hosts nobody holds; wakes when there are any. */
  heard(readyHosts: number, nextDueAt: number | null): void {
    this.#readyHosts = readyHosts;
    this.#armDue(nextDueAt);
    if (readyHosts > 0) this.wake();
  }

  /** When the store can next hand out a host, as far as it has said. */
  get nextDueAt(): number | null {
    return this.#dueAt;
  }

  wake(): void {
    if (this.#claiming) this.#again = true;
    if (this.#stopped || this.#claiming || this.#soon !== null) return;
    this.#soon = this.#clock.after(COALESCE_MS, () => {
      this.#soon = null;
      void this.#claimAll().catch(this.#onFailure);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#soon?.cancel();
    this.#due?.cancel();
  }

  async #claimAll(): Promise<void> {
    this.#claiming = true;
    try {
      while (!this.#stopped) {
        const refill = this.#schedule.refills();
        const sizes = this.#schedule.claimSizes();
        const newHosts = this.#readyHosts > 0 ? sizes.newHosts : 0;
        if (sizes.max === 0 || (refill.length === 0 && newHosts === 0)) break;
        const claim = await this.#frontier.claim({ refill, ...sizes, newHosts });
        if (this.#stopped) break;
        const now = this.#clock.now();
        for (const lease of claim.leases) lease.claimedAt = now;
        this.#schedule.offer(claim);
        this.#readyHosts = claim.readyHosts;
        this.#armDue(claim.nextDueAt);
        if (claim.leases.length === 0) break;
      }
    } finally {
      this.#claiming = false;
    }
    if (this.#again) {
      this.#again = false;
      this.wake();
    }
  }

  /** One timer for the earliest waiting retry of a host that nobody holds. */
  #armDue(nextDueAt: number | null): void {
    if (nextDueAt === this.#dueAt) return;
    this.#due?.cancel();
    this.#dueAt = nextDueAt;
    if (nextDueAt === null) return;
    this.#due = this.#clock.after(nextDueAt - this.#clock.wallTime() + 1, () => {
      this.#dueAt = null;
      this.#readyHosts = Math.max(1, this.#readyHosts);
      this.wake();
    });
  }
}
