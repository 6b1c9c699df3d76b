/**
 * Fetch stage: the sizes that chunks announce (RFC 9112 §7.1), read from the octets of the connection beside undici's parser.
 * That one tells nobody what it has read, and takes any number of 64 bits: a size that no body can have would be waited for
 * until a time limit ends it.
 *
 * In: octets from behind the headers on, in any pieces. Out: whether a size is above the limit. Octets of chunks are jumped over, so
 * it costs a few steps a chunk. What is no chunk at all is left to undici's parser, which refuses it.
 */

const CR = 0x0d;
const LF = 0x0a;
const HEADERS_END = Buffer.from('\r\n\r\n');

type Part = 'size' | 'extension' | 'data' | 'over';

export class ChunkSizes {
  readonly #limit: number;
  #part: Part = 'size';
  #size = 0;
  /** Octets of the chunk and its line end that are still to come. */
  #rest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The same for octets that hold the end of the headers. Where they do not (it came in two pieces), nothing is judged. */
  readBehindHeaders(octets: Uint8Array): boolean {
    const end = Buffer.from(octets.buffer, octets.byteOffset, octets.length).indexOf(HEADERS_END);
    if (end !== -1) return this.read(octets.subarray(end + HEADERS_END.length));
    this.#part = 'over';
    return false;
  }

  /** Whether one of the sizes is above the limit. */
  read(octets: Uint8Array): boolean {
    for (let i = 0; i < octets.length && this.#part !== 'over'; i++) {
      if (this.#part === 'data') {
        const skipped = Math.min(this.#rest, octets.length - i);
        this.#rest -= skipped;
        i += skipped - 1;
        if (this.#rest === 0) this.#part = 'size';
      } else if (this.#readLine(octets[i] ?? LF)) {
        return true;
      }
    }
    return false;
  }

  /** One octet of the line before a chunk; whether the size has passed the limit. */
  #readLine(octet: number): boolean {
    if (octet === LF) {
      this.#rest = this.#size + 2;
      this.#part = this.#size === 0 ? 'over' : 'data';
      this.#size = 0;
      return false;
    }
    if (this.#part === 'extension' || octet === CR) return false;
    const digit = valueOf(octet);
    if (digit === null) {
      this.#part = 'extension';
      return false;
    }
    this.#size = this.#size * 16 + digit;
    return this.#size > this.#limit;
  }
}

/** Of a hexadecimal digit. */
function valueOf(octet: number): number | null {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : null;
}
