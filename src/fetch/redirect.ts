/**
 * Fetch stage: decides what a redirect answer leads to. Pure: no socket, no clock.
 *
 * In: a status, its Location field(s), the URL that answered and the chain so far. Out: `null` (not a redirect), the next URL,
 * or a refusal. Redirects are the engine's own so that scope, robots rules and address are asked per hop and the chain is
 * stored (RFC 9110 §15.4).
 */
import type { RedirectHop } from '../model/attempt.ts';
import type { ErrorClass } from '../model/error-codes.ts';
import { redactUrl } from '../url/redact.ts';
import { failure, type Failure } from './classify.ts';
import type { CookieJar } from './cookie-jar.ts';

/** Redirects followed in a row; one more is `too-many-redirects`. */
export const MOST_HOPS = 10;

/** Characters of a Location value that are recorded. */
const LONGEST_LOCATION = 2_048;

/** Characters of a redirect target; as long as a listed URL may be. */
const LONGEST_TARGET = 64_000;

/** Whether a URL may be asked for at all (scope, robots rules): decided outside this stage, asked for every hop. */
export type MayFetch = (
  url: URL,
  via: 'listed' | 'redirect',
) => { readonly ok: true } | { readonly ok: false; readonly errorClass: ErrorClass; readonly detail: string };

export type RedirectStep =
  | { readonly kind: 'follow'; readonly url: URL; readonly hop: RedirectHop }
  /** The answer stands as the end of the attempt; `hop` is recorded where it says more than the failure. */
  | { readonly kind: 'refuse'; readonly failure: Failure; readonly hop: RedirectHop | null };

/**
 * The redirects of one attempt: remembers what it has asked for: a URL together with its cookies, since many sites set a
 * cookie and send back to the very same URL to see whether it comes along.
 */
export class RedirectChain {
  readonly #mostHops: number;
  readonly #mayFetch: MayFetch;
  readonly #cookies: CookieJar | null;
  readonly #hops: RedirectHop[] = [];
  /** Made by the first redirect: most attempts have none. */
  #seen: Set<string> | null = null;
  #lastKey = '';

  constructor(mayFetch: MayFetch, cookies: CookieJar | null = null, mostHops: number = MOST_HOPS) {
    this.#mostHops = mostHops;
    this.#mayFetch = mayFetch;
    this.#cookies = cookies;
  }

  /** The hops recorded so far. */
  get hops(): readonly RedirectHop[] {
    return this.#hops;
  }

  /** What follows from an answer of `from`, asked with `cookie`; `null` if it is not a redirect. Records the hop. */
  step(
    status: number,
    location: string | string[] | undefined,
    from: URL,
    cookie: string | null = null,
  ): RedirectStep | null {
    if (!isRedirect(status)) return null;
    const step = this.#decide(status, location, from, cookie);
    if (step.hop !== null) this.#hops.push(step.hop);
    return step;
  }

  /** Forgets the last step: its answer was another URL's. */
  undo(step: RedirectStep): void {
    if (step.hop !== null) this.#hops.pop();
    if (step.kind === 'follow') this.#seen?.delete(this.#lastKey);
  }

  #decide(status: number, location: string | string[] | undefined, from: URL, cookie: string | null): RedirectStep {
    // Before anything is cut off it: of half a password nobody could tell what it is.
    const raw = redactUrl(typeof location === 'string' ? location : (location?.map(redactUrl).join(', ') ?? ''));
    if (this.#hops.length >= this.#mostHops) {
      const message = `more than ${this.#mostHops} redirects, the last one to ${raw}`;
      return { kind: 'refuse', failure: failure('too-many-redirects', message), hop: null };
    }
    const hop = { url: from.href, status, location: raw.slice(0, LONGEST_LOCATION) };
    const refuse = (errorClass: ErrorClass, message: string): RedirectStep => ({
      kind: 'refuse',
      failure: failure(errorClass, message),
      hop,
    });
    if (Array.isArray(location)) return refuse('bad-redirect', `${location.length} Location headers`);
    if (location === undefined) return refuse('bad-redirect', `${status} without a Location header`);
    if (location.trim() === '') return refuse('bad-redirect', `${status} with an empty Location header`);
    const target = URL.parse(utf8(location), from.href);
    if (target === null) return refuse('bad-redirect', `Location is not a URL: ${raw}`);
    if (target.href.length > LONGEST_TARGET) return refuse('bad-redirect', 'Location is longer than a URL may be');
    if (target.protocol !== 'http:' && target.protocol !== 'https:') {
      return refuse('blocked-scheme', `redirect to ${raw}`);
    }
    // A fragment is not sent; a user name and password of the server's choice are nobody's credentials here.
    target.hash = '';
    target.username = '';
    target.password = '';
    this.#seen ??= new Set([requestKey(from, cookie)]);
    const key = requestKey(target, this.#cookies?.headerFor(target) ?? null);
    if (this.#seen.has(key)) return refuse('redirect-loop', `redirected back to ${target.href}`);
    const verdict = this.#mayFetch(target, 'redirect');
    if (!verdict.ok) return refuse(verdict.errorClass, verdict.detail);
    this.#seen.add(key);
    this.#lastKey = key;
    const downgrade = from.protocol === 'https:' && target.protocol === 'http:';
    return { kind: 'follow', url: target, hop: downgrade ? { ...hop, downgrade } : hop };
  }
}

/** A canonical URL holds no blank. */
function requestKey(url: URL, cookie: string | null): string {
  return cookie === null ? url.href : `${url.href} ${cookie}`;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Header values arrive as Latin-1; servers that put a raw path into Location mean UTF-8. */
function utf8(value: string): string {
  // oxlint-disable-next-line no-control-regex -- the range is ASCII
  if (/^[\u0000-\u007f]*$/.test(value)) return value;
  try {
    return strictUtf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    // Not UTF-8: the bytes are Latin-1 after all.
    return value;
  }
}
