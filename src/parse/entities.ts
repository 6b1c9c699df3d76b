/**
 * Character references (`&amp;`, `&#8217;`, `&eacute`) in text and attribute values.
 *
 * The tokenizer that reads pages runs with decoding off, which lets it skip through text three times as fast; the few
 * pieces that hold an `&` come here. Decoding is htmlparser2's own: a second tokenizer reads the piece as the content of a
 * `<title>` or of an attribute, for which the standard's rules differ (HTML standard §13.2.5.72, `&copy=1` in a link).
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
  // A piece of text cannot hold `</title`: the page's tokenizer would have ended it there.
  return text.includes('&') ? decode(`<title>${text}`) : text;
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
