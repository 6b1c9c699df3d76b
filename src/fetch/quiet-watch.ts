/**
 * Fetch stage: connections of one origin that have brought an answer and are not to carry the next request yet: they are
 * watched for `QUIET_MS`, whether something comes that nobody asked for.
 *
 *     released ──► watched ──► quiet until the end: handed back
 *                     └──────► gone, or closed to make room: forgotten
 *
 * Invariants: a connection is handed back only after its whole time, and only if everything that had arrived by then was read.
 * One timer at most, none while nothing is watched: so whoever closes all connections has nothing left that runs.
 * Owner: the `Origin`.
 */
import { READ_MS, type Clock, type Timer } from '../model/clock.ts';
import type { Connection } from './connection.ts';

/** How long a connection has to be quiet, ms. A surplus that comes later than this is not caught by it. */
export const QUIET_MS = 100;

/** Until a connection that is watched is handed back, ms. */
export const LONGEST_WATCH_MS: number = QUIET_MS + READ_MS;

interface Watched {
  readonly connection: Connection;
  readonly endsAt: number;
}

export class QuietWatch {
  readonly #clock: Clock;
  readonly #onQuiet: (connection: Connection) => void;
  /** Watched longest first. */
  #watched: Watched[] = [];
  #timer: Timer | null = null;

  /** `onQuiet` gets each connection whose time is over; it may be gone by then without anybody having been told. */
  constructor(clock: Clock, onQuiet: (connection: Connection) => void) {
    this.#clock = clock;
    this.#onQuiet = onQuiet;
  }

  get size(): number {
    return this.#watched.length;
  }

  add(connection: Connection): void {
    this.#watched.push({ connection, endsAt: this.#clock.now() + QUIET_MS });
    this.#timer ??= this.#clock.after(QUIET_MS, () => this.#onTime());
  }

  /** Forgets a connection; nothing happens if it is not watched. */
  remove(connection: Connection): void {
    const index = this.#watched.findIndex((watched) => watched.connection === connection);
    if (index !== -1) this.#watched.splice(index, 1);
    if (this.#watched.length === 0) this.stop();
  }

  has(connection: Connection): boolean {
    return this.#watched.some((watched) => watched.connection === connection);
  }

  /** Takes out the one watched for the shortest time, unless it is the only one: the longest watched is soon known. */
  takeNewest(): Connection | null {
    return this.#watched.length < 2 ? null : (this.#watched.pop()?.connection ?? null);
  }

  /** How many are handed back within `ms`, if they stay quiet. */
  endingWithin(ms: number): number {
    const until = this.#clock.now() + ms;
    let count = 0;
    for (const { endsAt } of this.#watched) if (endsAt <= until) count++;
    return count;
  }

  /** Forgets all. */
  stop(): void {
    this.#watched = [];
    this.#timer?.cancel();
    this.#timer = null;
  }

  #onTime(): void {
    const until = this.#clock.now();
    this.#timer = this.#clock.after(READ_MS, () => this.#judge(until));
  }

  #judge(until: number): void {
    const over = this.#watched.filter(({ endsAt }) => endsAt <= until);
    this.#watched = this.#watched.slice(over.length);
    const next = this.#watched[0];
    // Before anybody is told: what they do may end the watch.
    this.#timer = next === undefined ? null : this.#clock.after(next.endsAt - this.#clock.now(), () => this.#onTime());
    for (const { connection } of over) this.#onQuiet(connection);
  }
}
