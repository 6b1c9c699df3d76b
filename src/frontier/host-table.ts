/**
 * Frontier: the hosts in memory. Leases name a host by id and name, redirects by name only: one host, one entry, however
 * it became known. Politeness hangs on that: two entries for one host would each ask it at full pace.
 */
import type { Lease } from '../model/lease.ts';
import { HostState, type HostPace } from './host-state.ts';
import { firstWindow } from './host-window.ts';

export class HostTable {
  readonly #byName = new Map<string, HostState>();
  /** Those that came from the store. */
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

  /** By id or by name; `undefined` = not in memory. */
  find(host: number | string): HostState | undefined {
    return typeof host === 'number' ? this.#byId.get(host) : this.#byName.get(host);
  }

  /** The host of that name, made if it is not in memory. */
  named(name: string): HostState {
    let host = this.#byName.get(name);
    if (host === undefined) {
      host = new HostState(name, this.#paceOf(name));
      host.window = firstWindow(host.pace.perHost, this.#capacity);
      this.#byName.set(name, host);
    }
    return host;
  }

  /** The same for a host that the store names; learns its id if a redirect made it known before. */
  ofStore({ hostId, host: name }: Pick<Lease, 'hostId' | 'host'>, now: number): HostState {
    const known = this.#byId.get(hostId);
    if (known !== undefined) return known;
    const host = this.named(name);
    host.id = hostId;
    host.filledAt = now;
    this.#byId.set(hostId, host);
    return host;
  }

  forget(host: HostState): void {
    this.#byName.delete(host.name);
    this.#byId.delete(host.id);
  }

  [Symbol.iterator](): IterableIterator<HostState> {
    return this.#byName.values();
  }
}
