/**
 * Lists may be compressed with gzip or zstd: told by their first bytes, not by their names, so that it works on standard
 * input too. Decompression streams in zlib's own threads; its memory does not depend on the length of the list.
 */
import { Readable, pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CHUNK_BYTES, StreamSource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { UnreadBytes } from './unread-bytes.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that `sniffCompression` needs to see. */
export const MAGIC_BYTES = 4;

/** RFC 1952 §2.3.1 and RFC 8878 §3.1. */
export function sniffCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return isZstdFrame(head) ? 'zstd' : 'none';
}

/** A frame of data, or one to be skipped (RFC 8878 §3.1.1 and §3.1.2). */
function isZstdFrame(head: Uint8Array): boolean {
  const [first, second, third, fourth] = head;
  if (first === 0x28) return second === 0xb5 && third === 0x2f && fourth === 0xfd;
  return first !== undefined && first >> 4 === 5 && second === 0x2a && third === 0x4d && fourth === 0x18;
}

/** The decompressed bytes of `source`, which it takes over: closing the result closes it. Damaged data makes `read` reject. */
export function decompress(source: ByteSource, compression: Compression): ByteSource {
  if (compression === 'none') return source;
  const decoded = compression === 'gzip' ? gunzipped(source) : Readable.from(zstdFrames(source), { objectMode: false });
  return new StreamSource(decoded, () => source.close());
}

function gunzipped(source: ByteSource): NodeJS.ReadableStream {
  const decoder = createGunzip({ chunkSize: CHUNK_BYTES });
  // The callback only keeps pipeline from throwing: errors reach the reader of `decoder`, which pipeline destroys with them.
  pipeline(Readable.from(chunksOf(source), { objectMode: false }), decoder, () => undefined);
  return decoder;
}

/** Any number of frames, one behind the other (RFC 8878 §3); Node's decoder ends with the first. What is no frame is damage. */
async function* zstdFrames(source: ByteSource): AsyncGenerator<Uint8Array> {
  const bytes = new UnreadBytes(source);
  while (await bytes.hasMore(MAGIC_BYTES)) {
    if (!isZstdFrame(bytes.head)) throw new Error('bytes that are no zstd frame stand behind one');
    const decoder = createZstdDecompress({ chunkSize: CHUNK_BYTES });
    const fed = Readable.from(
      bytes.chunks(() => decoder.bytesWritten),
      { objectMode: false },
    );
    const isClosed = new Promise((resolve) => fed.once('close', resolve));
    pipeline(fed, decoder, () => undefined);
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) yield chunk;
    // What it has been given beyond the end of its frame begins the next one.
    fed.destroy();
    await isClosed;
    bytes.consumed(decoder.bytesWritten);
  }
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) yield chunk;
}
