/**
 * Fetch stage: collects the bytes of one body in memory that can be transferred to a parser thread.
 *
 * In: chunks that undici owns. Out: one `Uint8Array` over an `ArrayBuffer` that nothing else uses: never Node's shared pool,
 * which cannot be transferred. With a known length it is of exactly that size, and every byte is copied once.
 */

/** Capacity to begin with where the length is not known, bytes. */
export const FIRST_STEP: number = 64 * 1024;

/** Bytes from which on the memory that a copy takes counts. */
const LARGE = 1024 * 1024;

export class BodyBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `capacity`: the exact length where it is known, else what to begin with. */
  constructor(capacity: number) {
    this.#bytes = allocate(capacity);
  }

  /** Bytes received so far. */
  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array): void {
    const end = this.#length + chunk.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(chunk, this.#length);
    this.#length = end;
  }

  /** The body, in a buffer of its own; this object must not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#length === this.#bytes.length) return this.#bytes;
    // What is beyond has never been written and so takes no memory; a copy of the rest would.
    if (this.#length >= LARGE) return this.#bytes.subarray(0, this.#length);
    const exact = allocate(this.#length);
    exact.set(this.#bytes.subarray(0, this.#length));
    return exact;
  }

  #grow(needed: number): void {
    const larger = allocate(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    // At once, not at the next collection.
    this.#bytes.buffer.transfer(0);
    this.#bytes = larger;
  }
}

/** Not zeroed (every byte is written before it is read) and, unlike `Buffer.allocUnsafe`, not a part of Node's pool. */
function allocate(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
}
