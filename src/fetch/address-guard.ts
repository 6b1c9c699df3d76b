/**
 * Fetch stage: which addresses a request may go to. The connector asks after DNS and before the connect, for pages,
 * robots.txt and redirects alike: a public page must not make us ask the machine's own services or its network.
 *
 * In: what a host name resolved to, and on whose behalf. Out: yes, or a `BlockedAddress`.
 *
 *     requested by …                                    may reach
 *     the user (a listed URL), or --allow-private       'any'
 *     a page or a redirect, to a listed host:port       'private': all of its addresses, as those of the listed URL were
 *     a page or a redirect, elsewhere                   'public'
 *
 * Invariants: one private address among public ones makes an answer 'mixed', which only the user may ask for; a host:port
 * that was public when its listed URL was fetched stays so: it may not turn to a private address for a redirect later.
 *
 * Through a proxy names are resolved elsewhere: then `reachOf` sees `addressesWithoutDns` of the target, and the proxy's own.
 */
import { isPrivateAddress } from '../url/address.ts';
import type { ResolvedAddress } from './resolver.ts';
import type { Target } from './target.ts';

/** Where an answer of DNS leads. */
export interface Reach {
  /** What all of its addresses are. */
  readonly kind: 'public' | 'private' | 'mixed';
  /** The first private one; `null` if public. */
  readonly privateAddress: string | null;
}

/** What a request may be answered by. */
export type Clearance = 'public' | 'private' | 'any';

export interface AddressGuardOptions {
  /** No rule at all. */
  readonly allowPrivate: boolean;
  /** Whether a URL of this host name and port was listed by the user. Asked only where a private address was met. */
  readonly isListed: (host: string, port: number) => Promise<boolean>;
}

/** Host:port pairs remembered. */
const MOST_KNOWN = 16_384;

/** The answer of DNS leads where this request may not go. */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
  readonly code = 'WEIR_BLOCKED_ADDRESS';
  readonly reach: Reach;

  constructor({ hostname, port }: Target, reach: Reach) {
    const address = reach.privateAddress ?? '';
    const named = hostname === address ? '' : ` of ${hostname}`;
    super(
      `${address}${named} is not a public address, and no URL there (port ${port}) was listed; see --allow-private`,
    );
    this.reach = reach;
  }
}

export class AddressGuard {
  readonly #options: AddressGuardOptions;
  /** host:port → whether all addresses were private when its listed URL was asked for, or the list was looked into. */
  readonly #known = new Map<string, boolean>();

  constructor(options: AddressGuardOptions) {
    this.#options = options;
  }

  /** What a request to `target` may reach, as far as is known without asking. */
  clearance(target: Target, isListed: boolean): Clearance {
    if (isListed || this.#options.allowPrivate) return 'any';
    return this.#known.get(keyOf(target)) === true ? 'private' : 'public';
  }

  /** The listed URL of `target` has got a connection of this reach. */
  learn(target: Target, reach: Reach): void {
    const key = keyOf(target);
    const known = this.#known.get(key);
    // What was public once counts as public from then on.
    if (known !== false) this.#remember(key, reach.kind === 'private');
  }

  /** Whether a request that was refused may go there after all, since the user listed that host and port. */
  async isCleared(target: Target, refusal: BlockedAddress): Promise<boolean> {
    if (refusal.reach.kind !== 'private') return false;
    const key = keyOf(target);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const isListed = await this.#options.isListed(target.host, target.port);
    // A "no" is not kept: the list may still be being read.
    if (isListed) this.#remember(key, true);
    return isListed;
  }

  #remember(key: string, isPrivate: boolean): void {
    this.#known.delete(key);
    if (this.#known.size >= MOST_KNOWN) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    this.#known.set(key, isPrivate);
  }
}

/** What these addresses are: all of them are looked at. */
export function reachOf(addresses: readonly ResolvedAddress[]): Reach {
  const privates = addresses.filter(({ address }) => isPrivateAddress(address));
  const [first] = privates;
  if (first === undefined) return PUBLIC;
  return { kind: privates.length === addresses.length ? 'private' : 'mixed', privateAddress: first.address };
}

const PUBLIC: Reach = { kind: 'public', privateAddress: null };

/** Whether a connection of this reach may serve a request of this clearance. */
export function admits(clearance: Clearance, reach: Reach): boolean {
  return clearance === 'any' || reach.kind === 'public' || reach.kind === clearance;
}

function keyOf({ host, port }: Target): string {
  return `${host}:${port}`;
}

/** The clearance that admits what any of these does. */
export function mostOf(clearances: readonly Clearance[]): Clearance {
  if (clearances.includes('any')) return 'any';
  return clearances.includes('private') ? 'private' : 'public';
}
