/**
 * Text of megabytes to UTF-8, a portion at a time: as one string it would take two bytes a character, outside the heap, until a
 * collection finds it, and as one piece of UTF-8 two or three times its size while it is read.
 *
 * In: bytes in a known encoding. Out: UTF-8, without a byte order mark and without NUL (U+FFFD stands for it), the same as
 * `TextDecoder` makes of the whole, up to a bound (`mostOf`). Han in UTF-16 grows by half, Cyrillic in an encoding of one byte
 * doubles; Thai in one, half-width kana in Shift_JIS, and damage triple.
 *
 * Damaged UTF-8 and encodings of one byte go from bytes to bytes; only the others take strings, of a few kilobytes: longer ones
 * outlive the young generation, and the heap grew by as much as the page.
 */
import { release, roomFor } from '../model/large-memory.ts';

const encoder = new TextEncoder();
/** Bytes decoded in one go. */
const PIECE = 4 * 1024;
/** The most that one byte may become. */
const MOST_PER_BYTE = 3;
/** Any page is read whole as long as its text takes no more than this: twice what a page may have by default. */
const MOST_TRIPLED = 20_000_000;
/** Room that `fill` needs beyond what it is asked for. A decoder may hold back the beginning of a character. */
export const FILL_SLACK: number = MOST_PER_BYTE * (PIECE + 8);

const ONE_BYTE = /^(?:ibm866|iso-8859-|koi8-|macintosh$|windows-|x-mac-cyrillic$)/;

interface Piece {
  /** Where the next one begins: behind `until` where a character goes on there. */
  readonly read: number;
  /** Where its text ends in `out`. */
  readonly end: number;
  /** U+FFFD is in it. */
  readonly hasReplaced: boolean;
}

/** Decodes the bytes from `from` to `until` into `out` from `at` on, where there is room for three times as much. */
type DecodePiece = (from: number, until: number, out: Uint8Array, at: number) => Piece;

export class LargeText {
  /** U+FFFD is in what has been read. */
  hasReplaced = false;
  /** There is more text than is read. */
  isCut = false;
  /** Nothing is left to be read. */
  isOver: boolean;
  readonly #bytes: Uint8Array;
  readonly #charset: string;
  readonly #decode: DecodePiece;
  #at = 0;
  /** Bytes that may still come out. */
  #left: number;

  constructor(bytes: Uint8Array, charset: string) {
    this.#bytes = bytes;
    this.#charset = charset;
    this.#left = mostOf(bytes.length);
    this.isOver = bytes.length === 0;
    if (charset === 'utf-8') {
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
      this.#decode = (from, until, out, at) => repair(bytes, from, until, out, at);
    } else if (ONE_BYTE.test(charset)) {
      this.#decode = byTable(bytes, charset);
    } else {
      this.#decode = byStrings(bytes, charset);
    }
  }

