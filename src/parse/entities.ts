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

function decode(piece: string): string {
  source = piece;
  decoded = '';
  tokenizer.reset();
  tokenizer.write(piece);
  tokenizer.end();
  return decoded;
}
