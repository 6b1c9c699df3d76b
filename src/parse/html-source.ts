/**
 * One page, or a window of one, as the scanner wants it: its UTF-8 bytes, one NUL behind them, and what stands in them as strings.
 *
 * Markup is ASCII and no byte of a UTF-8 sequence looks like ASCII, so tags are found in bytes as well as in characters. Text
 * goes from the bytes to the database as it is; only what leaves as a string is decoded (`slice`).
 *
 * The bytes stand in scratch memory of the thread: a source is good until the next one is made.
 */
import { release } from '../model/large-memory.ts';

const FIRST_SIZE = 256 * 1024;
/** Memory larger than this is given back when a page has been read. */
const MOST_KEPT = 1024 * 1024;

let scratch = Buffer.allocUnsafeSlow(FIRST_SIZE);

export class HtmlSource {
  readonly length: number;
  /** One NUL follows the page, which holds none: who reads on byte by byte need not ask whether it has ended. */
  readonly bytes: Uint8Array;
  readonly #page: Buffer;

  /** @param utf8 Well-formed, without NUL. */
  constructor(utf8: Uint8Array) {
    const { length } = utf8;
    if (length >= scratch.length) useScratch(length + 1);
    scratch.set(utf8);
    scratch[length] = 0;
    this.length = length;
    this.bytes = scratch;
    this.#page = scratch.subarray(0, length);
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

function useScratch(size: number): void {
  release(scratch);
  scratch = Buffer.allocUnsafeSlow(size);
}
