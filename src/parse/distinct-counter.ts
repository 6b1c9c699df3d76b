/**
 * Counts distinct strings without keeping them: what is left of the links beyond the cap. A page of a million links costs 16 MB
 * here, and several times that as a set of strings. Counts by a 52-bit hash: one in a million pages of a million links is off by one.
 */
import { urlHash } from '../url/hash.ts';

const FIRST_SLOTS = 1_024;

export class DistinctCounter {
  /** Open addressing with linear probing; 0 = free. At most four fifths full. */
  #slots = new Float64Array(0);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(text: string): void {
    if (5 * (this.#count + 1) > 4 * this.#slots.length) this.#grow();
    // 0 marks a free slot.
    if (put(this.#slots, urlHash(text) || 1)) this.#count++;
  }

  #grow(): void {
    const larger = new Float64Array(Math.max(FIRST_SLOTS, 2 * this.#slots.length));
    for (const hash of this.#slots) if (hash !== 0) put(larger, hash);
    this.#slots = larger;
  }
}

/** False where it is known. */
function put(slots: Float64Array, hash: number): boolean {
  const mask = slots.length - 1;
  for (let i = hash % slots.length; ; i = (i + 1) & mask) {
    if (slots[i] === hash) return false;
    if (slots[i] !== 0) continue;
    slots[i] = hash;
    return true;
  }
}
