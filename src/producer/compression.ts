/**
 * Lists may be compressed with gzip or zstd: told by their first bytes, not by their names, so that it works on standard
 * input too. Decompression streams in zlib's own threads; its memory does not depend on the length of the list.
 */
import { Readable, pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { isZstdFrame, ZSTD_MAGIC_BYTES, ZstdFrameEnd } from '../model/zstd-frame.ts';
import { CHUNK_BYTES, StreamSource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { UnreadBytes } from './unread-bytes.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that `sniffCompression` needs to see. */
export const MAGIC_BYTES: number = ZSTD_MAGIC_BYTES;

/** RFC 1952 §2.3.1 and RFC 8878 §3.1. */
export function sniffCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return isZstdFrame(head) ? 'zstd' : 'none';
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

/** Damage that zlib does not see, with a code like its own. */
class DamagedFrames extends Error {
  readonly code = 'ZSTD_FRAMES';
}

/** Any number of frames, one behind the other (RFC 8878 §3), each for a decoder of its own. What is no frame is damage. */
async function* zstdFrames(source: ByteSource): AsyncGenerator<Uint8Array> {
  const bytes = new UnreadBytes(source);
  while (await bytes.hasMore(ZSTD_MAGIC_BYTES)) {
    if (!isZstdFrame(bytes.head)) throw new DamagedFrames('bytes that are no zstd frame stand behind one');
    const frame = new ZstdFrameEnd();
    const decoder = createZstdDecompress({ chunkSize: CHUNK_BYTES });
    pipeline(Readable.from(bytesOf(frame, bytes), { objectMode: false }), decoder, () => undefined);
    yield* decoder as AsyncIterable<Uint8Array>;
    // Not every version of Node says so itself.
    if (!frame.hasEnded) throw new DamagedFrames('the last zstd frame does not end');
  }
}

async function* bytesOf(frame: ZstdFrameEnd, bytes: UnreadBytes): AsyncGenerator<Uint8Array> {
  for (let chunk = await bytes.take(); chunk !== null; chunk = await bytes.take()) {
    const end = frame.push(chunk);
    if (end !== null) bytes.putBack(chunk.subarray(end));
    yield chunk.subarray(0, end ?? chunk.length);
    if (end !== null) return;
  }
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) yield chunk;
}
