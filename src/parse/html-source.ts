/**
 * One page, or a window of one, as the scanner wants it: its UTF-8 bytes, one NUL behind them, and what stands in them as strings.
 *
 * Markup is ASCII and no byte of a UTF-8 sequence looks like ASCII, so tags are found in bytes as well as in characters. Text
 * goes from the bytes to the database as it is; only what leaves as a string is decoded (`slice`).
 *
 * The bytes stand in scratch memory of the thread: a source is good until the next one is made.
 */
import { release, roomFor } from '../model/large-memory.ts';
import { FILL_SLACK } from './decode-large.ts';
import type { LargeText } from './decode-large.ts';

const FIRST_SIZE = 256 * 1024;
/** Memory larger than this is given back when a page has been read. */
const MOST_KEPT = 1024 * 1024;

let scratch = Buffer.allocUnsafeSlow(FIRST_SIZE);

export class HtmlSource {
  readonly length: number;
  /** One NUL follows the page, which holds none: who reads on byte by byte need not ask whether it has ended. */
  readonly bytes: Uint8Array;
  readonly #page: Buffer;

  private constructor(length: number) {
    scratch[length] = 0;
    this.length = length;
    this.bytes = scratch;
    this.#page = scratch.subarray(0, length);
  }

  /** @param utf8 Well-formed, without NUL. */
  static of(utf8: Uint8Array): HtmlSource {
    if (utf8.length >= scratch.length) useScratch(utf8.length + 1);
    scratch.set(utf8);
    return new HtmlSource(utf8.length);
  }

  /**
   * What the source made last holds from `from` on, and text behind it until there are `size` bytes, a few kilobytes more, or no text.
   * @param last `null` = none of this text.
   */
  static goOn(last: HtmlSource | null, from: number, text: LargeText, size: number): HtmlSource {
    const kept = last === null ? 0 : last.length - from;
    const needed = Math.max(size, kept) + FILL_SLACK + 1;
    if (needed > scratch.length) growScratch(from, kept, needed, text.mostLength + FILL_SLACK + 1);
    else if (kept > 0) scratch.copyWithin(0, from, from + kept);
    return new HtmlSource(text.fill(scratch, kept, size));
  }

  /** What stands from `start` to `end`, decoded. */
  slice(start: number, end: number): string {
    return this.#page.toString('utf8', start, end);
  }

  /** Position of the next `mark`, which is ASCII, or −1. */
  indexOf(mark: string, from: number): number {
    return mark.length === 1 ? this.#page.indexOf(mark.charCodeAt(0), from) : this.#page.indexOf(mark, from, 'latin1');
  }

  lastIndexOf(mark: string): number {
    return this.#page.lastIndexOf(mark, this.length, 'latin1');
  }

  startsWith(mark: string, at: number): boolean {
    for (let i = 0; i < mark.length; i++) if (this.bytes[at + i] !== mark.charCodeAt(i)) return false;
    return true;
  }
}

/** The page has been read: no source of it is used any more. */
export function endSource(): void {
  if (scratch.length > MOST_KEPT) useScratch(FIRST_SIZE);
}

/** With the `kept` bytes that stand at `from`. A second time it does not grow: of what is never written no memory is taken. */
function growScratch(from: number, kept: number, needed: number, most: number): void {
  const larger = Buffer.allocUnsafeSlow(needed > MOST_KEPT ? roomFor(Math.max(needed, most)) : needed);
  larger.set(scratch.subarray(from, from + kept));
  release(scratch);
  scratch = larger;
}

function useScratch(size: number): void {
  release(scratch);
  scratch = Buffer.allocUnsafeSlow(size);
}
