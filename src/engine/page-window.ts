/**
 * The window across threads: which pages are between the start of their fetch and the store's commit.
 *
 * A MessagePort is unbounded, so nothing that crosses threads could be bounded by a queue on either side. Instead every
 * page takes one item credit and reserves its bytes before its fetch starts, and keeps both until the store acknowledges
 * the commit. Only this thread grants credits, only an acknowledgement returns them: parser and store threads post freely
 * inside the window and never wait for each other, so the loop parser → store → frontier cannot deadlock.
 *
 * In: a lease and its credit. Out: the credit, when `leave` is called for the URL. Invariant: pages in the window ≤ capacity.
 */
import type { ByteBudget, Reservation } from '../concurrency/byte-budget.ts';
import type { Permit, Permits } from '../concurrency/permits.ts';
import { SlotMap } from '../concurrency/slot-map.ts';
import { CrawlError } from '../model/errors.ts';
import type { Gauge } from '../model/gauge.ts';
import type { Lease } from '../model/lease.ts';

/** One page on its way through the window. */
export interface Passage {
  readonly lease: Lease;
  readonly reservation: Reservation;
}

export class PageWindow {
  readonly #credits: Permits;
  readonly #budget: ByteBudget;
  #emptied: PromiseWithResolvers<void> | null = null;
  readonly #passages = new SlotMap<Passage & { readonly credit: Permit }>();

  constructor(credits: Permits, budget: ByteBudget) {
    this.#credits = credits;
    this.#budget = budget;
  }

  /** Pages inside. */
  get size(): number {
    return this.#passages.size;
  }

  /** The page that has been inside for longest. */
  oldest(): Lease | null {
    return this.#passages.oldest()?.lease ?? null;
  }

  get hasCredit(): boolean {
    return this.#credits.inFlight < this.#credits.capacity;
  }

  /** Takes a credit for a page whose fetch starts now. @throws {CrawlError} where there is none: ask `hasCredit` first. */
  enter(lease: Lease): Passage {
    const credit = this.#credits.tryAcquire();
    if (credit === null) throw new CrawlError('ERR_INTERNAL', 'a page was started without a credit of the window');
    const passage = { lease, credit, reservation: this.#budget.open() };
    this.#passages.set(lease.id, passage);
    return passage;
  }

  /** The page of this URL is committed, or given up unrecorded: its credit and bytes come back. */
  leave(urlId: number): Lease | null {
    const passage = this.#passages.take(urlId);
    if (passage === undefined) return null;
    passage.reservation.release();
    passage.credit.release();
    if (this.#passages.size === 0) this.#emptied?.resolve();
    return passage.lease;
  }

  /** Resolves when every page inside has been acknowledged: nothing of this run is on its way any more. */
  async emptied(): Promise<void> {
    if (this.#passages.size === 0) return;
    this.#emptied ??= Promise.withResolvers();
    await this.#emptied.promise;
  }

  gauges(): { items: Gauge; bytes: Gauge } {
    return { items: this.#credits.gauge(), bytes: this.#budget.gauge() };
  }
}
