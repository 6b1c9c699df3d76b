/**
 * Concurrency: a binary min-heap, for "whose turn is next" over things whose turn may change or lapse meanwhile.
 *
 * The smallest entry is at index 0; the children of index i are at 2i + 1 and 2i + 2, and no child is smaller than its
 * parent. Push, pop, remove and update cost O(log n). Each entry knows its own index (`heapIndex`), which the heap alone
 * writes: that is what makes removing from the middle possible without searching, and why an entry can be in one heap only.
 */

export interface HeapEntry {
  /** Where the entry lies in its heap; −1 = in none. Start with −1; only the heap changes it. */
  heapIndex: number;
}

export class MinHeap<T extends HeapEntry> {
  readonly #entries: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  /** @param isBefore a strict order. Entries of which neither is before the other come out in no particular order. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The smallest entry, left where it is; `undefined` when empty. */
  peek(): T | undefined {
    return this.#entries[0];
  }

  /** Adds an entry, or, if it is in this heap already, puts it where its changed key belongs. */
  push(entry: T): void {
    if (entry.heapIndex < 0) {
      entry.heapIndex = this.#entries.length;
      this.#entries.push(entry);
    }
    this.#rise(entry);
    this.#sink(entry);
  }

  /** Takes an entry out, wherever it lies; does nothing if it is in no heap. */
  remove(entry: T): void {
    const index = entry.heapIndex;
    if (index < 0) return;
    entry.heapIndex = -1;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    // The last entry fills the gap; it may be too small or too large for its new neighbours.
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: T): void {
    let index = entry.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#entries[parentIndex];
      if (parent === undefined || !this.#isBefore(entry, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(entry, index);
  }

  #sink(entry: T): void {
    let index = entry.heapIndex;
    for (;;) {
      const left = this.#entries[2 * index + 1];
      if (left === undefined) break;
      const right = this.#entries[2 * index + 2];
      const child = right !== undefined && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(child, entry)) break;
      const childIndex = child.heapIndex;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(entry, index);
  }

  #place(entry: T, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }
}
