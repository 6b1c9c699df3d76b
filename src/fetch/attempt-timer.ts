/**
 * Fetch stage: the one timer of an attempt. It knows every time limit: connection and headers within `timeoutMs`, no pause
 * of `timeoutMs` in the body, a minimum rate, and what is left of the URL's deadline.
 *
 * Exact to the millisecond, and cheap: a limit only ever moves later, so a timer once armed is left alone and looks at
 * the time stamps when it fires. A normal page costs one timer in all, a chunk costs one reading of the clock.
 *
 * Invariants: time in which we held the attempt back (no bytes granted, another host's turn) or in which this process did not
 * run (suspended, stopped, an event loop blocked for long) counts against no limit; no limit is called before what had come in time
 * was read.
 * Owner: the attempt, which calls `stop` when it ends.
 */
import { READ_MS, type Clock, type Timer } from '../model/clock.ts';

/** The limits, as error classes. */
export type TimeLimit = 'connect-timeout' | 'header-timeout' | 'body-timeout' | 'too-slow' | 'total-timeout';

/**
 * Bytes a second below which a body is `too-slow`, averaged over windows of twice `timeoutMs` (so that the first one is a
 * grace, and a stall is always a `body-timeout` before). A sixth of the slowest modem; a server that drips a byte now and
 * then to keep us busy stays far below.
 */
const MINIMUM_RATE = 50;

/** A timer that fires this much late, ms, means that the process stood still: data may be waiting unread in the kernel. */
const STANDSTILL_MS = 1_000;

/** One that fires this much late, ms, that the event loop was busy: then too there may be some. */
const BUSY_MS = 5;

/** After a standstill, time to read what is waiting before any limit is looked at again, ms: at least. */
const CATCH_UP_MS = 100;

type Phase = 'connect' | 'headers' | 'body';

export class AttemptTimer {
  /** When the attempt started, in `clock.now()`. */
  readonly startedAt: number;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #budgetMs: number;
  readonly #onLimit: (limit: TimeLimit) => void;
  #timer: Timer | null = null;
  /** When the timer was set last, and for when. */
  #armedAt = 0;
  #armedFor = 0;
  #phase: Phase = 'connect';
  /** Start of the hop, for the phases connect and headers. */
  #hopAt: number;
  #answeredAt = 0;
  #lastByteAt = 0;
  #windowAt = 0;
  #windowBytes = 0;
  #heldAt: number | null = null;
  #excludedMs = 0;

  /** `budgetMs`: what the URL's deadline leaves for this attempt. `onLimit` is called once; then nothing more until `connecting`. */
  constructor(clock: Clock, timeoutMs: number, budgetMs: number, onLimit: (limit: TimeLimit) => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#budgetMs = budgetMs;
    this.#onLimit = onLimit;
    this.startedAt = clock.now();
    this.#hopAt = this.startedAt;
    this.#arm(this.startedAt);
  }

  /** The phase that the attempt is in, and for how long, ms. */
  standing(): { phase: Phase; sinceMs: number } {
    const since = this.#heldAt ?? (this.#phase === 'body' ? this.#answeredAt : this.#hopAt);
    return { phase: this.#phase, sinceMs: this.#clock.now() - since };
  }

  /** A hop begins: from here `timeoutMs` run for its connection and its headers together. */
  connecting(): void {
    this.#phase = 'connect';
    this.#hopAt = this.#clock.now();
    // Not armed after a limit that was passed over: the body of a redirect that never came to its end.
    if (this.#timer === null) this.#arm(this.#hopAt);
  }

  /** The connection stands, the request goes out. */
  sent(): void {
    this.#phase = 'headers';
  }

  /** The headers have arrived. Returns the time, to save the caller a reading. */
  answered(): number {
    const now = this.#clock.now();
    this.#phase = 'body';
    this.#answeredAt = now;
    this.#lastByteAt = now;
    this.#windowAt = now;
    this.#windowBytes = 0;
    return now;
  }

  /** Bytes of the body have arrived. */
  received(bytes: number): void {
    this.#lastByteAt = this.#clock.now();
    this.#windowBytes += bytes;
  }

  /** From now on it is we who wait: no limit runs until `resume`. */
  hold(): void {
    this.#heldAt ??= this.#clock.now();
  }

  resume(): void {
    if (this.#heldAt === null) return;
    const now = this.#clock.now();
    this.#shift(now - this.#heldAt);
    this.#heldAt = null;
    if (this.#timer === null) this.#arm(now);
  }

  /** Ends all limits. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Duration so far in ms, without the time that counts against no limit. */
  elapsedMs(): number {
    return (this.#heldAt ?? this.#clock.now()) - this.startedAt - this.#excludedMs;
  }

  /** Time so far that counts against no limit, ms; a hold under way is not in it yet. */
  get excludedMs(): number {
    return this.#excludedMs;
  }

  #shift(ms: number): void {
    this.#excludedMs += ms;
    this.#hopAt += ms;
    this.#lastByteAt += ms;
    this.#windowAt += ms;
  }

  #totalDue(): number {
    return this.startedAt + this.#excludedMs + this.#budgetMs;
  }

  #phaseDue(): number {
    return this.#phase === 'body'
      ? Math.min(this.#lastByteAt + this.#timeoutMs, this.#windowAt + 2 * this.#timeoutMs)
      : this.#hopAt + this.#timeoutMs;
  }

  #arm(now: number, atLeastMs = 0): void {
    const due = Math.min(this.#totalDue(), this.#phaseDue());
    // Whole milliseconds, rounded up: Node cuts fractions off, and would wake us just too early again and again.
    const delay = Math.max(atLeastMs, Math.ceil(due - now));
    this.#armedAt = now;
    this.#armedFor = now + delay;
    this.#timer = this.#clock.after(delay, this.#fire);
  }

  readonly #fire = (): void => {
    this.#timer = null;
    if (this.#heldAt !== null) return;
    const now = this.#clock.now();
    // Timers run before sockets are read: the bytes that came in time may not have been seen yet.
    const late = now - this.#armedFor;
    if (late > STANDSTILL_MS) {
      // When it began is not known: at worst right after the timer was set, and nothing since then was the server's fault.
      this.#shift(now - this.#armedAt);
      this.#arm(now, CATCH_UP_MS);
      return;
    }
    if (late > BUSY_MS) this.#timer = this.#clock.after(READ_MS, this.#judge);
    else this.#judge();
  };

  readonly #judge = (): void => {
    this.#timer = null;
    if (this.#heldAt !== null) return;
    const now = this.#clock.now();
    const limit = this.#limitAt(now);
    if (limit === null) this.#arm(now);
    else this.#onLimit(limit);
  };

  #limitAt(now: number): TimeLimit | null {
    if (now >= this.#totalDue()) return 'total-timeout';
    switch (this.#phase) {
      case 'connect':
        return now >= this.#hopAt + this.#timeoutMs ? 'connect-timeout' : null;
      case 'headers':
        return now >= this.#hopAt + this.#timeoutMs ? 'header-timeout' : null;
      case 'body':
        return this.#bodyLimitAt(now);
      default:
        return this.#phase satisfies never;
    }
  }

  #bodyLimitAt(now: number): TimeLimit | null {
    if (now >= this.#lastByteAt + this.#timeoutMs) return 'body-timeout';
    if (now < this.#windowAt + 2 * this.#timeoutMs) return null;
    if (this.#windowBytes * 1_000 < MINIMUM_RATE * (now - this.#windowAt)) return 'too-slow';
    this.#windowAt = now;
    this.#windowBytes = 0;
    return null;
  }
}
