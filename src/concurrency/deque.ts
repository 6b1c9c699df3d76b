/**
 * Concurrency: a first-in first-out buffer that a long queue can afford.
 *
 * `Array.prototype.shift` moves every item that is left, which makes a queue of n items cost n² to empty. This is a ring
 * instead: the items lie between `head` and `head + length`, wrapping round, and nothing ever moves except when the ring
 * doubles. Slots are cleared as items leave, so that the ring does not keep a page alive that nobody needs.
 *
 *     slots   [ e | f | · | · | · | b | c | d ]        length 5: b c d e f
 *                      tail        head
 *
 * Not shared between threads and never waits; who may use it is its owner's affair.
 */
export class Deque<T> {
  /** Its length is 0 or a power of two, so that wrapping round is a bit mask. */
  #slots: (T | undefined)[] = NO_SLOTS;
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds at the end. */
  push(item: T): void {
    if (this.#length === this.#slots.length) this.#double();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item;
    this.#length++;
  }

  /** Removes from the front; `undefined` when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    return item;
  }

  /** What `shift` would remove. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  /** Whether any item is like that. Looks through all of them. */
  some(isWanted: (item: T) => boolean): boolean {
    for (let index = 0; index < this.#length; index++) {
      if (isWanted(this.#slots[(this.#head + index) & (this.#slots.length - 1)] as T)) return true;
    }
    return false;
  }

  /** Drops everything, and the room it took. */
  clear(): void {
    this.#slots = NO_SLOTS;
    this.#head = 0;
    this.#length = 0;
  }

  /** Straightens the ring out while copying it: the front comes to lie at index 0. */
  #double(): void {
    const front = this.#slots.slice(this.#head);
    const rest = this.#slots.slice(0, this.#head);
    const free = Array.from<undefined>({ length: Math.max(2, this.#slots.length) });
    this.#slots = [...front, ...rest, ...free];
    this.#head = 0;
  }
}

/** Shared by all that are empty and never written to, as the first push replaces it: thousands of them cost nothing. */
const NO_SLOTS: never[] = [];
