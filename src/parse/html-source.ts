/**
 * One page as the scanner wants it: its UTF-8 bytes, and the same bytes as a string with one character a byte.
 *
 * Markup is ASCII and no byte of a UTF-8 sequence looks like ASCII, so tags are found in bytes as well as in characters, and
 * positions mean the same in both. Looking at a character is cheapest in the bytes, searching and cutting out in the string;
 * text goes from the bytes to the database as it is. Only what leaves as a string is decoded (`slice`).
 *
 * The bytes stand in scratch memory of the thread: a source is good until the next one is made.
 */
import { isAscii } from 'node:buffer';

const FIRST_SIZE = 256 * 1024;
/** A page larger than this gives its memory back when the next one comes. */
const MOST_KEPT = 2 * 1024 * 1024;

let scratch = new Uint8Array(FIRST_SIZE);

export class HtmlSource {
  readonly length: number;
  /** One NUL follows the page, so that a look ahead need not ask whether it has ended. */
  readonly bytes: Uint8Array;
  /** A character a byte (Latin-1). */
  readonly text: string;
  readonly #isAscii: boolean;

  /** @param utf8 Well-formed, without NUL. */
  constructor(utf8: Uint8Array) {
    const { length } = utf8;
    if (length >= scratch.length || (scratch.length > MOST_KEPT && length < FIRST_SIZE)) {
      scratch = new Uint8Array(Math.max(FIRST_SIZE, length + 1));
    }
    scratch.set(utf8);
    scratch[length] = 0;
    this.length = length;
    this.bytes = scratch;
    this.text = Buffer.from(utf8.buffer, utf8.byteOffset, length).toString('latin1');
    this.#isAscii = isAscii(utf8);
  }

  /** What stands from `start` to `end`, decoded. */
  slice(start: number, end: number): string {
    const piece = this.text.slice(start, end);
    return this.#isAscii || !NOT_ASCII.test(piece) ? piece : Buffer.from(piece, 'latin1').toString();
  }
}

const NOT_ASCII = /[\x80-\xff]/;
