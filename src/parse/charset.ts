/**
 * Bytes to UTF-8: byte-order mark, then the header's label, then the page's own declaration, then guessing.
 *
 * In: decoded bytes. Out: the text in UTF-8, the encoding's name (lower case, as the WHATWG Encoding standard names it) and how it
 * was found. The text never holds NUL: like every malformed sequence it becomes U+FFFD, and `lossy` says so (the bytes are
 * kept elsewhere). Labels are resolved by the platform's TextDecoder; one it does not know counts as not given.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { TextDecoder } from 'node:util';
import type * as Chardet from 'chardet';
import type { CharsetSource } from '../model/page.ts';
import { LargeText } from './decode-large.ts';
import { declaredEncoding } from './prescan.ts';

export interface DecodedText {
  /**
   * The text, well-formed and without NUL: the very bytes given where they are that already. Of a large page that is not in UTF-8
   * it is decoded while it is read, once, and tells only afterwards what was replaced and whether it was cut.
   */
  readonly text: Uint8Array | LargeText;
  readonly charset: string;
  readonly source: CharsetSource;
  /** Something was replaced by U+FFFD, as far as is known before it is read. */
  readonly lossy: boolean;
}

/** The standard prescans 1024 bytes; browsers also honour a later `meta` by decoding again, so go on where one may stand. */
const PRESCAN_BYTES = 1024;
const LATE_PRESCAN_BYTES = 16 * 1024;

/** Enough for chardet's statistics; its cost grows with the sample. */
const DETECT_BYTES = 32 * 1024;

/** Bytes from which on a page is decoded while it is read. */
const LARGE = 256 * 1024;

const decoders = new Map<string, TextDecoder | null>();
/** Labels come from the web: the cache is bounded. */
const MOST_DECODERS = 128;

const loadNow = createRequire(import.meta.url);

/**
 * Decodes `bytes`.
 * @param headerLabel `charset` of Content-Type, or `null`.
 * @param html Whether the bytes may declare their encoding themselves (`meta`, XML declaration).
 */
export function decodeText(bytes: Uint8Array, headerLabel: string | null, html: boolean): DecodedText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const { charset, source } = findCharset(buffer, headerLabel, html);
  if (charset === 'utf-8' && isUtf8(buffer) && !buffer.includes(0)) {
    // Nearly every page: nothing is copied, and U+FFFD in it is its own.
    return { text: byteOrderMark(buffer) === null ? buffer : buffer.subarray(3), charset, source, lossy: false };
  }
  // In UTF-8 the bytes are at fault, else we would not be here.
  const isDamaged = charset === 'utf-8';
  if (buffer.length >= LARGE) return { text: new LargeText(buffer, charset), charset, source, lossy: isDamaged };
  const text = decoderFor(charset)!.decode(buffer);
  const hasNul = text.includes('\0');
  const utf8 = Buffer.from(hasNul ? text.replaceAll('\0', '\uFFFD') : text);
  return { text: utf8, charset, source, lossy: isDamaged || hasNul || text.includes('\uFFFD') };
}

interface Finding {
  readonly charset: string;
  readonly source: CharsetSource;
}

function findCharset(buffer: Buffer, headerLabel: string | null, html: boolean): Finding {
  const marked = byteOrderMark(buffer);
  if (marked !== null) return { charset: marked, source: 'bom' };
  const given = headerLabel === null ? null : encodingOf(headerLabel);
  if (given !== null) return { charset: given, source: 'header' };
  const declared = html ? prescan(buffer) : null;
  if (declared !== null) return { charset: declared, source: 'meta' };
  if (isAscii(buffer)) return { charset: 'utf-8', source: 'default' };
  if (isUtf8(buffer)) return { charset: 'utf-8', source: 'detected' };
  const detected = detect(buffer);
  if (detected !== null) return { charset: detected, source: 'detected' };
  return { charset: 'windows-1252', source: 'default' };
}

function byteOrderMark(buffer: Buffer): string | null {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) return 'utf-8';
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le';
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return 'utf-16be';
  return null;
}

/** The encoding a document declares itself; `null` = none. */
export function prescan(bytes: Uint8Array): string | null {
  const first = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LATE_PRESCAN_BYTES));
  const head = first.toString('latin1', 0, hasLateDeclaration(first) ? first.length : PRESCAN_BYTES);
  return declaredEncoding(head, encodingOf);
}

/** A declaration that begins before the first 1024 bytes end may end behind them: `charset`, its value, the rest of its tag. */
const LONGEST_DECLARATION = 256;

/** Whether reading on can find anything; the search for one word costs a fraction of that. */
function hasLateDeclaration(first: Buffer): boolean {
  return /charset/i.test(first.toString('latin1', PRESCAN_BYTES - LONGEST_DECLARATION));
}

function detect(buffer: Buffer): string | null {
  // Loaded when the first page needs it: most crawls never do.
  const { analyse } = loadNow('chardet') as typeof Chardet;
  const sample = buffer.subarray(0, DETECT_BYTES);
  for (const { name } of analyse(sample)) {
    const encoding = encodingOf(name);
    // The bytes are known not to be UTF-8 throughout, and an unmarked UTF-16 page does not exist on the web.
    if (encoding !== null && !encoding.startsWith('utf-') && isPossible(sample, encoding)) return encoding;
  }
  return null;
}

/** chardet judges by letter statistics and may name an encoding in which these bytes mean nothing. */
function isPossible(sample: Buffer, encoding: string): boolean {
  const text = decoderFor(encoding)!.decode(sample);
  const replaced = text.indexOf('\uFFFD');
  // A sample may end in the middle of a character.
  return replaced === -1 || (sample.length === DETECT_BYTES && replaced >= text.length - 2);
}

function decoderFor(label: string): TextDecoder | null {
  const cached = decoders.get(label);
  if (cached !== undefined) return cached;
  let decoder: TextDecoder | null;
  try {
    decoder = new TextDecoder(label);
  } catch {
    // RangeError: a label that is unknown, or of the standard's "replacement" group, which nobody can decode.
    decoder = null;
  }
  if (decoders.size < MOST_DECODERS) decoders.set(label, decoder);
  return decoder;
}

function encodingOf(label: string): string | null {
  return decoderFor(label.trim().toLowerCase())?.encoding ?? null;
}
