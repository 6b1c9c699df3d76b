/**
 * Concurrency: the line in which callers wait. Every waiting in this folder goes through here: for room in a queue, for an
 * item, for a permit, for bytes.
 *
 * In: `wait()` puts a caller at the end of the line and returns a promise. Out: the owner takes the first one with
 * `shift()` and settles it. A caller leaves the line in exactly one of three ways: shifted by the owner, cancelled by its
 * own signal, or rejected with all others. Leaving takes it out of the list *before* its promise settles, so whoever has
 * been shifted can no longer be cancelled and whoever has been cancelled can no longer be shifted: nothing that is handed
 * over gets lost between the two. Cancelling costs O(1), because the list is doubly linked.
 *
 * The line also measures itself: how often somebody had to wait, and for how long in all.
 */
import type { Clock } from '../model/clock.ts';
import { CancelledError } from '../model/errors.ts';
import type { Traced, Tracer } from './tracer.ts';

/** A caller that has left the line and is to be settled by whoever shifted it. */
export interface Waiter<V, D> {
  /** What the caller brought along. */
  readonly data: D;
  /** Who waits, in the tracer's words. */
  readonly caller: unknown;
  readonly resolve: (value: V) => void;
  readonly reject: (reason: Error) => void;
}

interface Place<V, D> extends Waiter<V, D> {
  ahead: Place<V, D> | undefined;
  behind: Place<V, D> | undefined;
  /** Removes the listener from the caller's signal. */
  readonly stopListening: (() => void) | undefined;
}

export interface WaitListOptions<D> extends Traced {
  readonly clock: Clock;
  /** Who goes first, where it is not the one who came first. Ties keep the order of arrival. */
  readonly goesBefore?: (a: D, b: D) => boolean;
  /** Told after a caller's signal has taken it out of the line. */
  readonly onCancel?: (data: D) => void;
}

/** `V`: what a caller waits for. `D`: what it brings along. */
export class WaitList<V, D = void> {
  readonly #clock: Clock;
  readonly #goesBefore: ((a: D, b: D) => boolean) | undefined;
  readonly #onCancel: ((data: D) => void) | undefined;
  readonly #tracer: Tracer | undefined;
  readonly #name: string;
  #first: Place<V, D> | undefined;
  #last: Place<V, D> | undefined;
  #length = 0;
  #waits = 0;
  /** The number of callers waiting, integrated over time: exact at `#measuredAt`. */
  #waitedMs = 0;
  #measuredAt = 0;

  constructor(options: WaitListOptions<D>) {
    this.#clock = options.clock;
    this.#goesBefore = options.goesBefore;
    this.#onCancel = options.onCancel;
    this.#tracer = options.tracer;
    this.#name = options.name ?? '';
  }

  /** Callers in the line now. */
  get length(): number {
    return this.#length;
  }

  /** Callers that ever had to wait. */
  get waits(): number {
    return this.#waits;
  }

  /** Time waited by all callers together, ms, those still waiting included: 3 callers for 2 s are 6,000. */
  get waitedMs(): number {
    this.#measure();
    return this.#waitedMs;
  }

  /** The first in the line, left there. */
  peek(): D | undefined {
    return this.#first?.data;
  }

  /** Waits until the owner settles it. @throws {CancelledError} when `signal` fires first, or has fired already. */
  wait(data: D, signal?: AbortSignal): Promise<V> {
    if (signal?.aborted === true) return Promise.reject(cancellation(signal));
    return new Promise((resolve, reject) => {
      let stopListening: (() => void) | undefined;
      if (signal !== undefined) {
        const cancel = (): void => {
          this.#remove(place);
          reject(cancellation(signal));
          this.#onCancel?.(data);
        };
        signal.addEventListener('abort', cancel);
        stopListening = () => signal.removeEventListener('abort', cancel);
      }
      const caller = this.#tracer?.caller();
      const place: Place<V, D> = { data, caller, resolve, reject, ahead: undefined, behind: undefined, stopListening };
      this.#insert(place);
    });
  }

  /** Takes the first one out of the line; the caller of `shift` must settle it. `undefined` when nobody waits. */
  shift(): Waiter<V, D> | undefined {
    const first = this.#first;
    if (first !== undefined) this.#remove(first);
    return first;
  }

  /** Takes out whoever brought `data`, wherever it stands. Linear, for rare cases. */
  reject(data: D, reason: Error): void {
    for (let place = this.#first; place !== undefined; place = place.behind) {
      if (place.data !== data) continue;
      this.#remove(place);
      place.reject(reason);
      return;
    }
  }

  /** Settles everybody with the same value. */
  resolveAll(value: V): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) waiter.resolve(value);
  }

  rejectAll(reason: Error): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) waiter.reject(reason);
  }

  #insert(place: Place<V, D>): void {
    this.#measure();
    this.#length++;
    this.#waits++;
    // From the back, because a newcomer usually belongs there.
    let ahead = this.#last;
    while (ahead !== undefined && this.#goesBefore?.(place.data, ahead.data) === true) ahead = ahead.ahead;
    place.ahead = ahead;
    place.behind = ahead === undefined ? this.#first : ahead.behind;
    if (place.behind === undefined) this.#last = place;
    else place.behind.ahead = place;
    if (ahead === undefined) this.#first = place;
    else ahead.behind = place;
    this.#tracer?.waits(place.caller, this.#name);
  }

  #remove(place: Place<V, D>): void {
    this.#measure();
    this.#length--;
    if (place.ahead === undefined) this.#first = place.behind;
    else place.ahead.behind = place.behind;
    if (place.behind === undefined) this.#last = place.ahead;
    else place.behind.ahead = place.ahead;
    place.stopListening?.();
    this.#tracer?.resumes(place.caller, this.#name);
  }

  #measure(): void {
    const now = this.#clock.now();
    this.#waitedMs += this.#length * (now - this.#measuredAt);
    this.#measuredAt = now;
  }
}

/** The error that a wait ends with when its signal fires: the signal's own reason where that is a `CancelledError`. */
export function cancellation(signal: AbortSignal): CancelledError {
  const reason: unknown = signal.reason;
  return reason instanceof CancelledError ? reason : new CancelledError();
}
