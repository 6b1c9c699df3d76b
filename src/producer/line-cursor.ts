/**
 * Cuts chunks of bytes into lines, each with the exact byte offset of its end: the offset is where a resumed import goes on.
 *
 * In: chunks of any size, in UTF-8 or UTF-16, LF or CRLF, with or without BOM and final newline. Out: one line at a time as
 * text. Invariants: every byte belongs to exactly one line; the offsets do not depend on how the bytes were cut into chunks;
 * at most one chunk and one line of the limit's length are held, however long a line is.
 */
import { isUtf8 } from 'node:buffer';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Why a line has no usable text: longer than the limit, or bytes that are no text in the list's encoding. */
export type LineFault = 'too-long' | 'bad-encoding';

/** How much of a line that is too long is still shown. */
const SHOWN_BYTES = 4_096;
const LF = 0x0a;
const NEWLINE_UTF_16 = { 'utf-16le': Buffer.from([LF, 0]), 'utf-16be': Buffer.from([0, LF]) } as const;
const NOTHING = Buffer.alloc(0);

/** By byte order mark; without one a list is UTF-8. */
export function sniffEncoding(head: Uint8Array): TextEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** Use: `push` a chunk, call `next` until it says false, `push` the next chunk; `push(null)` at the end. */
export class LineCursor {
  /** The line without its line break, after `next` said true; only its beginning where the line is too long. */
  text = '';
  fault: LineFault | null = null;
  /** Offset in the list (decompressed) of the byte after the line and its line break. */
  endOffset: number;

  readonly #encoding: TextEncoding;
  readonly #limitBytes: number;
  /** Bytes not yet given out, from `#start` on; the byte at index 0 has the offset `#offset`. */
  #bytes: Buffer = NOTHING;
  #offset: number;
  #start = 0;
  /** No line break begins between `#start` and this index. */
  #searched = 0;
  #ended = false;
  /** The beginning of a line whose rest is being dropped because it is too long. */
  #dropped: string | null = null;

  /** @param offset Where the first chunk starts; a line starts there. @param limitBytes Longest line that keeps its text. */
  constructor(encoding: TextEncoding, offset: number, limitBytes: number) {
    this.#encoding = encoding;
    this.#offset = offset;
    this.endOffset = offset;
    this.#limitBytes = limitBytes;
  }

  /** Whether nothing follows what has been pushed. */
  get isEnded(): boolean {
    return this.#ended;
  }

  push(chunk: Uint8Array | null): void {
    if (chunk === null) {
      this.#ended = true;
      return;
    }
    const added = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const unread = this.#bytes.subarray(this.#start);
    this.#offset += this.#start;
    this.#searched -= this.#start;
    this.#start = 0;
    this.#bytes = unread.length === 0 ? added : Buffer.concat([unread, added]);
  }

  /** Moves on to the next line. False: `push` more, or, after `push(null)`, there is none. */
  next(): boolean {
    const lineBreak = this.#findLineBreak();
    if (lineBreak !== -1) {
      this.#take(lineBreak, lineBreak + (this.#encoding === 'utf-8' ? 1 : 2));
      return true;
    }
    if (!this.#ended) {
      this.#boundMemory();
      return false;
    }
    if (this.#start === this.#bytes.length && this.#dropped === null) return false;
    this.#take(this.#bytes.length, this.#bytes.length);
    return true;
  }

  #findLineBreak(): number {
    const bytes = this.#bytes;
    if (this.#encoding === 'utf-8') {
      const found = bytes.indexOf(LF, this.#searched);
      if (found === -1) this.#searched = bytes.length;
      return found;
    }
    const pair = NEWLINE_UTF_16[this.#encoding];
    let from = this.#searched;
    for (;;) {
      const found = bytes.indexOf(pair, from);
      if (found === -1) {
        // The last byte may be the first half of a line break.
        this.#searched = Math.max(this.#start, bytes.length - 1);
        return -1;
      }
      // Across two units it is not a line break (U+0A00 after U+xx00, say). Lines start on whole units.
      if ((found - this.#start) % 2 === 0) return found;
      from = found + 1;
    }
  }

  #take(end: number, next: number): void {
    const start = this.#start;
    if (this.#dropped !== null || end - start > this.#limitBytes) {
      this.text = this.#dropped ?? this.#decode(start, start + SHOWN_BYTES);
      this.fault = 'too-long';
      this.#dropped = null;
    } else {
      const text = this.#decode(start, end);
      this.text = text.endsWith('\r') ? text.slice(0, -1) : text;
      this.fault = this.#isText(text, start, end) ? null : 'bad-encoding';
    }
    if (this.#offset + start === 0 && this.text.startsWith('\ufeff')) this.text = this.text.slice(1);
    this.#start = next;
    this.#searched = next;
    this.endOffset = this.#offset + next;
  }

  /** Keeps the beginning of a line that is too long and forgets the rest of what has been read of it. */
  #boundMemory(): void {
    const held = this.#bytes.length - this.#start;
    if (held <= this.#limitBytes && this.#dropped === null) return;
    this.#dropped ??= this.#decode(this.#start, this.#start + SHOWN_BYTES);
    // Whole units only: what is left must start on one.
    this.#start += held - (held % 2);
    this.#searched = this.#start;
  }

  #decode(start: number, end: number): string {
    if (this.#encoding === 'utf-8') return this.#bytes.toString('utf8', start, end);
    if (this.#encoding === 'utf-16le') return this.#bytes.toString('utf16le', start, end);
    const units = Buffer.from(this.#bytes.subarray(start, end));
    return units
      .subarray(0, units.length - (units.length % 2))
      .swap16()
      .toString('utf16le');
  }

  /** A replacement character in the text is either in the list itself or stands for bytes that are no text. */
  #isText(text: string, start: number, end: number): boolean {
    if (this.#encoding !== 'utf-8') return text.isWellFormed() && (end - start) % 2 === 0;
    return !text.includes('\ufffd') || isUtf8(this.#bytes.subarray(start, end));
  }
}
