/**
 * The turn of one fetch: the permit and the host slot it holds, and how a redirect moves them.
 *
 * A hop on the same host keeps both and waits for the host's time only, if that comes soon. A hop to another host first gives up
 * both, then stands in that host's line; it comes out of the schedule like a lease, and the fetch loop hands it a fresh permit.
 * Nothing is held while waiting, so hops between two hosts cannot wait for each other. The same goes for a hop to an origin
 * whose robots.txt has to be asked for first (that request needs a permit and a slot itself), and for one on a host that is
 * to be left alone for longer: other hosts have a use for the permit.
 *
 * Invariant: at any time the turn holds a permit and a slot, or neither; `end` gives back what it holds, once.
 */
import type { Permit } from '../concurrency/permits.ts';
import type { Failure, Turn } from '../fetch/fetcher.ts';
import type { HopTurn, HostSchedule } from '../frontier/host-schedule.ts';
import { CancelledError } from '../model/errors.ts';
import { plainHost } from '../url/plain-host.ts';

/** A hop on the same host keeps its permit for as long, ms: to give it up and stand in line is work, too. */
const SOON_MS = 1_000;

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

/** What robots rules say of a redirect. */
export interface HopRobots {
  /** Why a URL may not be asked for, `null` where it may; a promise where its origin has to be asked first. */
  refusalOf(url: string): Failure | null | Promise<Failure | null>;
}

/**
 * Stands in a host's line until its turn has come; the permit comes with it, and the slot.
 * @throws {CancelledError} when the schedule is closed before.
 */
export async function grantedTurn(schedule: HostSchedule, host: string): Promise<Permit> {
  const hop = new WaitingHop(host);
  schedule.offerTurn(hop);
  return await hop.granted;
}

export class FetchTurn implements Turn {
  readonly #schedule: HostSchedule;
  readonly #robots: HopRobots | null;
  #permit: Permit;
  /** The host whose slot is held; `null` while waiting for another. */
  #host: string | null;
  /** The schedule holds the host's next start until our request leaves. */
  #isConnecting = false;

  /** @param robots `null` = hops are not asked about. */
  constructor(schedule: HostSchedule, host: string, permit: Permit, robots: HopRobots | null) {
    this.#schedule = schedule;
    this.#permit = permit;
    this.#host = host;
    this.#robots = robots;
  }

  async hop(from: URL, to: URL, signal: AbortSignal): Promise<Failure | null> {
    let refusal = this.#robots?.refusalOf(to.href) ?? null;
    if (refusal instanceof Promise) {
      this.end();
      refusal = await refusal;
    }
    if (refusal !== null) return refusal;
    const host = plainHost(to.hostname);
    const isSame = this.#host !== null && plainHost(from.hostname) === host;
    if (isSame && this.#schedule.startsWithin(host, SOON_MS)) {
      await this.#schedule.waitStep(host, signal);
      return null;
    }
    this.end();
    this.#permit = await grantedTurn(this.#schedule, host);
    this.#host = host;
    return null;
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
