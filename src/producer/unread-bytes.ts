/**
 * Bytes of a source of which a reader may not want all: what it puts back is there for the next one.
 *
 * In: chunks of a `ByteSource`. Out: the same bytes, each once. Held is what was put back or looked at: a chunk or two.
 */
import type { ByteSource } from './byte-source.ts';

export class UnreadBytes {
  readonly #source: ByteSource;
  #head: Uint8Array = new Uint8Array();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** What comes next: as many bytes as `hasMore` was asked for, where there are so many. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** Whether there is anything left; reads on until `head` has `bytes` bytes. */
  async hasMore(bytes: number): Promise<boolean> {
    while (this.#head.length < bytes) {
      const chunk = await this.#source.read();
      if (chunk === null) break;
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    }
    return this.#head.length > 0;
  }

  /** The next bytes, never empty; `null` at the end. */
  async take(): Promise<Uint8Array | null> {
    if (!(await this.hasMore(1))) return null;
    const bytes = this.#head;
    this.#head = new Uint8Array();
    return bytes;
  }

  /** The end of what was taken last. */
  putBack(bytes: Uint8Array): void {
    this.#head = bytes;
  }
}
