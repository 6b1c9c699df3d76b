/**
 * Identity of a URL: its WHATWG form without fragment, http and https only (RFC 9110 §4.2, WHATWG URL standard).
 *
 * In: text as found in a list, a page or a Location header. Out: the canonical URL with its host, or why there is none.
 * Invariants: canonical(canonical(u)) = canonical(u); the result is `new URL(u).href` up to `#`; it never carries
 * credentials, because this text is what the database, the log and every export show.
 *
 * There is no hand-written fast path for absolute URLs: the platform's parser takes about 0.2 µs a URL once warm, a
 * regular expression that proves a URL canonical takes 0.1 µs, which is not worth a second grammar.
 */
import { plainHost } from './plain-host.ts';
import { redactUrl } from './redact.ts';

/** Longest URL accepted, in characters (64 KB; the canonical form is ASCII, so characters are bytes). */
export const MAX_URL_LENGTH = 64_000;

/** Why a text is not a usable URL. Recorded as the `reason` of a rejected line. */
export type UrlProblem = 'bad-url' | 'unsupported-scheme' | 'credentials' | 'too-long';

export type CanonicalResult =
  | {
      readonly ok: true;
      readonly url: string;
      /** Lower case, punycode, no port, no dot at its end (`plainHost`); an IPv6 address keeps its brackets. */
      readonly host: string;
    }
  | { readonly ok: false; readonly reason: UrlProblem };

/**
 * The canonical form of `raw`, resolved against `base` if given.
 * A user name or password in the URL is a problem, not dropped: the request would not be the one that was asked for.
 */
export function canonicalUrl(raw: string, base?: string): CanonicalResult {
  if (raw.length > MAX_URL_LENGTH) return { ok: false, reason: 'too-long' };
  const parsed = URL.parse(raw, base);
  if (parsed === null) return { ok: false, reason: 'bad-url' };
  const scheme = parsed.protocol;
  if (scheme !== 'https:' && scheme !== 'http:') return { ok: false, reason: 'unsupported-scheme' };
  if (parsed.username !== '' || parsed.password !== '') return { ok: false, reason: 'credentials' };
  const href = parsed.href;
  // Every other `#` is percent-encoded in an href, so the first one starts the fragment.
  const fragment = href.indexOf('#');
  const url = fragment === -1 ? href : href.slice(0, fragment);
  // Percent-encoding can make a text up to nine times longer.
  if (url.length > MAX_URL_LENGTH) return { ok: false, reason: 'too-long' };
  return { ok: true, url, host: plainHost(parsed.hostname) };
}

const SHOWN_CHARACTERS = 200;

/** `problem` of `raw` in one line for people, with the remedy. Shows no password, no control character, no endless text. */
export function describeUrlProblem(problem: UrlProblem, raw: string): string {
  // Redacted before it is cut: a cut between password and `@` would leave the password unrecognised.
  const safe = redactUrl(raw).replace(/[\u007f-\u009f]/g, '\ufffd');
  const shown = JSON.stringify(safe.length > SHOWN_CHARACTERS ? `${safe.slice(0, SHOWN_CHARACTERS)}…` : safe);
  return `${shown} ${REMEDIES[problem]}`;
}

const REMEDIES: Readonly<Record<UrlProblem, string>> = {
  'bad-url': 'is not a URL; write it like https://example.com/page',
  'unsupported-scheme': 'is neither http:// nor https://; only those can be fetched',
  credentials: 'carries a user name or password that HTTP cannot send; take it out and set fetch.origin-headers',
  'too-long': 'is longer than 64 KB; no server accepts such a URL',
};

/** Scheme, host and port of a canonical URL: what one robots.txt speaks for. */
export function originOf(url: string): string {
  const end = url.indexOf('/', AFTER_SCHEME);
  return end === -1 ? url : url.slice(0, end);
}

/** Path and query of a canonical URL. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', AFTER_SCHEME);
  return start === -1 ? '/' : url.slice(start);
}

/** Behind the slashes of `http://` and `https://`: a host has at least one character. */
const AFTER_SCHEME = 8;
