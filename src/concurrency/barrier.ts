/**
 * Concurrency: the barrier. `parties` callers wait for each other; the last one to come lets all of them go on together.
 * Then it is closed again, for the next round.
 *
 * Invariant: fewer than `parties` callers wait at any time, and a round lets exactly `parties` of them pass. A caller that
 * is cancelled has not come: it takes its arrival back and the others wait for somebody else.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import { requireAtLeastOne } from './require.ts';
import type { Traced } from './tracer.ts';
import { cancellation, WaitList } from './wait-list.ts';

export interface BarrierOptions extends Traced {
  /** Integer ≥ 1. */
  readonly parties: number;
  readonly clock?: Clock;
}

export class Barrier {
  readonly parties: number;
  readonly #waiters: WaitList<number>;
  #round = 0;
  #isClosed = false;

  constructor(options: BarrierOptions) {
    this.parties = requireAtLeastOne('parties of a barrier', options.parties);
    const { clock = systemClock, name = 'barrier', tracer } = options;
    this.#waiters = new WaitList({ clock, name: `the others at ${name}`, tracer });
  }

  /** Callers that have come and wait for the rest. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * Waits for the other parties. Resolves to the number of the round, from 0 on.
   * @throws {CancelledError} when `signal` fires first. @throws {CrawlError} ERR_CLOSED if closed, also while waiting.
   */
  wait(signal?: AbortSignal): Promise<number> {
    if (this.#isClosed) return Promise.reject(closedError());
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    if (this.#waiters.length + 1 < this.parties) return this.#waiters.wait(undefined, signal);
    const round = this.#round++;
    this.#waiters.resolveAll(round);
    return Promise.resolve(round);
  }

  /** A party will not come any more: nobody passes, those who wait are rejected. */
  close(): void {
    this.#isClosed = true;
    this.#waiters.rejectAll(closedError());
  }
}

function closedError(): CrawlError {
  return new CrawlError('ERR_CLOSED', 'the barrier is closed: a party will not come');
}
