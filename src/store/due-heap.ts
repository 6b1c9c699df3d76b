/**
 * Binary min-heap of (time, host), each host at most once, with decrease and removal: 12 bytes a waiting host and 4 bytes a
 * host ever seen. Parents are at most their children:
 *
 *     slot      0   1   2   3  …      children of i: 2i + 1, 2i + 2
 *     times   [10, 20, 15, 31, …]
 *     hosts   [ 7,  2,  9,  4, …]
 *     slotOf   host → slot + 1, 0 = not in the heap
 */
export class DueHeap {
  #times = new Float64Array(64);
  #hosts = new Uint32Array(64);
  #slotOf = new Uint32Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The earliest time, or `null` when empty. */
  get earliest(): number | null {
    return this.#size === 0 ? null : (this.#times[0] ?? null);
  }

  /** Whose time that is. */
  get earliestHost(): number | null {
    return this.#size === 0 ? null : (this.#hosts[0] ?? null);
  }

  /** The time of a host, or `null`. */
  timeOf(host: number): number | null {
    const slot = (this.#slotOf[host] ?? 0) - 1;
    return slot < 0 ? null : (this.#times[slot] ?? null);
  }

  /** Adds the host or moves it to another time. */
  set(host: number, time: number): void {
    if (host >= this.#slotOf.length) this.#slotOf = grown(this.#slotOf, host + 1, Uint32Array);
    let slot = (this.#slotOf[host] ?? 0) - 1;
    if (slot < 0) {
      if (this.#size === this.#times.length) {
        this.#times = grown(this.#times, this.#size + 1, Float64Array);
        this.#hosts = grown(this.#hosts, this.#size + 1, Uint32Array);
      }
      slot = this.#size++;
    }
    this.#place(slot, host, time);
    this.#sift(slot);
  }

  delete(host: number): void {
    const slot = (this.#slotOf[host] ?? 0) - 1;
    if (slot < 0) return;
    this.#slotOf[host] = 0;
    const last = --this.#size;
    if (slot === last) return;
    this.#place(slot, this.#hosts[last] ?? 0, this.#times[last] ?? 0);
    this.#sift(slot);
  }

  /** Takes the earliest host if its time has come; `null` otherwise. */
  takeDue(now: number): number | null {
    if (this.#size === 0 || (this.#times[0] ?? 0) > now) return null;
    const host = this.#hosts[0] ?? 0;
    this.delete(host);
    return host;
  }

  #place(slot: number, host: number, time: number): void {
    this.#times[slot] = time;
    this.#hosts[slot] = host;
    this.#slotOf[host] = slot + 1;
  }

  /** Moves the entry at `slot` up or down to where it belongs. */
  #sift(start: number): void {
    let slot = start;
    while (slot > 0 && this.#timeAt(slot) < this.#timeAt((slot - 1) >> 1)) {
      this.#swap(slot, (slot - 1) >> 1);
      slot = (slot - 1) >> 1;
    }
    for (;;) {
      let least = slot;
      for (const child of [2 * slot + 1, 2 * slot + 2]) {
        if (child < this.#size && this.#timeAt(child) < this.#timeAt(least)) least = child;
      }
      if (least === slot) return;
      this.#swap(slot, least);
      slot = least;
    }
  }

  #timeAt(slot: number): number {
    return this.#times[slot] ?? 0;
  }

  #swap(a: number, b: number): void {
    const host = this.#hosts[a] ?? 0;
    const time = this.#timeAt(a);
    this.#place(a, this.#hosts[b] ?? 0, this.#timeAt(b));
    this.#place(b, host, time);
  }
}

/** A copy with room for at least `length` elements, at least twice the old size. */
export function grown<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  old: T,
  length: number,
  Type: new (length: number) => T,
): T {
  const copy = new Type(Math.max(length, old.length * 2));
  copy.set(old);
  return copy;
}
