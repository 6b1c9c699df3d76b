/**
 * Producer: URLs from a caller's iterable, sync or async (the library's `urls`). Pulled like every other source; what was
 * pulled before a crash cannot be asked for again, so a resumed run skips as many items as were read.
 */
import type { Producer, SeedBatch, SeedLine, SourceIdentity, SourcePosition } from '../model/seed.ts';
import { urlLine } from './seed-line.ts';

export class IterableProducer implements Producer {
  readonly identity: SourceIdentity;
  readonly keepsColumns = false;
  readonly #urls: Iterable<string> | AsyncIterable<string>;
  readonly #onLine: (line: SeedLine) => void;

  /**
   * @param digest Of the URLs, where they are known beforehand: the same ones are not read again. `null`: an iterable that
   *   was cut short goes on behind what was read, one that was read to its end is read as a new source.
   * @param onLine Sees every line before it is stored, in order.
   */
  constructor(digest: string | null, urls: Iterable<string> | AsyncIterable<string>, onLine: (line: SeedLine) => void) {
    this.identity = { kind: 'api', name: digest ?? 'iterable', fingerprint: digest, sizeBytes: null };
    this.#urls = urls;
    this.#onLine = onLine;
  }

  async *batches(from: SourcePosition, batchSize: number, firstSize: number = batchSize): AsyncIterable<SeedBatch> {
    let read = 0;
    let size = firstSize;
    let lines: SeedLine[] = [];
    for await (const text of this.#urls) {
      read++;
      const line = urlLine(read, text, null);
      this.#onLine(line);
      if (read <= from.line) continue;
      lines.push(line);
      if (lines.length < size) continue;
      size = Math.min(2 * size, batchSize);
      yield { lines, position: { byteOffset: read, line: read }, last: false };
      lines = [];
    }
    yield { lines, position: { byteOffset: read, line: read }, last: true };
  }
}
