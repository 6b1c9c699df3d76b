/**
 * The visible text of one page, gathered as UTF-8 while it is read: characters go from the page straight to the bytes that
 * the database will hold, without a string for every piece in between.
 *
 * All fields of a thread share one piece of scratch memory, so only one is filled at a time; `take` gives out a copy of
 * exactly its size, safe to transfer.
 */

const FIRST_SIZE = 64 * 1024;
/** A page with more text than this gives its memory back. */
const MOST_KEPT = 1024 * 1024;

let scratch = new Uint8Array(FIRST_SIZE);
const encoder = new TextEncoder();

export class Utf8Field {
  #length = 0;

  /** Adds `source` from `start` to `end`, after a space if `afterSpace` and this is not the beginning. */
  append(source: string, start: number, end: number, afterSpace: boolean): void {
    // A UTF-16 code unit takes three bytes at most.
    const most = this.#length + (end - start) * 3 + 1;
    if (most > scratch.length) this.#grow(most);
    const bytes = scratch;
    let to = this.#length;
    if (afterSpace && to > 0) bytes[to++] = 32;
    for (let at = start; at < end; at++) {
      const code = source.charCodeAt(at);
      if (code >= 128) {
        to += encoder.encodeInto(source.slice(at, end), bytes.subarray(to)).written;
        break;
      }
      bytes[to++] = code;
    }
    this.#length = to;
  }

  /** The text so far. This field must not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const text = scratch.slice(0, this.#length);
    if (scratch.length > MOST_KEPT) scratch = new Uint8Array(FIRST_SIZE);
    return text;
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, scratch.length * 2));
    larger.set(scratch.subarray(0, this.#length));
    scratch = larger;
  }
}
