/**
 * Frontier: the hosts in memory. Leases name a host by id and name, redirects by name only: one host, one entry, however
 * it became known. Politeness hangs on that: two entries for one host would each ask it at full pace.
 */
import type { Lease } from '../model/lease.ts';
import { HostState, Supply, type HostPace } from './host-state.ts';
import { firstWindow } from './host-window.ts';

export class HostTable {
  readonly #byName = new Map<string, HostState>();
  /** Those with a supply: what the store says of a host, it says by id. */
  readonly #byId = new Map<number, HostState>();
  readonly #paceOf: (host: string) => HostPace;
  /** Leases of all hosts together, for the first window of each. */
  readonly #capacity: number;

  constructor(paceOf: (host: string) => HostPace, capacity: number) {
    this.#paceOf = paceOf;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** `undefined` = not in memory. */
  find(name: string): HostState | undefined {
    return this.#byName.get(name);
  }

  /** Requests that may run at a time at a host, in memory or not. */
  perHost(name: string): number {
    return (this.#byName.get(name)?.pace ?? this.#paceOf(name)).perHost;
  }

  /** The host of that name, made if it is not in memory. */
  named(name: string): HostState {
    let host = this.#byName.get(name);
    if (host === undefined) {
      host = new HostState(name, this.#paceOf(name));
      this.#byName.set(name, host);
    }
    return host;
  }

  /** The supply of a host, or `undefined` where it has none. */
  supplyOf(hostId: number): { readonly host: HostState; readonly supply: Supply } | undefined {
    const host = this.#byId.get(hostId);
    return host?.supply === undefined ? undefined : { host, supply: host.supply };
  }

  /** The same for a host that the store hands out, made if need be. */
  supplied({ hostId, host: name }: Pick<Lease, 'hostId' | 'host'>, now: number): { host: HostState; supply: Supply } {
    const host = this.#byId.get(hostId) ?? this.named(name);
    if (host.supply === undefined) {
      host.supply = new Supply(hostId, firstWindow(host.pace.perHost, this.#capacity), now);
      this.#byId.set(hostId, host);
    }
    return { host, supply: host.supply };
  }

  /** Its supply is spent. */
  dropSupply(host: HostState): void {
    if (host.supply === undefined) return;
    this.#byId.delete(host.supply.hostId);
    host.supply = undefined;
  }

  forget(host: HostState): void {
    this.dropSupply(host);
    this.#byName.delete(host.name);
  }

  [Symbol.iterator](): IterableIterator<HostState> {
    return this.#byName.values();
  }
}
