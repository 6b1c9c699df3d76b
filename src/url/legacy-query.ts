/**
 * Queries of links on pages that are not in UTF-8: what stands there beyond ASCII is sent in the page's own encoding (URL standard,
 * "percent-encode after encoding"). `?q=Привет` on a page in windows-1251 is `?q=%CF%F0%E8%E2%E5%F2`: in UTF-8 it would be a URL
 * that the page does not link to.
 *
 * In: an encoding's name, an href. Out: the href with its query in ASCII; path and fragment are UTF-8 always. The platform has
 * decoders only, so each is turned round once, when the first such query is met: 2 ms for one byte a character, 10 to 80 ms for more.
 */
import { TextDecoder } from 'node:util';
import { escapedPair, inIso2022Jp } from './iso-2022-jp.ts';
import { inQuery, unwritable } from './query-bytes.ts';

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

/** Lead and trail bytes of ISO-2022-JP. */
const JIS = [0x21, 0x7e] as const;
/** Characters that no bytes are read as, but that are written: as others are, or as a byte of ASCII. */
const MINUS = ['−', '－'] as const;
const JAPANESE = [['¥', '\\'], ['‾', '~'], MINUS] as const;
const WRITTEN_AS: Readonly<Record<string, readonly (readonly [character: string, as: string])[]>> = {
  'iso-2022-jp': [MINUS],
  'euc-jp': JAPANESE,
  shift_jis: JAPANESE,
};

/** Sequences of four bytes of GB18030: so many for characters up to U+FFFF, and where those beyond begin. */
const GB_FIRST_PLANE = 39_420;
const GB_OTHER_PLANES = 189_000;

const BEYOND_ASCII = /[^\0-\x7f]/;

const encoders = new Map<string, QueryEncoder>();

/** `null` where queries are UTF-8: pages in UTF-8 or UTF-16. @param charset as `TextDecoder.encoding`. */
export function queryEncoderOf(charset: string): QueryEncoder | null {
  if (charset.startsWith('utf-')) return null;
  let encoder = encoders.get(charset);
  if (encoder === undefined) encoders.set(charset, (encoder = encoderFor(charset)));
  return encoder;
}

function encoderFor(charset: string): QueryEncoder {
  let write: ((query: string) => string) | null = null;
  return (href) => {
    const start = href.indexOf('?');
    if (start === -1) return href;
    const hash = href.indexOf('#');
    const end = hash === -1 ? href.length : hash;
    const query = href.slice(start, Math.max(start, end));
    if (!BEYOND_ASCII.test(query)) return href;
    write ??= writerOf(charset);
    return href.slice(0, start) + write(query) + href.slice(end);
  };
}

function writerOf(charset: string): (query: string) => string {
  const table = tableOf(charset);
  if (charset === 'iso-2022-jp') return (query) => inIso2022Jp(query, table);
  const other = charset === 'gb18030' ? gbWriter() : unwritable;
  return (query) => {
    let written = '';
    for (const character of query) {
      const code = character.codePointAt(0)!;
      written += code < 0x80 ? character : (table.get(character) ?? other(code));
    }
    return written;
  };
}

/** Characters beyond ASCII → their bytes as they stand in a URL. */
function tableOf(charset: string): Map<string, string> {
  const table = new Map<string, string>();
  const decoder = new TextDecoder(charset);
  if (charset === 'iso-2022-jp') {
    for (let lead = JIS[0]; lead <= JIS[1]; lead++) {
      addRow(table, decoder, (trail) => [...escapedPair(lead, trail), 0x0a], JIS, false);
    }
  } else {
    addBytes(table, decoder, charset);
  }
  for (const [character, as] of WRITTEN_AS[charset] ?? []) table.set(character, table.get(as) ?? as);
  return table;
}

/** Encodings in which a character is the same bytes wherever it stands. */
function addBytes(table: Map<string, string>, decoder: TextDecoder, charset: string): void {
  const leads = LEADS[charset];
  // In gb18030 single bytes are read only.
  if (charset !== 'gb18030') {
    for (let byte = 0x80; byte <= 0xff; byte++) addRow(table, decoder, (one) => [one, 0x0a], [byte, byte], false);
  }
  if (leads === undefined) return;
  for (let lead = leads[0]; lead <= leads[1]; lead++) {
    if (charset === 'shift_jis' && SHIFT_JIS_READ_ONLY.has(lead)) continue;
    addRow(table, decoder, (trail) => [lead, trail, 0x0a], [0x40, 0xfe], charset === 'big5');
  }
}

/** GB18030 has all characters but one: with four bytes those up to U+FFFF that are not in its table, and those beyond. */
function gbWriter(): (code: number) => string {
  const bytes = Buffer.from(Array.from({ length: GB_FIRST_PLANE }, (_, index) => gbFour(index)).flat());
  const firstPlane = new TextDecoder('gb18030').decode(bytes);
  return (code) => {
    const isFirst = code < 0x10000;
    const index = isFirst ? firstPlane.indexOf(String.fromCharCode(code)) : GB_OTHER_PLANES + code - 0x10000;
    return index === -1 ? unwritable(code) : gbFour(index).map(inQuery).join('');
  };
}

function gbFour(index: number): number[] {
  const [first, second, third, fourth] = [12_600, 1_260, 10, 1].map((unit) => Math.trunc(index / unit));
  return [0x81 + first!, 0x30 + (second! % 10), 0x81 + (third! % 126), 0x30 + (fourth! % 10)];
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
