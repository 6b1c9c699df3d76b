/**
 * Lets `AutoConcurrency` see what the fetchers do and gives the permits the number that it finds.
 *
 * In: a look at every sample of the run. Out: the decision, if there was one, for the run's record.
 */
import { availableParallelism } from 'node:os';
import type { FetchPermits } from '../concurrency/fetch-permits.ts';
import { AutoConcurrency, type AutoConcurrencyOptions, type Decision } from './auto-concurrency.ts';
import type { Fetchers } from './fetchers.ts';
import type { MachineLimits } from './machine-limits.ts';

export class Tuner {
  readonly #permits: FetchPermits;
  readonly #fetchers: Fetchers;
  readonly #limits: MachineLimits;
  readonly #auto: AutoConcurrency;
  #last: { at: number; ended: number; troubled: number; fetchMs: number; processorMs: number } | null = null;

  constructor(permits: FetchPermits, fetchers: Fetchers, limits: MachineLimits, options: AutoConcurrencyOptions) {
    this.#permits = permits;
    this.#fetchers = fetchers;
    this.#limits = limits;
    this.#auto = new AutoConcurrency(options);
  }

  /** @param now Monotonic ms. @param mainBusy Share of the time since the last look that the main thread was busy. */
  look(now: number, mainBusy: number): Decision | null {
    const { ended, troubled, fetchMs, waitingFor } = this.#fetchers;
    const { user, system } = process.cpuUsage();
    const last = this.#last;
    this.#last = { at: now, ended, troubled, fetchMs, processorMs: (user + system) / 1_000 };
    // While this machine runs out of descriptors or ports, that decides.
    if (last === null || now <= last.at || this.#limits.isLowered) return null;
    const elapsedMs = now - last.at;
    const decision = this.#auto.look({
      elapsedMs,
      ended: ended - last.ended,
      troubled: troubled - last.troubled,
      fetchMs: fetchMs - last.fetchMs,
      wantedMore: waitingFor === 'permit',
      processorShare: (this.#last.processorMs - last.processorMs) / elapsedMs / availableParallelism(),
      mainBusy,
    });
    if (decision !== null) this.#permits.setCapacity(decision.permits);
    return decision;
  }
}
