/**
 * What a compressed body says that it will be: for sizing memory and for knowing a bomb by its label. Believed in nothing else.
 *
 * In: wire bytes. Out: bytes after decoding, 0 where nothing is said (brotli and deflate have no place for it).
 */

/** @param contentEncoding The header's value; only the usual spelling of one coding is looked for. */
export function announcedSize(bytes: Uint8Array, contentEncoding: string | null): number {
  if (contentEncoding === 'gzip') return announcedByGzip(bytes);
  return contentEncoding === 'zstd' ? announcedByZstd(bytes) : 0;
}

/** RFC 1952 §2.3.1: the trailer of a member ends with its size modulo 2^32. */
export function announcedByGzip(bytes: Uint8Array): number {
  return bytes.length < 18 ? 0 : littleEndian(bytes, bytes.length - 4, 4);
}

/** RFC 8878 §3.1.1.1: a frame may begin with the size of its content. */
export function announcedByZstd(bytes: Uint8Array): number {
  if (bytes.length < 6 || littleEndian(bytes, 0, 4) !== 0xfd2fb528) return 0;
  const descriptor = bytes[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const start = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  const width = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  if (start + width > bytes.length) return 0;
  return littleEndian(bytes, start, width) + (width === 2 ? 256 : 0);
}

function littleEndian(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[start + index]!;
  return value;
}
