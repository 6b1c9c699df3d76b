/**
 * A source whose seeds can be made by number: URLs given directly, URL patterns. Nothing is stored; a position is the index
 * of the next seed (in both of its fields), so resuming is exact and free.
 */
import { setImmediate } from 'node:timers/promises';
import type { Producer, SeedBatch, SeedLine, SourceIdentity, SourcePosition } from '../model/seed.ts';
import { urlLine } from './seed-line.ts';

export class IndexedProducer implements Producer {
  readonly identity: SourceIdentity;
  readonly keepsColumns = false;
  readonly #count: number;
  readonly #textAt: (index: number) => string;

  /** @param count Seeds in all. @param textAt The seed with an index in [0, count). */
  constructor(identity: SourceIdentity, count: number, textAt: (index: number) => string) {
    this.identity = identity;
    this.#count = count;
    this.#textAt = textAt;
  }

  async *batches(
    from: SourcePosition,
    batchSize: number,
    firstSize: number = batchSize,
  ): AsyncGenerator<SeedBatch, undefined> {
    let index = from.line;
    let size = firstSize;
    do {
      const end = Math.min(this.#count, index + size);
      size = Math.min(2 * size, batchSize);
      const lines: SeedLine[] = [];
      for (; index < end; index++) lines.push(urlLine(index + 1, this.#textAt(index), null));
      // Nothing here waits for a disk: without this a fast taker would keep the event loop to itself.
      await setImmediate();
      yield { lines, position: { byteOffset: index, line: index }, last: index >= this.#count };
    } while (index < this.#count);
  }
}
