/**
 * Bytes of a list, pulled: nothing is read that nobody asked for, so a slow crawl slows the reading down to the pipe's
 * other end. In: a file or a stream. Out: chunks of at most about 64 KB (a few ms of work each; the main thread is free
 * between two of them). Whoever opens a source closes it; closing also ends a read that is waiting.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Bytes a read asks for. About 1,100 URLs: under 2 ms on the main thread between two awaited reads. */
export const CHUNK_BYTES = 65_536;

export interface ByteSource {
  /** The next bytes, never empty; `null` at the end. One read at a time. */
  read(): Promise<Uint8Array | null>;
  /** Whether more bytes are at hand without waiting for somebody to send them. */
  hasMore(): boolean;
  /** Gives up the file or stream. A waiting `read` ends (with `null` or an error). Harmless when repeated. */
  close(): Promise<void>;
}

/** A file that can be read from any offset. */
export class FileSource implements ByteSource {
  readonly #handle: FileHandle;
  #position: number;
  #closed: Promise<void> | null = null;

  private constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  static async open(path: string, offset = 0): Promise<FileSource> {
    return new FileSource(await open(path, 'r'), offset);
  }

  async read(): Promise<Uint8Array | null> {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const { bytesRead } = await this.#handle.read(buffer, 0, CHUNK_BYTES, this.#position);
    this.#position += bytesRead;
    return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
  }

  hasMore(): boolean {
    return true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }
}

/** A stream that can be read once: standard input, a named pipe, a decompressor. */
export class StreamSource implements ByteSource {
  readonly #stream: NodeJS.ReadableStream;
  readonly #chunks: AsyncIterator<string | Buffer>;
  readonly #onClose: () => Promise<void>;

  constructor(stream: NodeJS.ReadableStream, onClose: () => Promise<void> = () => Promise.resolve()) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#onClose = onClose;
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      const bytes = typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
      if (bytes.length > 0) return bytes;
    }
  }

  hasMore(): boolean {
    return ((this.#stream as { readableLength?: number }).readableLength ?? 0) > 0;
  }

  async close(): Promise<void> {
    // Not the iterator's return(): that would queue up behind a read that may wait for ever.
    (this.#stream as { destroy?: () => void }).destroy?.();
    await this.#onClose();
  }
}

/** A source whose first bytes have been read already, and are read again before the rest. */
export class PeekedSource implements ByteSource {
  readonly #rest: ByteSource;
  readonly #peeked: Uint8Array[];

  constructor(peeked: readonly Uint8Array[], rest: ByteSource) {
    this.#peeked = peeked.filter((chunk) => chunk.length > 0);
    this.#rest = rest;
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#peeked.shift();
    return chunk === undefined ? this.#rest.read() : Promise.resolve(chunk);
  }

  hasMore(): boolean {
    return this.#peeked.length > 0 || this.#rest.hasMore();
  }

  close(): Promise<void> {
    return this.#rest.close();
  }
}

/** Reads `bytes` bytes of `source` and drops them; fewer where it ends before. */
export async function skipBytes(source: ByteSource, bytes: number): Promise<ByteSource> {
  let left = bytes;
  while (left > 0) {
    const chunk = await source.read();
    if (chunk === null) return source;
    if (chunk.length > left) return new PeekedSource([chunk.subarray(left)], source);
    left -= chunk.length;
  }
  return source;
}
