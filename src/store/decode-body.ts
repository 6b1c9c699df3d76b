/** Stored bodies back to decoded bytes: what was fetched is kept as it came, or as zstd. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { StoreError } from '../model/errors.ts';
import type { BodyEncoding } from '../model/page.ts';

/**
 * @param decodedBytes the size recorded with the body: nothing larger is accepted, so a damaged row cannot fill the memory.
 * @throws {StoreError} when the bytes do not decode.
 */
export function decodeBody(bytes: Uint8Array, encoding: BodyEncoding, decodedBytes: number): Uint8Array {
  const options = { maxOutputLength: Math.max(1, decodedBytes) };
  try {
    switch (encoding) {
      case 'identity':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, options);
      case 'deflate':
        return inflateSync(bytes, options);
      case 'deflate-raw':
        return inflateRawSync(bytes, options);
      case 'br':
        return brotliDecompressSync(bytes, options);
      case 'zstd':
        return zstdDecompressSync(bytes, options);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new StoreError(`a stored body does not decode as ${encoding}: ${text}`, { cause: error });
  }
}
