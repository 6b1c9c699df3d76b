/**
 * What a compressed body says that it will be: for sizing memory and for knowing a bomb by its label. Believed in nothing else.
 *
 * In: wire bytes. Out: bytes after decoding, 0 where nothing is said (brotli and deflate have no place for it).
 */
import { zstdContentSize } from '../model/zstd-frame.ts';

/** @param contentEncoding The header's value; only the usual spelling of one coding is looked for. */
export function announcedSize(bytes: Uint8Array, contentEncoding: string | null): number {
  if (contentEncoding === 'gzip') return announcedByGzip(bytes);
  return contentEncoding === 'zstd' ? zstdContentSize(bytes) : 0;
}

/** RFC 1952 §2.3.1: the trailer of a member ends with its size modulo 2^32. */
export function announcedByGzip(bytes: Uint8Array): number {
  return bytes.length < 18 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
}
