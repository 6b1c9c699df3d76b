/**
 * A list as a source of seeds: a file, or a stream that can be read once. Pulls bytes, cuts them into lines, makes batches.
 *
 * Invariants: every line is in exactly one batch; a batch's position is the end of its last line, so starting there again
 * gives exactly the lines after it. One chunk and one batch are held at a time. The iterator owns the open file: it closes
 * it at the end, on an error and in `return()`, which also ends a read that waits for a sender.
 */
import { ConfigError, CrawlError } from '../model/errors.ts';
import type { Producer, SeedBatch, SeedLine, SourceIdentity, SourcePosition } from '../model/seed.ts';
import type { ByteSource } from './byte-source.ts';
import { CsvReader } from './csv-reader.ts';
import { JsonlReader } from './jsonl-reader.ts';
import { LineCursor } from './line-cursor.ts';
import { MAX_LINE_BYTES } from './list-head.ts';
import type { ListHead } from './list-head.ts';
import { PlainReader } from './plain-reader.ts';
import type { SeedReader } from './seed-line.ts';

/** Opens the decompressed list at a byte offset. */
export type OpenBytes = (byteOffset: number) => Promise<ByteSource>;

export class ListProducer implements Producer {
  readonly identity: SourceIdentity;
  readonly keepsColumns: boolean;
  readonly #head: ListHead;
  readonly #open: OpenBytes;

  constructor(identity: SourceIdentity, head: ListHead, open: OpenBytes) {
    this.identity = identity;
    this.keepsColumns = head.format.kind === 'jsonl' || (head.format.kind === 'csv' && head.format.columns.length > 1);
    this.#head = head;
    this.#open = open;
  }

  batches(from: SourcePosition, batchSize: number, firstSize: number = batchSize): AsyncIterable<SeedBatch> {
    const sizes = { first: firstSize, most: batchSize };
    return { [Symbol.asyncIterator]: () => new ListIterator(this.identity, this.#head, this.#open, from, sizes) };
  }
}

interface BatchSizes {
  readonly first: number;
  readonly most: number;
}

/** By hand around a generator, whose own `return()` would wait behind a read that may never end. */
class ListIterator implements AsyncIterator<SeedBatch, undefined> {
  readonly #identity: SourceIdentity;
  readonly #head: ListHead;
  readonly #open: OpenBytes;
  readonly #batches: AsyncGenerator<SeedBatch, undefined>;
  #source: ByteSource | null = null;
  #closed = false;

  constructor(identity: SourceIdentity, head: ListHead, open: OpenBytes, from: SourcePosition, sizes: BatchSizes) {
    this.#identity = identity;
    this.#head = head;
    this.#open = open;
    this.#batches = this.#run(from, sizes);
  }

  next(): Promise<IteratorResult<SeedBatch, undefined>> {
    return this.#batches.next();
  }

  async return(): Promise<IteratorResult<SeedBatch, undefined>> {
    this.#closed = true;
    await this.#source?.close();
    return this.#batches.return(undefined);
  }

  async *#run(from: SourcePosition, sizes: BatchSizes): AsyncGenerator<SeedBatch, undefined> {
    const { encoding, format } = this.#head;
    const cursor = new LineCursor(encoding, from.byteOffset, MAX_LINE_BYTES[format.kind]);
    const reader = this.#reader(cursor, from);
    const position = (): SourcePosition => ({ byteOffset: reader.byteOffset, line: reader.line });
    const isStream = this.#identity.kind === 'stdin';
    const source = await this.#openAt(from.byteOffset);
    this.#source = source;
    try {
      let lines: SeedLine[] = [];
      let size = sizes.first;
      while (!cursor.isEnded) {
        let chunk: Uint8Array | null;
        try {
          chunk = await this.#read(source, reader);
        } catch (error) {
          // What has been read up to here is the list's: it stays.
          if (lines.length > 0) yield { lines, position: position(), last: false };
          throw error;
        }
        cursor.push(chunk);
        // Closed while it waited: what was cut off must not look like the end of the list.
        if (this.#closed) return;
        for (let item = reader.next(); item !== null; item = reader.next()) {
          lines.push(item);
          if (lines.length < size) continue;
          size = Math.min(2 * size, sizes.most);
          yield { lines, position: position(), last: false };
          lines = [];
        }
        // Whoever types URLs or follows a log does not want to wait for a full batch.
        if (isStream && lines.length > 0 && !cursor.isEnded && !source.hasMore()) {
          yield { lines, position: position(), last: false };
          lines = [];
        }
      }
      yield { lines, position: position(), last: true };
    } finally {
      await source.close();
    }
  }

  #reader(cursor: LineCursor, from: SourcePosition): SeedReader {
    const { format } = this.#head;
    if (format.kind === 'plain') return new PlainReader(cursor, from);
    return format.kind === 'csv' ? new CsvReader(cursor, from, format) : new JsonlReader(cursor, from, format);
  }

  async #openAt(byteOffset: number): Promise<ByteSource> {
    try {
      return await this.#open(byteOffset);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  async #read(source: ByteSource, { line, byteOffset }: SourcePosition): Promise<Uint8Array | null> {
    try {
      return await source.read();
    } catch (error) {
      if (this.#closed) return null;
      throw this.#unreadable(error, ` beyond line ${line} (byte ${byteOffset})`);
    }
  }

  #unreadable(error: unknown, place = ''): Error {
    if (error instanceof CrawlError) return error;
    const name = this.#identity.name === '-' ? 'standard input' : this.#identity.name;
    const cause = error instanceof Error ? error.message : String(error);
    return new ConfigError([`${name} cannot be read${place}: ${cause}; the URLs before that are kept`], 'ERR_INPUT');
  }
}
