/** Stored bodies back to decoded bytes: what was fetched is kept as it came, or as zstd. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { StoreError } from '../model/errors.ts';
import type { BodyEncoding } from '../model/page.ts';

const DECODERS: Readonly<
  Record<BodyEncoding, (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array>
> = {
  identity: (bytes) => bytes,
  gzip: gunzipSync,
  deflate: inflateSync,
  'deflate-raw': inflateRawSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/**
 * @param decodedBytes the size recorded with the body: nothing larger is accepted, so a damaged row cannot fill the memory.
 * @throws {StoreError} when the bytes do not decode.
 */
export function decodeBody(bytes: Uint8Array, encoding: BodyEncoding, decodedBytes: number): Uint8Array {
  try {
    return DECODERS[encoding](bytes, { maxOutputLength: Math.max(1, decodedBytes) });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new StoreError(`a stored body does not decode as ${encoding}: ${text}`, { cause: error });
  }
}
