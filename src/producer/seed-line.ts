/**
 * Makes the items of a source: a text that should be a URL becomes a usable URL or a rejected line with its reason. All
 * sources go through here, so that the same text means the same wherever it stands.
 */
import type { RejectReason, SeedLine } from '../model/seed.ts';
import { rejectedText } from '../url/redact.ts';
import { seedUrl, type SeedResult } from '../url/seed-url.ts';

/** What readers turn a list into, one item per line or record, as far as bytes have been pushed to their cursor. */
export interface SeedReader {
  /** The next item; `null` = more bytes are needed, or there are none. */
  next(): SeedLine | null;
  /** Behind the last item: lines read, and bytes of the list up to where the next item starts. */
  readonly line: number;
  readonly byteOffset: number;
}

/** The item for `text`, which stands where a URL should. */
export function urlLine(line: number, text: string, columns: string | null): SeedLine {
  const seed = seedUrl(text);
  return seed.ok ? urlItem(line, seed, columns) : rejectedLine(line, text, seed.reason, columns);
}

function urlItem(line: number, seed: SeedResult & { readonly ok: true }, columns: string | null): SeedLine {
  const { url, host, bareHost, authorization } = seed;
  if (authorization !== undefined) return { kind: 'url', line, url, host, bareHost, columns, authorization };
  return { kind: 'url', line, url, host, bareHost, columns };
}

/** A rejected item that shows the beginning of `text` and no password. */
export function rejectedLine(line: number, text: string, reason: RejectReason, columns: string | null): SeedLine {
  return { kind: 'rejected', line, raw: rejectedText(text), reason, columns };
}

export function blankLine(line: number): SeedLine {
  return { kind: 'blank', line };
}

/** White space only, or a comment: `#` as the very first character. */
export function isBlankOrComment(text: string): boolean {
  return text.startsWith('#') || text.trim() === '';
}
