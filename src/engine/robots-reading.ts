/**
 * Reads robots.txt as it came over the wire: decoded, then parsed, few files at a time.
 *
 * The largest files take 13 MB as rules and more while they are read, and compressed they are small enough for all of
 * `-c` to bring one together: 128 of them read at once took 2.6 GB. One after the other they are read no later in all, as
 * there is one main thread; a few at once let a small file pass a large one.
 */
import type { Semaphore } from '../concurrency/semaphore.ts';
import { decodePrefix } from '../parse/decode-prefix.ts';
import { MOST_OCTETS } from '../robots/octets.ts';
import { parseRobotsInSlices, type RobotsFile } from '../robots/parse-robots.ts';

/** One byte more than is read tells whether there is more. */
export const CUT_AT: number = MOST_OCTETS + 1;

export interface ReadRobots {
  readonly octets: Uint8Array;
  readonly file: RobotsFile;
}

export class RobotsReading {
  readonly #token: string;
  readonly #permits: Semaphore;

  /** @param token from `productToken`. @param permits one a file being read. */
  constructor(token: string, permits: Semaphore) {
    this.#token = token;
    this.#permits = permits;
  }

  /** `null` = damaged, or in a coding that nobody knows. @throws {CancelledError} when aborted while it waits. */
  async read(body: Uint8Array, contentEncoding: string | null, signal?: AbortSignal): Promise<ReadRobots | null> {
    const permit = await this.#permits.acquire(signal);
    try {
      const octets = await decodePrefix(body, contentEncoding, CUT_AT);
      return octets === null ? null : { octets, file: await parseRobotsInSlices(octets, this.#token) };
    } finally {
      permit.release();
    }
  }
}