  /** The most that is read of it, bytes. */
  get mostLength(): number {
    return mostOf(this.#bytes.length);
  }

  /**
   * Writes text into `out` from `at` on until `until` is reached or nothing is left, whole characters only. `out` goes on for
   * `FILL_SLACK` bytes behind `until`, and the end may be there. Returns where the text ends.
   */
  fill(out: Uint8Array, at: number, until: number): number {
    let end = at;
    while (end < until && !this.isOver) {
      const last = Math.min(this.#at + PIECE, this.#bytes.length);
      const piece = this.#decode(this.#at, last, out, end);
      this.#at = piece.read;
      this.hasReplaced ||= piece.hasReplaced;
      const kept = this.#cut(out, end, piece.end);
      this.#left -= kept - end;
      end = kept;
      if (this.#at >= this.#bytes.length) this.isOver = true;
    }
    return end;
  }

  /** Hands on all that is left, a portion at a time; the memory of a portion is used again. */
  forEach(take: (utf8: Uint8Array, length: number) => void): void {
    const portion = Buffer.allocUnsafeSlow(16 * PIECE + FILL_SLACK);
    while (!this.isOver) take(portion, this.fill(portion, 0, 16 * PIECE));
    release(portion);
  }

  /** All of the text in one piece, whatever has been read of it. */
  whole(): Uint8Array {
    const again = new LargeText(this.#bytes, this.#charset);
    const most = this.mostLength + FILL_SLACK;
    const utf8 = Buffer.allocUnsafeSlow(roomFor(most));
    return utf8.subarray(0, again.fill(utf8, 0, this.mostLength));
  }

  /** The end of what is read of the text from `start` to `end`. */
  #cut(out: Uint8Array, start: number, end: number): number {
    if (end - start <= this.#left) return end;
    this.isCut = true;
    this.isOver = true;
    let cut = start + this.#left;
    while (cut > start && (out[cut]! & 0xc0) === 0x80) cut--;
    return cut;
  }
}

/** The most that is read of text in `length` bytes: what no more than doubles, and of smaller pages what triples. */
function mostOf(length: number): number {
  return Math.max(2 * length, Math.min(MOST_PER_BYTE * length, MOST_TRIPLED));
}

/** UTF-8 with each maximal part of a broken sequence replaced (Encoding standard §8.1.1, "UTF-8 decoder"). */
function repair(bytes: Uint8Array, from: number, until: number, out: Uint8Array, start: number): Piece {
  let at = from;
  let to = start;
  let hasReplaced = false;
  while (at < until) {
    const lead = bytes[at]!;
    if (lead < 0x80 && lead !== 0) {
      out[to++] = lead;
      at++;
      continue;
    }
    const length = sequenceLength(lead);
    let next = at + 1;
    // Past the end of the bytes stands `undefined`, which continues nothing.
    while (next < at + length && continues(lead, next - at, bytes[next])) next++;
    if (length > 1 && next === at + length) {
      while (at < next) out[to++] = bytes[at++]!;
    } else {
      out[to] = 0xef;
      out[to + 1] = 0xbf;
      out[to + 2] = 0xbd;
      to += 3;
      at = next;
      hasReplaced = true;
    }
  }
  return { read: at, end: to, hasReplaced };
}

/** Bytes of the sequence that `lead` begins; 1 where it begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Whether `byte` may stand at `position` (1…3) behind `lead`: the second one decides about overlong forms, surrogates, the last plane. */
function continues(lead: number, position: number, byte: number | undefined): boolean {
  if (byte === undefined || (byte & 0xc0) !== 0x80) return false;
  if (position > 1) return true;
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  return lead !== 0xf4 || byte < 0x90;
}

/** Each byte is a character of its own. */
function byTable(bytes: Uint8Array, charset: string): DecodePiece {
  const decoder = new TextDecoder(charset);
  const characters = Array.from({ length: 256 }, (_, byte) => decoder.decode(Uint8Array.of(byte)));
  characters[0] = '\uFFFD';
  const table = characters.map((character) => encoder.encode(character));
  const isReplaced = characters.map((character) => character === '\uFFFD');
  return (from, until, out, start) => {
    let to = start;
    let hasReplaced = false;
    for (let at = from; at < until; at++) {
      const byte = bytes[at]!;
      // ASCII is the same in all of them (Encoding standard §9.1).
      if (byte < 0x80 && byte !== 0) {
        out[to++] = byte;
        continue;
      }
      const character = table[byte]!;
      for (let n = 0; n < character.length; n++) out[to++] = character[n]!;
      hasReplaced ||= isReplaced[byte]!;
    }
    return { read: until, end: to, hasReplaced };
  };
}

function byStrings(bytes: Uint8Array, charset: string): DecodePiece {
  const decoder = new TextDecoder(charset);
  return (from, until, out, start) => {
    const decoded = decoder.decode(bytes.subarray(from, until), { stream: until < bytes.length });
    const text = decoded.includes('\0') ? decoded.replaceAll('\0', '\uFFFD') : decoded;
    const { written } = encoder.encodeInto(text, out.subarray(start));
    return { read: until, end: start + written, hasReplaced: text.includes('\uFFFD') };
  };
}
