/**
 * Fetch stage: the cookies of a run (RFC 6265), kept in memory and shared by all its fetches.
 *
 * In: the Set-Cookie fields of an answer. Out: the Cookie header of a request. tough-cookie parses, matches and knows the
 * public suffixes; it is loaded at the first Set-Cookie, so a run that meets none pays one comparison a page. Cookies are
 * kept by site (registrable domain), since none is ever sent to another site.
 *
 * Invariants: a cookie goes only where its domain, path and Secure attribute say; none is accepted for another domain or for a
 * public suffix; what is kept is within `COOKIE_LIMITS`, whatever servers send: the least recently used goes first.
 * Everything here is synchronous: of two answers that come at the same time, neither can overwrite the other's cookies.
 * SameSite and HttpOnly are of no account: there are no scripts, and no requests on behalf of another page.
 */
import { createRequire } from 'node:module';
import type * as Tldts from 'tldts';
import type * as ToughCookie from 'tough-cookie';
import type { Clock } from '../model/clock.ts';
import { plainHost } from '../url/plain-host.ts';

/** RFC 6265 §6.1 asks for at least 50 a domain, 3,000 in all and 4,096 bytes each; browsers keep 180 a site. */
export const COOKIE_LIMITS = {
  perSite: 180,
  inAll: 3_000,
  /** Bytes of one Set-Cookie field. */
  bytes: 4_096,
  /** Set-Cookie fields of one answer that are read. */
  perAnswer: 50,
  /** Bytes of a Cookie header: servers refuse longer header lines, so that a bomb of cookies would end the crawl of its site. */
  headerBytes: 8_000,
} as const;

/** RFC 6265bis §5.5: no cookie lives longer. */
const LONGEST_LIFE_MS = 400 * 86_400_000;

/** What a header can carry (RFC 9110 §5.5); anything else would fail every later request to the site. */
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

const loadNow = createRequire(import.meta.url);

interface Libraries {
  readonly cookies: typeof ToughCookie;
  readonly domains: typeof Tldts;
}

interface Site {
  readonly jar: ToughCookie.CookieJar;
  readonly store: ToughCookie.MemoryCookieStore;
  size: number;
}

export class CookieJar {
  readonly #clock: Clock;
  /** By site, the least recently used first: a Map keeps the order of insertion. */
  readonly #sites = new Map<string, Site>();
  #libraries: Libraries | null = null;
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Cookies kept now. */
  get size(): number {
    return this.#size;
  }

