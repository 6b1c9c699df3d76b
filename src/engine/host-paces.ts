/**
 * Which pace each host gets. By default a private or loopback host that the user listed is asked faster than a public one,
 * but whether a name is private is only known once a connection to it stands: until then it counts as public.
 *
 * In: settings, host names, the addresses connected to. Out: `HostPace`s for the schedule.
 */
import { paceFor } from '../frontier/politeness.ts';
import type { HostPace } from '../frontier/host-schedule.ts';
import type { PolitenessSettings } from '../model/settings.ts';
import { isPrivateAddress, isPrivateHostName } from '../url/address.ts';

/** Hosts and addresses remembered; a crawl of more hosts than this starts the memory over. */
const REMEMBERED = 10_000;

export class HostPaces {
  readonly #settings: PolitenessSettings;
  readonly #adaptive: boolean;
  readonly #privateByAddress = new Map<string, boolean>();
  /** Hosts whose address has been looked at: once per host is enough. */
  readonly #judged = new Set<string>();
  readonly #publicNames: HostPace;

  constructor(settings: PolitenessSettings) {
    this.#settings = settings;
    this.#adaptive = settings.perHost === null || (settings.delayMs === null && settings.rate === null);
    this.#publicNames = paceFor('', settings, false);
  }

  paceOf(host: string): HostPace {
    if (!this.#adaptive) return this.#publicNames;
    return paceFor(host, this.#settings, isPrivateHostName(host));
  }

  /** The pace that follows from the address a named host turned out to have, or `null` where nothing changes. */
  learn(host: string, address: string | null): HostPace | null {
    if (!this.#adaptive || address === null || this.#judged.has(host)) return null;
    if (this.#judged.size >= REMEMBERED) this.#judged.clear();
    this.#judged.add(host);
    let isPrivate = this.#privateByAddress.get(address);
    if (isPrivate === undefined) {
      isPrivate = isPrivateAddress(address);
      if (this.#privateByAddress.size >= REMEMBERED) this.#privateByAddress.clear();
      this.#privateByAddress.set(address, isPrivate);
    }
    if (!isPrivate || isPrivateHostName(host) !== null) return null;
    return paceFor(host, this.#settings, true);
  }
}
