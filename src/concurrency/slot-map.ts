/**
 * Concurrency: a map from numbers to values that come and go quickly, as pages in flight do.
 *
 * V8 collects young objects without looking at the old ones: whatever an old object points to stays, even when the old one is
 * garbage itself. A `Map` that is in use for long enough gets old, and each time it has filled up with deleted entries it makes a
 * new table, to which the former points, with all that was in it: one old table keeps every later one and their values alive until
 * the next full collection. Here the `Map` holds numbers only, the places of the values in an array that is used over and over.
 *
 * In: values under numbers. Out: the value of a number, the oldest one, all. Invariant: a deleted value is not referred to.
 */
export class SlotMap<V> {
  readonly #slots = new Map<number, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  get(key: number): V | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  /** Replaces the value of a key that is there; its place among the others stays. */
  set(key: number, value: V): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#values.length;
      this.#slots.set(key, slot);
    }
    this.#values[slot] = value;
  }

  /** Removes it and returns what it was. */
  take(key: number): V | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    const value = this.#values[slot];
    this.#slots.delete(key);
    this.#values[slot] = undefined;
    this.#free.push(slot);
    return value;
  }

  /** Removes the one that has been there for longest and returns it. */
  takeOldest(): V | undefined {
    const first = this.#slots.keys().next();
    return first.done === true ? undefined : this.take(first.value);
  }

  /** The one that has been there for longest. */
  oldest(): V | undefined {
    const first = this.#slots.values().next();
    return first.done === true ? undefined : this.#values[first.value];
  }

  /** All, the oldest first. */
  *values(): IterableIterator<V> {
    for (const slot of this.#slots.values()) yield this.#values[slot] as V;
  }
}
