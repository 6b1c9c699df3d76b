/**
 * (hash, id) pairs that are not in their table yet, apart by range of hash, so that they can go there range by range: each
 * range is a stretch of neighbouring b-tree pages, written once for all its pairs, and no merge is ever a long one.
 *
 *     hash   0 ─────────┬──────────┬─ … ─┬────────── 2^bits
 *            range 0      range 1          range 255         `take` goes round: 0, 1, 2, … 255, 0, …
 *
 * Going round, the range whose turn it is holds twice the mean. 12 bytes a pair, and room for twice the mean and a quarter
 * in each range; no object a pair.
 */
import { release } from '../model/large-memory.ts';

const RANGES = 256;
/** What a range begins with: most files are small, and three of these are made at each start. */
const NO_HASHES: Float64Array = new Float64Array(0);
const NO_IDS: Uint32Array = new Uint32Array(0);

export class NewestHashes {
  readonly #span: number;
  readonly #hashes = Array.from({ length: RANGES }, () => NO_HASHES);
  /** In the order of `add`, so ascending. */
  readonly #ids = Array.from({ length: RANGES }, () => NO_IDS);
  readonly #lengths = new Uint32Array(RANGES);
  #size = 0;
  #turn = 0;

  /** @param bits Hashes are below 2^bits. */
  constructor(bits: number) {
    this.#span = 2 ** bits / RANGES;
  }

  get size(): number {
    return this.#size;
  }

  /** The smallest id held; `null` when empty. */
  get oldest(): number | null {
    if (this.#size === 0) return null;
    let oldest = Infinity;
    for (let range = 0; range < RANGES; range++) {
      if (this.#lengths[range] !== 0) oldest = Math.min(oldest, this.#ids[range]?.[0] ?? Infinity);
    }
    return oldest;
  }

  /** Ids must ascend. */
  add(hash: number, id: number): void {
    const range = Math.floor(hash / this.#span);
    const length = this.#lengths[range] ?? 0;
    let hashes = this.#hashes[range] as Float64Array;
    let ids = this.#ids[range] as Uint32Array;
    if (length === hashes.length) {
      this.#hashes[range] = hashes = longer(hashes, Float64Array);
      this.#ids[range] = ids = longer(ids, Uint32Array);
    }
    hashes[length] = hash;
    ids[length] = id;
    this.#lengths[range] = length + 1;
    this.#size++;
  }

  /** The ids under this hash. */
  *idsOf(hash: number): Generator<number> {
    const range = Math.floor(hash / this.#span);
    const hashes = this.#hashes[range];
    const length = this.#lengths[range] ?? 0;
    for (let i = 0; i < length; i++) if (hashes?.[i] === hash) yield this.#ids[range]?.[i] ?? 0;
  }

  /** Takes out the pairs of the range whose turn it is, by hash and then id. Empty ranges are passed over. */
  take(each: (hash: number, id: number) => void): void {
    if (this.#size === 0) return;
    while (this.#lengths[this.#turn] === 0) this.#turn = (this.#turn + 1) % RANGES;
    const hashes = this.#hashes[this.#turn] as Float64Array;
    const ids = this.#ids[this.#turn] as Uint32Array;
    const length = this.#lengths[this.#turn] ?? 0;
    const order = Uint32Array.from({ length }, (_, i) => i);
    order.sort((a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0) || a - b);
    for (const i of order) each(hashes[i] ?? 0, ids[i] ?? 0);
    this.#lengths[this.#turn] = 0;
    this.#size -= length;
    this.#turn = (this.#turn + 1) % RANGES;
  }
}

/** A copy with room for a quarter more; the old one is gone. All ranges reach the same length: twice as much would never be used. */
function longer<T extends Uint32Array | Float64Array>(old: T, Type: new (length: number) => T): T {
  const copy = new Type(old.length + Math.ceil(old.length / 4) + 16);
  if (old.length === 0) return copy;
  copy.set(old);
  release(old);
  return copy;
}
