/**
 * Which pace each host gets. By default a private or loopback host that the user listed is asked faster than a public one,
 * but whether a name is private is only known once a connection to it stands: until then it counts as public.
 *
 * In: settings, rules for single hosts, host names, the addresses connected to. Out: `HostPace`s for the schedule; hosts
 * without a rule of their own share two of them.
 */
import { paceFor } from '../frontier/politeness.ts';
import type { HostPace } from '../frontier/host-schedule.ts';
import type { HostRule, PolitenessSettings } from '../model/settings.ts';
import { isPrivateAddress, isPrivateHostName } from '../url/address.ts';
import type { HostRules } from '../url/host-rules.ts';

/** Hosts and addresses remembered; a crawl of more hosts than this starts the memory over. */
const REMEMBERED = 10_000;

export class HostPaces {
  readonly #settings: PolitenessSettings;
  readonly #rules: HostRules<HostRule>;
  readonly #privateByAddress = new Map<string, boolean>();
  /** Hosts whose address has been looked at: once per host is enough. */
  readonly #judged = new Set<string>();
  /** By robots.txt, of the hosts that ask for one. */
  readonly #leastDelays = new Map<string, number>();
  readonly #publicPace: HostPace;
  readonly #privatePace: HostPace;
  /** Whether a host's address matters to the pace of those without a rule. */
  readonly #adaptive: boolean;

  constructor(settings: PolitenessSettings, rules: HostRules<HostRule>) {
    this.#settings = settings;
    this.#rules = rules;
    this.#publicPace = paceFor(false, settings);
    this.#privatePace = paceFor(true, settings);
    this.#adaptive = settings.perHost === null || (settings.delayMs === null && settings.rate === null);
  }

  /** robots.txt of this host asks for a delay: it is never asked faster, from when it becomes active the next time. */
  raiseDelay(host: string, delayMs: number): void {
    if (this.#leastDelays.size >= REMEMBERED) this.#leastDelays.clear();
    this.#leastDelays.set(host, Math.max(delayMs, this.#leastDelays.get(host) ?? 0));
  }

  paceOf(host: string): HostPace {
    return this.#pace(host, this.#adaptive && (isPrivateHostName(host) ?? false));
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
    return this.#pace(host, true);
  }

  #pace(host: string, isPrivate: boolean): HostPace {
    const pace = this.#paceBySettings(host, isPrivate);
    const least = this.#leastDelays.get(host) ?? 0;
    return pace.delayMs >= least ? pace : { ...pace, delayMs: least };
  }

  #paceBySettings(host: string, isPrivate: boolean): HostPace {
    const rule = this.#rules.of(host);
    if (rule === undefined) return isPrivate ? this.#privatePace : this.#publicPace;
    // Both say how often the host is asked: a rule that gives one of them means it instead of the general other.
    const often = rule.delayMs !== undefined || rule.rate !== undefined;
    const instead = often ? { delayMs: rule.delayMs ?? 0, rate: rule.rate ?? null } : {};
    return paceFor(isPrivate, { ...this.#settings, ...rule, ...instead });
  }
}
