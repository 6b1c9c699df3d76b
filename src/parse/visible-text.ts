/**
 * Gathers the visible text of one page while it is read: white space collapsed, words counted, straight into the UTF-8 bytes
 * that the database will hold, without a string for every piece in between.
 *
 * In: pieces of UTF-8, and word breaks where a block element begins or ends. Out: one line of text; words separated by one
 * space. White space is that of HTML (space, tab, line feed, form feed, carriage return) and the no-break space.
 * One pass over the bytes: the cost is linear whatever the page holds. Anchors and headings are stretches of the same text,
 * cut out by position.
 *
 * All of a thread share one piece of scratch memory, so only one is filled at a time; `take` gives out a copy of exactly its
 * size, or of much text the memory itself: either safe to transfer.
 */
import { release, roomFor } from '../model/large-memory.ts';

const FIRST_SIZE = 64 * 1024;
/** A page with more text than this takes its memory along. */
const MOST_KEPT = 2 * 1024 * 1024;
/** Bytes kept of one page's text. It passes through memory several times on its way into the file. */
export const MOST_TEXT = 10_000_000;

const SPACE = 32;
/** The no-break space, U+00A0, in UTF-8. */
const NBSP_1 = 0xc2;
const NBSP_2 = 0xa0;

/** What of a byte goes into the text: itself, or a space; and `IS_SPACE` if it is white space. */
const SHOWN: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => byte);
const IS_SPACE = 256;
for (const character of ' \t\n\f\r') SHOWN[character.charCodeAt(0)] = IS_SPACE | SPACE;

let scratch = Buffer.alloc(FIRST_SIZE);

export class VisibleText {
  /** Words that have passed. */
  words = 0;
  /** There was more text than is kept; what is beyond is not counted either. */
  isCut = false;
  #length = 0;
  /** 1 where the text so far ends in a space, or is empty. */
  #afterSpace = 1;

  /** Where the next piece will begin: a position for `slice`. */
  get length(): number {
    return this.#length;
  }

  /** The next piece starts a new word. */
  break(): void {
    if (this.#afterSpace === 1) return;
    this.#afterSpace = 1;
    this.#reserve(1);
    scratch[this.#length++] = SPACE;
  }

  /**
   * Adds `bytes` from `start` to `until`. What a byte is decides by arithmetic where the next one goes: branches would be guessed
   * wrong twice a word, which took longer than all the rest.
   */
  add(bytes: Uint8Array, start: number, until: number): void {
    const end = this.#length + until - start < MOST_TEXT ? until : this.#cut(bytes, start, until);
    this.#reserve(end - start);
    const out = scratch;
    let to = this.#length;
    let afterSpace = this.#afterSpace;
    let words = 0;
    for (let at = start; at < end; at++) {
      let byte = bytes[at]!;
      if (byte === NBSP_1 && bytes[at + 1] === NBSP_2) {
        byte = SPACE;
        at++;
      }
      const shown = SHOWN[byte]!;
      out[to] = shown;
      const isSpace = shown >> 8;
      to = (to + 1 - (isSpace & afterSpace)) | 0;
      words = (words + (afterSpace & (1 - isSpace))) | 0;
      afterSpace = isSpace;
    }
    this.words += words;
    this.#length = to;
    this.#afterSpace = afterSpace;
  }

  /** Text from position `from` to `to`, at most `limit` UTF-16 code units. */
  slice(from: number, to: number, limit: number): string {
    // The spaces that separate it from what stands around it are not part of it.
    const start = scratch[from] === SPACE ? from + 1 : from;
    const end = to > start && scratch[to - 1] === SPACE ? to - 1 : to;
    return scratch.toString('utf8', start, end - start <= limit ? end : endOfUnits(scratch, start, end, limit));
  }

  /** The text so far. This object must not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const end = this.#length > 0 && this.#afterSpace === 1 ? this.#length - 1 : this.#length;
    const text = scratch.subarray(0, end);
    if (scratch.length <= MOST_KEPT) return new Uint8Array(text);
    scratch = Buffer.alloc(FIRST_SIZE);
    return text;
  }

  /** Where to stop instead of at `end`: between characters. */
  #cut(bytes: Uint8Array, start: number, end: number): number {
    this.isCut = true;
    let cut = Math.min(end, start + Math.max(0, MOST_TEXT - this.#length - 1));
    while (cut > start && cut < end && (bytes[cut]! & 0xc0) === 0x80) cut--;
    return cut;
  }

  #reserve(bytes: number): void {
    // One more, because a space that will not stay is written, too.
    const least = this.#length + bytes + 1;
    if (least <= scratch.length) return;
    // Of much text nothing is copied a second time.
    const larger = Buffer.allocUnsafeSlow(least > MOST_KEPT ? roomFor(MOST_TEXT) : Math.max(least, scratch.length * 2));
    larger.set(scratch.subarray(0, this.#length));
    release(scratch);
    scratch = larger;
  }
}

/** Where `limit` UTF-16 code units of the UTF-8 from `start` to `end` end, or those before a character that would exceed them. */
function endOfUnits(utf8: Uint8Array, start: number, end: number, limit: number): number {
  let at = start;
  let units = 0;
  while (at < end) {
    const lead = utf8[at]!;
    units += lead < 0xf0 ? 1 : 2;
    if (units > limit) break;
    at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  }
  return at;
}

const SPACES = /[ \t\n\f\r\u00a0]+/g;

/** White space collapsed and trimmed, at most `limit` characters: for a title, a description. */
export function collapse(text: string, limit: number): string {
  const collapsed = text.replace(SPACES, ' ');
  const start = collapsed.startsWith(' ') ? 1 : 0;
  const end = collapsed.length - (collapsed.endsWith(' ') ? 1 : 0);
  return clip(collapsed.slice(start, Math.max(start, end)), limit);
}

/** At most `limit` UTF-16 code units, never half a surrogate pair: a lone surrogate is not text that SQLite can hold. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return copyOf(text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit));
}

/** A part of a string keeps the whole of it in memory; a copy does not. For parts of what may be long. */
export function copyOf(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}
