/**
 * Fetch stage: the headers of an answer as they are stored: a JSON array of [name, value] pairs in the order received.
 * Bytes are read as Latin-1, one character a byte, so that whatever a server sent can be told from the database.
 */
import type { Dispatcher } from 'undici';
import { redactUrl } from '../url/redact.ts';

/** Header fields of one answer that are accepted; more of them is `header-overflow`, like more bytes. */
export const MOST_HEADER_FIELDS = 1_000;

type RawHeaders = Dispatcher.DispatchController['rawHeaders'];
type HeaderValue = string | string[] | undefined;

/** The raw headers as [name, value] pairs. HTTP/2 has no order to keep beyond that of its object. */
export function headerPairs(raw: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  if (raw === null || raw === undefined) return pairs;
  if (Array.isArray(raw)) {
    for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([latin1(raw[i]), latin1(raw[i + 1])]);
    return pairs;
  }
  for (const [name, value] of Object.entries(raw)) {
    if (Array.isArray(value)) for (const one of value) pairs.push([name, one]);
    else if (value !== undefined) pairs.push([name, value]);
  }
  return pairs;
}

/** A password in a Location is as little to be stored here as in the redirect chain. */
export function hidePasswords(pairs: [name: string, value: string][]): void {
  for (const pair of pairs) if (pair[0].toLowerCase() === 'location') pair[1] = redactUrl(pair[1]);
}

/** The value of a header that should come once: the first one if it came more often. */
export function single(value: HeaderValue): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}

/** All values of a header that may come in several fields, joined as RFC 9110 §5.3 allows. */
export function joined(value: HeaderValue): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}

/** Declared length in bytes; `null` if there is none. The HTTP parser has refused contradicting and malformed ones. */
export function declaredLength(value: HeaderValue): number | null {
  const text = single(value)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

function latin1(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '');
}
