/**
 * Time and chance are injected, so that tests own both: no test sleeps to see an order.
 * `now()` is monotonic (politeness, timeouts); `wallTime()` is what people and the database read.
 */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds, fractional, from an arbitrary origin. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC, integer. */
  wallTime(): number;
  /** Calls `callback` once after `delayMs` (clamped to 0 … 2^31−1). The timer keeps the process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

/**
 * From a timer until all that had come by then was read, ms: in a turn of the event loop timers come before reads, and the process may
 * have been busy. One that is set while timers run fires behind the next reads.
 */
export const READ_MS = 1;

/** Uniform in [0, 1). */
export type Random = () => number;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a correction of the clock may take back at a time, ms: more is a jump. */
const MOST_SET_BACK_MS = 2_000;

/**
 * Wall time that is never set back by more than corrections of a clock that runs well. A retry waits until a wall time, since
 * it has to be known to the next run too; a clock that somebody sets back by a day must not make it wait for a day. A jump
 * ahead (the machine slept, or the clock was late) is believed: what waited becomes due.
 * @param wall the clock of the machine. @param monotonic milliseconds that no one sets.
 */
export function steadyWallTime(wall: () => number, monotonic: () => number): () => number {
  let offset = wall() - monotonic();
  return () => {
    const now = monotonic();
    const offsetNow = wall() - now;
    if (offsetNow > offset - MOST_SET_BACK_MS) offset = offsetNow;
    return Math.round(now + offset);
  };
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: steadyWallTime(
    () => Date.now(),
    () => performance.now(),
  ),
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};

/** A clock that moves only when told to: for tests and for the laboratory's virtual time. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #epochMs: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(startMs = 0, epochMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return Math.round(this.#epochMs + this.#nowMs);
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** When the earliest timer is due, in this clock's `now()`; `null` with none waiting. */
  nextTimerAt(): number | null {
    return this.#timers.length === 0 ? null : Math.min(...this.#timers.map((timer) => timer.at));
  }

  /** Moves time on by `ms` and runs every timer due on the way, in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.at);
      due.callback();
    }
    this.#nowMs = end;
  }
}