  /** Keeps what the answer of `from` sets; fields that are no cookies, or not this host's to set, are left out. */
  store(fields: string | readonly string[], from: URL): void {
    const url = atPlainHost(from);
    this.#libraries ??= { cookies: loadNow('tough-cookie') as never, domains: loadNow('tldts') as never };
    const { cookies, domains } = this.#libraries;
    const name = siteOf(url, domains);
    const site = this.#sites.get(name) ?? newSite(cookies);
    const now = new Date(this.#clock.wallTime());
    for (const field of (typeof fields === 'string' ? [fields] : fields).slice(0, COOKIE_LIMITS.perAnswer)) {
      if (field.length > COOKIE_LIMITS.bytes) continue;
      const parsed = cookies.Cookie.parse(field);
      if (parsed === undefined || !keepsItsPrefix(parsed)) continue;
      const cookie = site.jar.setCookieSync(parsed, url, { now, ignoreError: true });
      if (cookie !== undefined) fixExpiry(cookie, now);
    }
    this.#sites.delete(name);
    this.#size -= site.size;
    site.size = trim(site.store, now.getTime());
    if (site.size === 0) return;
    this.#sites.set(name, site);
    this.#size += site.size;
    for (const [oldest, { size }] of this.#sites) {
      if (this.#size <= COOKIE_LIMITS.inAll) return;
      this.#sites.delete(oldest);
      this.#size -= size;
    }
  }

  /** The value of the Cookie header of a request to `to`; `null` where none is due. */
  headerFor(to: URL): string | null {
    if (this.#libraries === null) return null;
    const url = atPlainHost(to);
    const name = siteOf(url, this.#libraries.domains);
    const site = this.#sites.get(name);
    if (site === undefined) return null;
    this.#sites.delete(name);
    this.#sites.set(name, site);
    const now = new Date(this.#clock.wallTime());
    let header = '';
    for (const cookie of site.jar.getCookiesSync(url, { expire: false, sort: true })) {
      cookie.lastAccessed = now;
      if (isExpired(cookie, now.getTime())) continue;
      const pair = `${cookie.key}=${cookie.value}`;
      if (header.length + pair.length + 2 > COOKIE_LIMITS.headerBytes) break;
      header = header === '' ? pair : `${header}; ${pair}`;
    }
    return header === '' ? null : header;
  }
}

/** A host has its cookies under both of its names: tough-cookie would keep those of `example.com.` and never send them. */
function atPlainHost(url: URL): URL {
  const host = plainHost(url.hostname);
  if (host === url.hostname) return url;
  const plain = new URL(url);
  plain.hostname = host;
  return plain;
}

function siteOf(url: URL, domains: typeof Tldts): string {
  return domains.getDomain(url.hostname, { allowPrivateDomains: true }) ?? url.hostname;
}

function newSite({ CookieJar: Jar, MemoryCookieStore: Store }: typeof ToughCookie): Site {
  const store = new Store();
  // A Secure cookie is for https only, on this machine too.
  const jar = new Jar(store, {
    rejectPublicSuffixes: true,
    prefixSecurity: 'unsafe-disabled',
    allowSecureOnLocal: false,
  });
  return { jar, store, size: 0 };
}

/** RFC 6265bis §4.1.3, which holds for a prefix in any case; tough-cookie looks for it as it is usually written. */
function keepsItsPrefix({ key, secure, domain, path }: ToughCookie.Cookie): boolean {
  const name = key.toLowerCase();
  if (name.startsWith('__secure-')) return secure;
  return !name.startsWith('__host-') || (secure && domain === null && path === '/');
}

/** As a point of time, fixed when the cookie is set: tough-cookie counts Max-Age from the last use instead. */
function fixExpiry(cookie: ToughCookie.Cookie, now: Date): void {
  const expiry = cookie.expiryTime(now);
  if (expiry === undefined) return;
  cookie.maxAge = null;
  cookie.expires = new Date(Math.max(0, Math.min(expiry, now.getTime() + LONGEST_LIFE_MS)));
}

function isExpired(cookie: ToughCookie.Cookie, now: number): boolean {
  const expiry = cookie.expiryTime();
  return expiry !== undefined && expiry <= now;
}

/** Removes what has expired, what no request could carry, and what is beyond the limit, the least recently used first. Returns how many are left. */
function trim(store: ToughCookie.MemoryCookieStore, now: number): number {
  const kept: ToughCookie.Cookie[] = [];
  const remove = ({ domain, path, key }: ToughCookie.Cookie): void => {
    store.removeCookie(domain ?? '', path ?? '/', key, () => undefined);
  };
  store.getAllCookies((_error, cookies = []) => {
    for (const cookie of cookies) {
      if (isExpired(cookie, now) || !SENDABLE.test(cookie.cookieString())) remove(cookie);
      else kept.push(cookie);
    }
  });
  const surplus = kept.length - COOKIE_LIMITS.perSite;
  if (surplus <= 0) return kept.length;
  // They come in the order of their creation, and the sort is stable.
  kept.sort((a, b) => usedAt(a) - usedAt(b));
  for (const cookie of kept.slice(0, surplus)) remove(cookie);
  return COOKIE_LIMITS.perSite;
}

function usedAt({ lastAccessed }: ToughCookie.Cookie): number {
  return lastAccessed instanceof Date ? lastAccessed.getTime() : 0;
}
