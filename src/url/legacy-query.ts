/**
 * Queries of links on pages that are not in UTF-8: what stands there beyond ASCII is sent in the page's own encoding (URL standard,
 * "percent-encode after encoding"). `?q=Привет` on a page in windows-1251 is `?q=%CF%F0%E8%E2%E5%F2`: in UTF-8 it would be a URL
 * that the page does not link to.
 *
 * In: an encoding's name, an href. Out: the href with its query in ASCII; path and fragment are UTF-8 always. The platform has
 * decoders only, so each is turned round once, when the first such query is met: 2 ms for one byte a character, 10 to 80 ms for two.
 */
import { TextDecoder } from 'node:util';

/** Turns an href as written into one whose query is ASCII. */
export type QueryEncoder = (href: string) => string;

/** Encodings of two bytes a character, and the first bytes of those that are written as well as read (Encoding standard). */
const LEADS: Readonly<Record<string, readonly [from: number, to: number]>> = {
  gbk: [0x81, 0xfe],
  gb18030: [0x81, 0xfe],
  big5: [0xa1, 0xfe],
  'euc-kr': [0x81, 0xfe],
  'euc-jp': [0x8e, 0xfe],
  shift_jis: [0x81, 0xfc],
};
/** Rows of Shift_JIS that are read only: their characters are written as in later ones. */
const SHIFT_JIS_READ_ONLY = new Set([0xed, 0xee]);
/** Twice in Big5; written as the second. */
const BIG5_LAST = new Set('═╞╡╪十卅');

const BEYOND_ASCII = /[^\0-\x7f]/;
const UNWRITTEN = /^(?:utf-|iso-2022-jp$|x-user-defined$|replacement$)/;

const encoders = new Map<string, QueryEncoder>();

/** `null` where queries are UTF-8: pages in UTF-8 or UTF-16, and those in encodings with states. @param charset as `TextDecoder.encoding`. */
export function queryEncoderOf(charset: string): QueryEncoder | null {
  if (UNWRITTEN.test(charset)) return null;
  let encoder = encoders.get(charset);
  if (encoder === undefined) encoders.set(charset, (encoder = encoderFor(charset)));
  return encoder;
}

function encoderFor(charset: string): QueryEncoder {
  let table: ReadonlyMap<string, string> | null = null;
  return (href) => {
    const start = href.indexOf('?');
    if (start === -1) return href;
    const hash = href.indexOf('#');
    const end = hash === -1 ? href.length : hash;
    const query = href.slice(start, Math.max(start, end));
    if (!BEYOND_ASCII.test(query)) return href;
    table ??= tableOf(charset);
    let written = '';
    for (const character of query) {
      const code = character.codePointAt(0)!;
      // What the encoding does not have is written as a form would send it.
      written += code < 0x80 ? character : (table.get(character) ?? `%26%23${code}%3B`);
    }
    return href.slice(0, start) + written + href.slice(end);
  };
}

/** Characters beyond ASCII → their bytes as they stand in a URL. */
function tableOf(charset: string): Map<string, string> {
  const table = new Map<string, string>();
  const decoder = new TextDecoder(charset);
  const leads = LEADS[charset];
  // In gb18030 single bytes are read only.
  if (charset !== 'gb18030') {
    for (let byte = 0x80; byte <= 0xff; byte++) addRow(table, decoder, (one) => [one, 0x0a], [byte, byte], false);
  }
  if (leads === undefined) return table;
  for (let lead = leads[0]; lead <= leads[1]; lead++) {
    if (charset === 'shift_jis' && SHIFT_JIS_READ_ONLY.has(lead)) continue;
    addRow(table, decoder, (trail) => [lead, trail, 0x0a], [0x40, 0xfe], charset === 'big5');
  }
  return table;
}

/** Adds what the bytes of `piece` mean, each ended by a line feed. */
function addRow(
  table: Map<string, string>,
  decoder: TextDecoder,
  piece: (byte: number) => number[],
  [from, to]: readonly [number, number],
  isBig5: boolean,
): void {
  const pieces = Array.from({ length: to - from + 1 }, (_, i) => piece(from + i));
  const meanings = decoder.decode(Uint8Array.from(pieces.flat())).split('\n');
  if (meanings.length !== pieces.length + 1) return;
  for (const [i, bytes] of pieces.entries()) {
    const meaning = meanings[i]!;
    if (Array.from(meaning).length !== 1 || meaning === '\ufffd' || meaning < '\x80') continue;
    if (table.has(meaning) && !(isBig5 && BIG5_LAST.has(meaning))) continue;
    table.set(meaning, bytes.slice(0, -1).map(inQuery).join(''));
  }
}

/** A byte as a query has it (URL standard, "special-query percent-encode set"). */
function inQuery(byte: number): string {
  const isKept = byte > 0x20 && byte < 0x7f && !'"#<>\''.includes(String.fromCharCode(byte));
  return isKept ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
