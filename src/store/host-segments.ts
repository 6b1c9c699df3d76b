/**
 * In which segments of the queue's index a host may have fresh URLs: from the first to the last, 4 bytes a host. What lies
 * between may be empty, which costs a claim one read; so the first moves on when it is found drained.
 *
 *     segments      0    1    2    3    4    5
 *     the host's         ██        ██             first 1, last 3
 */
import { grown } from './due-heap.ts';
import { SEGMENT_BITS } from './schema/tables.ts';

export class HostSegments {
  /** Counted from 1; 0 = the host has never had a fresh URL. */
  #first = new Uint16Array(64);
  #last = new Uint16Array(64);

  /** The host has a fresh URL with this id. */
  add(hostId: number, urlId: number): void {
    if (hostId >= this.#first.length) {
      this.#first = grown(this.#first, hostId + 1, Uint16Array);
      this.#last = grown(this.#last, hostId + 1, Uint16Array);
    }
    const segment = Math.floor(urlId / 2 ** SEGMENT_BITS) + 1;
    const first = this.#first[hostId] ?? 0;
    if (first === 0 || segment < first) this.#first[hostId] = segment;
    if (segment > (this.#last[hostId] ?? 0)) this.#last[hostId] = segment;
  }

  first(hostId: number): number {
    return Math.max(0, (this.#first[hostId] ?? 0) - 1);
  }

  /** Smaller than the first where the host has none. */
  last(hostId: number): number {
    return (this.#last[hostId] ?? 0) - 1;
  }

  /** Nothing is left in the first segment, and another follows. */
  drained(hostId: number): void {
    const first = this.#first[hostId] ?? 0;
    if (first < (this.#last[hostId] ?? 0)) this.#first[hostId] = first + 1;
  }
}
