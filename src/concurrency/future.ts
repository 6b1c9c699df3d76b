/**
 * Concurrency: the future, the result of work that somebody else does. A promise (`result()`) that can also be looked at
 * (`state`), and given up before it begins (`cancel`). It is no promise itself: a promise cannot be handed over by a promise
 * without being awaited on the way, so `asCompleted` could not yield it.
 *
 *     pending ──► done | failed | cancelled        each exactly once, and for good
 *
 * Callbacks of `onSettled` run one after the other, in the order in which they were given, and are *isolated*: one that
 * throws disturbs neither the others nor the work; it is counted in `callbackErrors`. Each runs exactly once, also when it
 * comes after the end.
 *
 * A failure does not vanish: where nobody asked a failed future (`result`, `onSettled`, `asCompleted`, `waitFor`), Node
 * reports an unhandled rejection. A cancelled one is silent, because somebody wanted it so.
 */
import { systemClock, type Clock } from '../model/clock.ts';
import { CancelledError } from '../model/errors.ts';
import type { Traced } from './tracer.ts';
import { WaitList } from './wait-list.ts';

export type FutureState = 'pending' | 'done' | 'failed' | 'cancelled';

/** How somebody waits for futures. */
export interface FutureWait extends Traced {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** The line for one wait for futures. */
export function futureWaiters({ clock = systemClock, name = 'a result', tracer }: FutureWait): WaitList<void> {
  return new WaitList({ clock, name, tracer });
}

/** The side of whoever does the work. Settling twice does nothing: the first one counts. */
export interface Resolver<T> {
  readonly future: Future<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class Future<T> {
  readonly #promise: Promise<T>;
  readonly #resolvers: PromiseWithResolvers<T>;
  readonly #onCancel: (() => boolean) | undefined;
  #callbacks: ((future: Future<T>) => void)[] = [];
  #callbackErrors = 0;
  #state: FutureState = 'pending';

  private constructor(onCancel: (() => boolean) | undefined) {
    this.#resolvers = Promise.withResolvers<T>();
    this.#promise = this.#resolvers.promise;
    this.#onCancel = onCancel;
  }

  /** A future and its other side. `onCancel` gives the work up and says whether that was still possible. */
  static withResolver<T>(onCancel?: () => boolean): Resolver<T> {
    const future = new Future<T>(onCancel);
    return {
      future,
      resolve: (value) => future.#settle('done', () => future.#resolvers.resolve(value)),
      reject: (error) => future.#settle('failed', () => future.#resolvers.reject(error)),
    };
  }

  /** A promise as a future. */
  static of<T>(promise: PromiseLike<T>): Future<T> {
    const { future, resolve, reject } = Future.withResolver<T>();
    promise.then(resolve, reject);
    return future;
  }

  get state(): FutureState {
    return this.#state;
  }

  get isSettled(): boolean {
    return this.#state !== 'pending';
  }

  /** Callbacks that threw. */
  get callbackErrors(): number {
    return this.#callbackErrors;
  }

  /** Its value. @throws what it failed with. @throws {CancelledError} when the signal fires first: the work goes on. */
  async result(options: FutureWait = {}): Promise<T> {
    if (options.signal === undefined && options.tracer === undefined) return await this.#promise;
    const waiting = futureWaiters(options);
    this.onSettled(() => waiting.resolveAll());
    if (!this.isSettled) await waiting.wait(undefined, options.signal);
    return await this.#promise;
  }

  /** Calls `callback` once it is settled; at once where it is. */
  onSettled(callback: (future: this) => void): void {
    this.#observe();
    if (this.isSettled) this.#call(callback as (future: Future<T>) => void);
    else this.#callbacks.push(callback as (future: Future<T>) => void);
  }

  /** Gives the work up if it has not begun. @returns whether it was; then the future is cancelled. */
  cancel(): boolean {
    if (this.isSettled || this.#onCancel?.() !== true) return false;
    this.#observe();
    this.#settle('cancelled', () =>
      this.#resolvers.reject(new CancelledError('the task was cancelled before it began')),
    );
    return true;
  }

  #settle(state: FutureState, settlePromise: () => void): void {
    if (this.isSettled) return;
    this.#state = state;
    settlePromise();
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) this.#call(callback);
  }

  #call(callback: (future: Future<T>) => void): void {
    try {
      callback(this);
    } catch {
      this.#callbackErrors++;
    }
  }

  /** From now on somebody knows of a failure. */
  #observe(): void {
    this.#promise.catch(() => undefined);
  }
}
