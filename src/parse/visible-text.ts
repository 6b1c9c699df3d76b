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
 * size, safe to transfer.
 */
const FIRST_SIZE = 64 * 1024;
/** A page with more text than this gives its memory back. */
const MOST_KEPT = 1024 * 1024;

const SPACE = 32;
/** The no-break space, U+00A0, in UTF-8. */
const NBSP_1 = 0xc2;
const NBSP_2 = 0xa0;

let scratch = Buffer.alloc(FIRST_SIZE);

export class VisibleText {
  /** Words that have passed. */
  words = 0;
  #length = 0;
  #afterSpace = true;

  /** Where the next piece will begin: a position for `slice`. */
  get length(): number {
    return this.#length;
  }

  /** The next piece starts a new word. */
  break(): void {
    this.#afterSpace = true;
  }

  /** Adds `bytes` from `start` to `end`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    // At most one space more than there are bytes.
    this.#reserve(end - start + 1);
    const out = scratch;
    let to = this.#length;
    let afterSpace = this.#afterSpace;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte <= SPACE ? isSpace(byte) : byte === NBSP_1 && bytes[at + 1] === NBSP_2) {
        if (byte === NBSP_1) at++;
        afterSpace = true;
        continue;
      }
      if (afterSpace) {
        this.words++;
        if (to > 0) out[to++] = SPACE;
        afterSpace = false;
      }
      out[to++] = byte;
    }
    this.#length = to;
    this.#afterSpace = afterSpace;
  }

  /** Text from position `from` to `to`, at most `limit` UTF-16 code units. */
  slice(from: number, to: number, limit: number): string {
    // The space that separates it from what stood before is not part of it.
    const start = scratch[from] === SPACE ? from + 1 : from;
    // No code unit takes more than three bytes; what a cut damages lies beyond the limit.
    return clip(scratch.toString('utf8', start, Math.min(to, start + limit * 3 + 3)), limit);
  }

  /** The text so far. This object must not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const text = new Uint8Array(scratch.subarray(0, this.#length));
    if (scratch.length > MOST_KEPT) scratch = Buffer.alloc(FIRST_SIZE);
    return text;
  }

  #reserve(bytes: number): void {
    const least = this.#length + bytes;
    if (least <= scratch.length) return;
    const larger = Buffer.alloc(Math.max(least, scratch.length * 2));
    larger.set(scratch.subarray(0, this.#length));
    scratch = larger;
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte <= 13 && byte >= 9 && byte !== 11);
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
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit);
}
