/**
 * Tells for certain that a hash has never been added, and with about 1 in 200 wrong guesses that it may have been: at most
 * 3 bytes a hash, where the index itself would have to be read from disk. Most lines of a list are new, so most look-ups
 * end here.
 *
 * Split block Bloom filters (Putze, Sanders and Singler 2007; the form that Parquet stores): a hash chooses one block of 8
 * words and one bit in each word, so a look-up touches one cache line. A filter cannot grow, so a full one is followed
 * by one of twice its size:
 *
 *     layers   [ 65,536 | 131,072 | 262,144 | … ]      hashes each; the last is the one being filled
 */

const WORDS_A_BLOCK = 8;
/** 12 bits a hash: 0.5 % wrong guesses in a full layer. */
const HASHES_A_BLOCK = (WORDS_A_BLOCK * 32) / 12;
const SMALLEST_LAYER = 65_536;
/** Odd multipliers from Parquet's specification. */
const SALTS = Int32Array.of(
  0x47b6137b,
  0x44974d91,
  0x8824ad5b,
  0xa2b7289d,
  0x705495c7,
  0x2df1424b,
  0x9efc4947,
  0x5c6bfb31,
);

interface Layer {
  readonly words: Uint32Array;
  readonly blocks: number;
  readonly capacity: number;
}

export class SeenFilter {
  /** The newest and largest first: most of what there is to find is there. */
  readonly #layers: Layer[] = [];
  readonly #smallest: number;
  /** Hashes that the newest layer can still take. */
  #room = 0;

  /** @param expected Hashes for which one layer shall do. */
  constructor(expected = 0) {
    this.#smallest = Math.max(SMALLEST_LAYER, expected);
  }

  /** @param hash An integer in [0, 2^53). */
  add(hash: number): void {
    const layer = this.#room > 0 ? (this.#layers[0] ?? this.#addLayer()) : this.#addLayer();
    this.#room--;
    const bits = hash | 0;
    const first = firstWord(hash, layer);
    for (let i = 0; i < WORDS_A_BLOCK; i++) layer.words[first + i] = (layer.words[first + i] ?? 0) | bitOf(bits, i);
  }

  /** False: the hash has never been added. */
  mayHave(hash: number): boolean {
    for (const layer of this.#layers) if (layerHas(layer, hash)) return true;
    return false;
  }

  #addLayer(): Layer {
    const capacity = (this.#layers[0]?.capacity ?? this.#smallest / 2) * 2;
    const blocks = Math.ceil(capacity / HASHES_A_BLOCK);
    const layer = { words: new Uint32Array(blocks * WORDS_A_BLOCK), blocks, capacity };
    this.#layers.unshift(layer);
    this.#room = capacity;
    return layer;
  }
}

function layerHas(layer: Layer, hash: number): boolean {
  const bits = hash | 0;
  const first = firstWord(hash, layer);
  for (let i = 0; i < WORDS_A_BLOCK; i++) {
    if (((layer.words[first + i] ?? 0) & bitOf(bits, i)) === 0) return false;
  }
  return true;
}

/** One bit of word `i`, chosen by the low 32 bits of the hash. */
function bitOf(bits: number, i: number): number {
  return 1 << (Math.imul(bits, SALTS[i] ?? 0) >>> 27);
}

/** Of the block, which all bits of the hash choose: a digest's prefix and a URL's hash differ in length. */
function firstWord(hash: number, { blocks }: Layer): number {
  let mixed = Math.imul((hash | 0) ^ Math.imul(Math.floor(hash / 2 ** 32), 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  // A product of 32 and at most 21 bits is exact.
  return Math.floor(((mixed ^ (mixed >>> 16)) >>> 0) * (blocks / 2 ** 32)) * WORDS_A_BLOCK;
}
