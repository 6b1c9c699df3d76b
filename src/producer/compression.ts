/**
 * Lists may be compressed with gzip or zstd: told by their first bytes, not by their names, so that it works on standard
 * input too. Decompression streams in zlib's own threads; its memory does not depend on the length of the list.
 */
import { Readable, pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { CHUNK_BYTES, StreamSource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that `sniffCompression` needs to see. */
export const MAGIC_BYTES = 4;

/** RFC 1952 §2.3.1 and RFC 8878 §3.1.1. */
export function sniffCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

/** The decompressed bytes of `source`, which it takes over: closing the result closes it. Damaged data makes `read` reject. */
export function decompress(source: ByteSource, compression: Compression): ByteSource {
  if (compression === 'none') return source;
  const options = { chunkSize: CHUNK_BYTES };
  const decoder = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  // The callback only keeps pipeline from throwing: errors reach the reader of `decoder`, which pipeline destroys with them.
  pipeline(Readable.from(chunksOf(source), { objectMode: false }), decoder, () => undefined);
  return new StreamSource(decoder, () => source.close());
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) yield chunk;
}
