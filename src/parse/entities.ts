/**
 * Character references (`&amp;`, `&#8217;`, `&eacute`) in text and attribute values.
 *
 * In: the few pieces of a page that hold an `&`. Out: what they mean. Decoding is the package's of that name, which htmlparser2
 * and parse5 use, too. In attributes the standard's rules differ (HTML standard §13.2.5.72: `&copy=1` in a link is not a
 * copyright sign). Malformed references and forbidden code points come out as it repairs them.
 */
import { decodeHTML, decodeHTMLAttribute } from 'entities/decode';

/** Text between tags. */
export function decodeTextEntities(text: string): string {
  return text.includes('&') ? decodeHTML(text) : text;
}

/** An attribute value, without its quotes. */
export function decodeAttributeEntities(value: string): string {
  return value.includes('&') ? decodeHTMLAttribute(value) : value;
}

/** Letters and digits of the longest name that is remembered. */
const LONGEST_KNOWN = 7;
/** More letters and digits than any name has. */
const LONGEST_NAME = 64;
/** More digits than any number needs. */
const MOST_DIGITS = 16;
/** References by name and whether a `;` ends them, as one number, seven bits a byte: below 2^50. */
const known = new Map<number, Uint8Array>();
/** Names come from the web: what is remembered is bounded, and what one page has filled it with is forgotten at the next. */
const MOST_KNOWN = 1000;

/** Bytes of text that are decoded together: what strings of more leave behind outlives the young generation. */
const PIECE = 2 * 1024;

/** Means itself where it is alone. */
const AMPERSAND = Buffer.from('&');
const SEMICOLON = 59;
const NUMBER_SIGN = 35;
const X = 120;
const ZERO = 48;

/**
 * Where the reference at `ampersand` ends at the latest: behind the letters and digits that follow, and a `;`. What it means, if
 * anything, depends on nothing beyond, so text is decoded reference by reference. A lone `&` is one, too; so is the beginning of
 * what is longer than any name.
 */
export function referenceEnd(bytes: Uint8Array, ampersand: number, end: number): number {
  const at = wordEnd(bytes, ampersand, end);
  return at > ampersand + 1 && at < end && bytes[at] === SEMICOLON ? at + 1 : at;
}

/** Whether the reference that begins at `ampersand` may go on behind `end`. */
export function isUnfinishedReference(bytes: Uint8Array, ampersand: number, end: number): boolean {
  const isNumber = bytes[ampersand + 1] === NUMBER_SIGN;
  return wordEnd(bytes, ampersand, end) === end && (isNumber || end - ampersand <= LONGEST_NAME);
}

/** Behind the letters and digits of a name, or the digits of a number, of which there may be any number. */
function wordEnd(bytes: Uint8Array, ampersand: number, end: number): number {
  let at = ampersand + 1;
  if (at < end && bytes[at] === NUMBER_SIGN) {
    const isHex = at + 1 < end && isX(bytes[at + 1]!);
    at += isHex ? 2 : 1;
    while (at < end && isDigit(bytes[at]!, isHex)) at++;
    return at;
  }
  const last = Math.min(end, at + LONGEST_NAME);
  while (at < last && isNameByte(bytes[at]!)) at++;
  return at;
}

/** A page begins. */
export function beginReferences(): void {
  if (known.size === MOST_KNOWN) known.clear();
}

/**
 * What the reference from `start` to `end` means in text, in UTF-8; `null` where that is not remembered: then `pieceEnd` says how
 * much to decode with it.
 */
export function knownReference(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  const hasEnd = bytes[end - 1] === SEMICOLON;
  const nameEnd = hasEnd ? end - 1 : end;
  if (nameEnd - start - 1 > LONGEST_KNOWN) return null;
  if (end === start + 1) return AMPERSAND;
  let key = 0;
  for (let at = start + 1; at < nameEnd; at++) key = key * 128 + bytes[at]!;
  key = key * 2 + (hasEnd ? 1 : 0);
  const text = known.get(key);
  if (text !== undefined) return text;
  if (known.size === MOST_KNOWN) return null;
  const decoded = decodeReferences(bytes, start, end);
  known.set(key, decoded);
  return decoded;
}

/** Between references: where to end a piece of a few hundred of them, which begins with the one from `start` to `referenceEnd`. */
export function pieceEnd(bytes: Uint8Array, start: number, referenceEnd: number, end: number): number {
  if (end - start <= PIECE) return end;
  return Math.max(referenceEnd, bytes.lastIndexOf(AMPERSAND[0]!, start + PIECE));
}

/** Text with references in it, in UTF-8. */
export function decodeReferences(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return end - start > PIECE
    ? decodeNumber(bytes, start, end)
    : Buffer.from(decodeTextEntities(slice(bytes, start, end)));
}

/** Longer than a piece is only a number: of it the digits behind its zeros count, and of megabytes of them only that they are too many. */
function decodeNumber(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const isHex = isX(bytes[start + 2]!);
  let at = start + (isHex ? 3 : 2);
  while (at < end - 1 && bytes[at] === ZERO) at++;
  const digits = slice(bytes, at, Math.min(end, at + MOST_DIGITS));
  return Buffer.from(decodeTextEntities(`${isHex ? '&#x0' : '&#0'}${digits}`));
}

function slice(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}

function isNameByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 97 && lower <= 122) || (byte >= 48 && byte <= 57);
}

function isX(byte: number): boolean {
  return (byte | 0x20) === X;
}

function isDigit(byte: number, isHex: boolean): boolean {
  const lower = byte | 0x20;
  return (byte >= 48 && byte <= 57) || (isHex && lower >= 97 && lower <= 102);
}
