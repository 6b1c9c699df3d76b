/**
 * Character references (`&amp;`, `&#8217;`, `&eacute`) in text and attribute values.
 *
 * In: the few pieces of a page that hold an `&`. Out: what they mean. Decoding is htmlparser2's: its tokenizer reads the
 * piece as the content of a `<title>` or of an attribute, for which the standard's rules differ (HTML standard §13.2.5.72:
 * `&copy=1` in a link is not a copyright sign). Malformed references and forbidden code points come out as it repairs them.
 */
import { Tokenizer } from 'htmlparser2';
import type { TokenizerCallbacks } from 'htmlparser2';

let source = '';
let decoded = '';

function ignore(): void {
  // Most tokens mean nothing here: the wrapping is ours.
}

const callbacks: TokenizerCallbacks = {
  onattribdata: take,
  onattribentity: takeCodePoint,
  ontext: take,
  ontextentity: takeCodePoint,
  onattribend: ignore,
  onattribname: ignore,
  oncdata: ignore,
  onclosetag: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onopentagend: ignore,
  onopentagname: ignore,
  onprocessinginstruction: ignore,
  onselfclosingtag: ignore,
};

function take(start: number, end: number): void {
  decoded += source.slice(start, end);
}

function takeCodePoint(codePoint: number): void {
  decoded += String.fromCodePoint(codePoint);
}

const tokenizer = new Tokenizer({ decodeEntities: true }, callbacks);

/** Text between tags. */
export function decodeTextEntities(text: string): string {
  if (!text.includes('&')) return text;
  // What ends the wrapping must not stand in the text. Only a `<textarea>` can hold `</title`, and not its own end tag.
  return decode(/<\/title/i.test(text) ? `<textarea>${text}` : `<title>${text}`);
}

/** An attribute value, without its quotes. */
export function decodeAttributeEntities(value: string): string {
  return value.includes('&') ? decode(`<a b="${value.replaceAll('"', '&quot;')}">`) : value;
}

/** Bytes of the longest plain reference; `&thetasym;` and the like go the long way. */
const LONGEST_PLAIN = 9;
/** Plain references by what stands between `&` and `;` as one number, seven bits a byte: below 2^49. */
const plain = new Map<number, Uint8Array>();
/** Names come from the web: what is remembered is bounded. */
const MOST_PLAIN = 1000;

const SEMICOLON = 59;
const NUMBER_SIGN = 35;

/**
 * A plain reference begins with `&`, ends with `;` and has at most seven letters and digits (and `#`) in between: what it means depends
 * on nothing around it. A lone `&` is one, too.
 * @returns where it ends, or 0 for a reference that is not plain.
 */
export function plainReferenceEnd(bytes: Uint8Array, ampersand: number, end: number): number {
  let at = ampersand + 1;
  if (at >= end || !isNameByte(bytes[at]!)) return at;
  const last = Math.min(end, ampersand + LONGEST_PLAIN);
  while (at < last && isNameByte(bytes[at]!)) at++;
  return at < last && bytes[at] === SEMICOLON ? at + 1 : 0;
}

/** What a plain reference means, in UTF-8. */
export function decodePlainReference(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let key = 0;
  for (let at = start + 1; at < end - 1; at++) key = key * 128 + bytes[at]!;
  let text = plain.get(key);
  if (text === undefined) {
    text = Buffer.from(
      decodeTextEntities(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')),
    );
    if (plain.size < MOST_PLAIN) plain.set(key, text);
  }
  return text;
}

function isNameByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 97 && lower <= 122) || (byte >= 48 && byte <= 57) || byte === NUMBER_SIGN;
}

function decode(piece: string): string {
  source = piece;
  decoded = '';
  tokenizer.reset();
  tokenizer.write(piece);
  tokenizer.end();
  return decoded;
}
