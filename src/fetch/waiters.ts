/**
 * Fetch stage: the attempts that wait for a connection of one origin, first come, first served.
 *
 * In: waiters, and what is free or forbidden. Out: who gets it. Invariant: a waiter is told once, or leaves; it is forgotten then.
 * Owner: the `Origin`.
 */
import { admits, type Clearance, mostOf, type Reach } from './address-guard.ts';
import type { Connection } from './connection.ts';

/** Waits for a connection. Exactly one of the two is called, unless it leaves before. */
export interface Waiter {
  /** Wants a connection that has not been used yet. */
  readonly fresh: boolean;
  readonly clearance: Clearance;
  granted(connection: Connection): void;
  failed(error: unknown): void;
}

export class Waiters {
  #line: Waiter[] = [];

  get size(): number {
    return this.#line.length;
  }

  /** Those who want a connection that has not been used yet. */
  get fresh(): number {
    let count = 0;
    for (const waiter of this.#line) if (waiter.fresh) count++;
    return count;
  }

  /** What one of them is allowed at least. */
  get clearance(): Clearance {
    return mostOf(this.#line.map((waiter) => waiter.clearance));
  }

  add(waiter: Waiter): void {
    this.#line.push(waiter);
  }

  /** False: it had been told already. */
  remove(waiter: Waiter): boolean {
    const index = this.#line.indexOf(waiter);
    if (index !== -1) this.#line.splice(index, 1);
    return index !== -1;
  }

  /** The first, for a new connection. */
  next(): Waiter | undefined {
    return this.#line.shift();
  }

  /** The first who takes a connection that was used before. */
  nextForUsed(): Waiter | undefined {
    const index = this.#line.findIndex((waiter) => !waiter.fresh);
    return index === -1 ? undefined : this.#line.splice(index, 1)[0];
  }

  /** Takes out those who may not use what leads there. */
  refused(reach: Reach): Waiter[] {
    if (reach.kind === 'public' || this.#line.length === 0) return [];
    const refused = this.#line.filter((waiter) => !admits(waiter.clearance, reach));
    this.#line = this.#line.filter((waiter) => admits(waiter.clearance, reach));
    return refused;
  }
}
