/**
 * What a person means by one line of a list or one argument: a full URL, or a bare host (`example.com/path`,
 * `localhost:8080`), which is read as https://. Everything else is refused with a reason, never guessed at.
 *
 * A user name and password become what a request says of them (`Authorization: Basic`, RFC 7617), apart from the URL.
 *
 * The trap: by the URL standard `localhost:8080/x` has the scheme `localhost:`, and `user:secret@host` the scheme `user:`.
 */
import { basicAuthorization } from './basic-auth.ts';
import { canonicalUrl } from './canonical.ts';
import type { UrlProblem } from './canonical.ts';

export type SeedResult =
  | {
      readonly ok: true;
      /** Canonical URL. */
      readonly url: string;
      /** As `canonicalUrl`. */
      readonly host: string;
      /** It was written without a scheme and read as https://. */
      readonly bareHost: boolean;
      /** The value of Authorization that its user name and password make; missing without any. A secret. */
      readonly authorization?: string;
    }
  | { readonly ok: false; readonly reason: UrlProblem };

const HAS_SLASHES = /^[a-z][a-z0-9+.-]*:[/\\]/i;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:/i;
/** Host, port, and then the end or a path: what a scheme with an opaque rest (`mailto:a@b`) is not. */
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^\s/\\?#:@[\]]+):\d{1,5}(?=$|[/?#])/i;
/** Schemes that may well be followed by a number alone, so that they look like host and port. */
const NUMBER_SCHEME = /^(?:tel|sms|fax|callto|javascript|mailto|about|urn|https?)$/i;

/** Reads one seed. Surrounding white space does not count. */
export function seedUrl(raw: string): SeedResult {
  const text = raw.trim();
  if (HAS_SLASHES.test(text)) return withScheme(text);
  const word = HOST_AND_PORT.exec(text)?.[1];
  if (word !== undefined && !NUMBER_SCHEME.test(word)) return isNumber(word) ? BAD : bare(text);
  if (HAS_SCHEME.test(text)) return withScheme(text);
  if (text.startsWith('//')) return bare(text.slice(2));
  return isBareHost(text) ? bare(text) : BAD;
}

const BAD: SeedResult = { ok: false, reason: 'bad-url' };

function withScheme(text: string): SeedResult {
  const result = canonicalUrl(text);
  if (!result.ok) return result.reason === 'credentials' ? withUserinfo(text) : result;
  return { ok: true, url: result.url, host: result.host, bareHost: false };
}

function withUserinfo(text: string): SeedResult {
  const parsed = new URL(text);
  const authorization = basicAuthorization(parsed.username, parsed.password);
  parsed.username = '';
  parsed.password = '';
  const result = canonicalUrl(parsed.href);
  if (!result.ok || authorization === null) return result.ok ? { ok: false, reason: 'credentials' } : result;
  return { ok: true, url: result.url, host: result.host, bareHost: false, authorization };
}

function bare(text: string): SeedResult {
  const result = canonicalUrl(`https://${text}`);
  return result.ok ? { ok: true, url: result.url, host: result.host, bareHost: true } : result;
}

/** Whether the part before the path can be a host: a name with a dot inside, `localhost`, or a whole IP address. */
function isBareHost(text: string): boolean {
  const host = /^[^/?#\\]*/.exec(text)?.[0] ?? '';
  if (/^(?:localhost|\[[0-9a-f:.]+\])$/i.test(host)) return true;
  // An `@` makes it a mail address.
  return /^[^\s.@][^\s@]*\.[^\s.@]+\.?$/.test(host) && !isNumber(host);
}

/** `5` and `1.5` are the addresses 0.0.0.5 and 1.0.0.5 by the URL standard; in a list they are no hosts. */
function isNumber(host: string): boolean {
  return /^[\d.]+$/.test(host) && !/^\d+\.\d+\.\d+\.\d+$/.test(host);
}
