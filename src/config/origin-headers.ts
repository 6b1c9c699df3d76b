/**
 * Config: request headers of single origins. In: the map `fetch.origin-headers`. Out: headers by canonical origin pattern, or
 * every problem with its place below that key.
 *
 *   fetch:
 *     origin-headers:
 *       https://api.example.com: { Authorization: Bearer … }        that origin
 *       "https://*.example.org": { X-Api-Key: … }                   every host below that name
 */
import { canonicalOriginPattern } from '../url/origin-rules.ts';
import { quote } from './units.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers by canonical pattern; the parsed form of `fetch.origin-headers`. */
export type OriginHeaders = Readonly<Record<string, Headers>>;

/** Reads the whole map; what could be read comes together with every problem. */
export function parseOriginHeaders(
  raw: unknown,
  readHeaders: (raw: unknown) => { readonly value: unknown } | { readonly problems: readonly { message: string }[] },
): { value: OriginHeaders; problems: { at: string; message: string }[] } {
  const value: Record<string, Headers> = {};
  const problems: { at: string; message: string }[] = [];
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    // Not quoted: it may be a header with its secret.
    problems.push({ at: '', message: 'must be a map of origins to their headers' });
    return { value, problems };
  }
  for (const [pattern, headers] of Object.entries(raw)) {
    const canonical = canonicalOriginPattern(pattern);
    const parsed = readHeaders(headers);
    if (canonical === null) {
      const message = 'must be an origin such as https://api.example.com or https://*.example.com, without a path';
      problems.push({ at: pattern, message: `${message}, got ${quote(pattern)}` });
    } else if (Object.hasOwn(value, canonical)) {
      problems.push({ at: pattern, message: `stands twice: it is the same origin as ${canonical}` });
    } else if ('problems' in parsed) {
      problems.push(...parsed.problems.map(({ message }) => ({ at: pattern, message })));
    } else value[canonical] = parsed.value as Headers;
  }
  return { value, problems };
}

/** The same with every value hidden: a header for one origin is hardly ever anything but a secret. */
export function redactOriginHeaders(origins: OriginHeaders, mark: string): OriginHeaders {
  const hide = (headers: Headers): Headers =>
    Object.fromEntries(Object.keys(headers).map((name) => [name, mark] as const));
  return Object.fromEntries(Object.entries(origins).map(([origin, headers]) => [origin, hide(headers)] as const));
}
