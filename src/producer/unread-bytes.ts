/**
 * Bytes of a source of which a decoder may not want all: what it was given and has not consumed is kept, and given to the next.
 *
 * In: chunks of a `ByteSource`. Out: the same bytes, from the first one on that nobody has consumed. Held are only those that
 * a decoder has at hand: a few chunks.
 */
import type { ByteSource } from './byte-source.ts';

export class UnreadBytes {
  readonly #source: ByteSource;
  /** Read and not known to be consumed, in order. */
  #held: Uint8Array[] = [];
  /** Of what the present decoder was given, how many bytes before the first of `#held`. */
  #before = 0;
  #isOver = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The first chunk: of as many bytes as `hasMore` was asked for, where there are so many. */
  get head(): Uint8Array {
    return this.#held[0] ?? new Uint8Array();
  }

  /** Whether there is anything left; reads on until the first chunk has `bytes` bytes. */
  async hasMore(bytes: number): Promise<boolean> {
    while (this.head.length < bytes && (this.#held.length > 1 || (await this.#read()))) {
      this.#held = [Buffer.concat(this.#held.slice(0, 2)), ...this.#held.slice(2)];
    }
    return this.head.length > 0;
  }

  /** All bytes, for one decoder, which says how many of them it has consumed so far. */
  async *chunks(consumed: () => number): AsyncGenerator<Uint8Array> {
    for (let next = 0; next < this.#held.length || (await this.#read()); next++) {
      yield this.#held[next]!;
      next -= this.#drop(consumed());
    }
  }

  /** The decoder of `chunks` has ended, and has consumed so many bytes. */
  consumed(bytes: number): void {
    this.#drop(bytes);
    const [first, ...rest] = this.#held;
    const begun = first?.subarray(bytes - this.#before);
    this.#held = begun === undefined || begun.length === 0 ? rest : [begun, ...rest];
    this.#before = 0;
  }

  async #read(): Promise<boolean> {
    const chunk = this.#isOver ? null : await this.#source.read();
    this.#isOver = chunk === null;
    if (chunk !== null) this.#held.push(chunk);
    return chunk !== null;
  }

  /** Forgets the chunks that are wholly consumed; returns how many. */
  #drop(consumed: number): number {
    let count = 0;
    for (const chunk of this.#held) {
      if (this.#before + chunk.length > consumed) break;
      this.#before += chunk.length;
      count++;
    }
    this.#held.splice(0, count);
    return count;
  }
}
