/**
 * The turn of one fetch: the permit and the host slot it holds, and how a redirect moves them.
 *
 * A hop on the same host keeps both and waits for the host's time only. A hop to another host first gives up both, then
 * stands in that host's line; it comes out of the schedule like a lease, and the fetch loop hands it a fresh permit.
 * Nothing is held while waiting, so hops between two hosts cannot wait for each other.
 *
 * Invariant: at any time the turn holds a permit and a slot, or neither; `end` gives back what it holds, once.
 */
import type { Permit } from '../concurrency/permits.ts';
import type { Turn } from '../fetch/fetcher.ts';
import type { HopTurn, HostSchedule } from '../frontier/host-schedule.ts';
import { CancelledError } from '../model/errors.ts';
import type { Lease } from '../model/lease.ts';

/** A hop in line, as the fetch loop meets it. */
export class WaitingHop implements HopTurn {
  readonly kind = 'hop';
  readonly host: string;
  readonly #outcome = Promise.withResolvers<Permit>();
  /** The permit for the next request, once the host's turn has come. */
  readonly granted: Promise<Permit> = this.#outcome.promise;

  constructor(host: string) {
    this.host = host;
  }

  grant(permit: Permit): void {
    this.#outcome.resolve(permit);
  }

  closed(): void {
    this.#outcome.reject(new CancelledError('the run is ending'));
  }
}

export class FetchTurn implements Turn {
  readonly #schedule: HostSchedule;
  #permit: Permit;
  /** The host whose slot is held; `null` while waiting for another. */
  #host: string | null;
  /** The schedule holds the host's next start until our request leaves. */
  #isConnecting = false;

  constructor(schedule: HostSchedule, lease: Lease, permit: Permit) {
    this.#schedule = schedule;
    this.#permit = permit;
    this.#host = lease.host;
  }

  async hop(fromHost: string, toHost: string, signal: AbortSignal): Promise<void> {
    if (fromHost === toHost) {
      await this.#schedule.waitStep(toHost, signal);
      return;
    }
    this.end();
    const hop = new WaitingHop(toHost);
    this.#schedule.offerTurn(hop);
    this.#permit = await hop.granted;
    this.#host = toHost;
  }

  connecting(): void {
    if (this.#host === null) return;
    this.#isConnecting = true;
    this.#schedule.connecting(this.#host);
  }

  sent(): void {
    this.#isConnecting = false;
    const host = this.#host;
    if (host === null || !this.#schedule.sent(host)) return;
    // undici writes to a connection that was idle one turn of the event loop later (it looks first whether the server has
    // closed it), and on a busy machine a turn may take long. Ours comes behind undici's.
    setImmediate(() => this.#schedule.sent(host));
  }

  end(): void {
    if (this.#host === null) return;
    // No connection, so no request: the host's next start need not wait for it any longer.
    if (this.#isConnecting) this.sent();
    const host = this.#host;
    this.#host = null;
    this.#permit.release();
    this.#schedule.finished(host);
  }
}
