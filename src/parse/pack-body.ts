/**
 * Decides under which encoding a body goes to the store, and takes its digest.
 *
 * In: wire bytes and what `decode.ts` made of them. Out: a `PageBody` whose bytes are safe to transfer: an ArrayBuffer of
 * their own, never a slice of Node's buffer pool (whose other slices a transfer would detach).
 * Invariant: decoding `bytes` by `encoding` gives exactly the bytes that `sha256` is the digest of.
 */
import { hash } from 'node:crypto';
import { isMarkedAsUntransferable } from 'node:worker_threads';
import { constants, zstdCompressSync } from 'node:zlib';
import { release, roomFor } from '../model/large-memory.ts';
import type { PageBody } from '../model/page.ts';
import type { Decoded } from './decode.ts';

/** Below this a compressed copy saves nothing that a database page would show. */
const SMALLEST_TO_PACK = 256;

/** Bytes from which on the memory that packing takes counts. */
const LARGE = 256 * 1024;

/** Packed only if at least a tenth is saved: else readers pay for nothing. */
const LARGEST_PACKED_SHARE = 0.9;

/** Compressed by their own format already; trying again costs 3 ms a megabyte and gains nothing. */
const INCOMPRESSIBLE =
  /^(?:image\/(?!svg|bmp|x-ms-bmp|x-icon|vnd\.microsoft\.icon)|video\/|audio\/|font\/woff|application\/(?:zip|gzip|x-gzip|x-7z|x-rar|x-bzip|x-xz|zstd|java-archive|font-woff|epub|vnd\.openxmlformats|vnd\.oasis))/;

/** Level 3 takes a fifth of the time of gzip at level 6 on pages and packs as well. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** @param contentType Lower-case type without parameters, or `null`. */
export function packBody(
  wire: Uint8Array,
  decoded: Decoded,
  bodies: 'packed' | 'plain' | 'none',
  contentType: string | null,
): PageBody {
  const content = decoded.bytes;
  const sha256 = owned(hash('sha256', content, 'buffer'));
  const decodedBytes = content.length;
  if (bodies === 'none') return { sha256, decodedBytes, encoding: 'identity', bytes: null };
  if (bodies === 'packed') {
    const { wireEncoding } = decoded;
    if (wireEncoding !== null && wireEncoding !== 'identity') {
      return { sha256, decodedBytes, encoding: wireEncoding, bytes: owned(wire) };
    }
    const packed = pack(content, contentType);
    if (packed !== null) return { sha256, decodedBytes, encoding: 'zstd', bytes: packed };
  }
  return { sha256, decodedBytes, encoding: 'identity', bytes: owned(content) };
}

function pack(content: Uint8Array, contentType: string | null): Uint8Array | null {
  if (content.length <= SMALLEST_TO_PACK) return null;
  if (contentType !== null && INCOMPRESSIBLE.test(contentType)) return null;
  const most = Math.floor(content.length * LARGEST_PACKED_SHARE);
  if (content.length < LARGE) {
    const packed = zstdCompressSync(content, ZSTD);
    return packed.length <= most ? owned(packed) : null;
  }
  // Into one piece of memory: small ones would be joined to another. It holds whatever comes out, because of what is given up on
  // the memory cannot be given back.
  const packed = zstdCompressSync(content, { ...ZSTD, chunkSize: roomFor(largestPacked(content.length)) });
  const kept = packed.length <= most ? owned(packed) : null;
  if (kept !== packed) release(packed);
  return kept;
}

/** zstd's own bound is a 256th more (`ZSTD_compressBound`), for small bodies a little beyond that. */
function largestPacked(bytes: number): number {
  return bytes + Math.ceil(bytes / 256) + 1024;
}

/** The same bytes in an ArrayBuffer that may be transferred and does not take much more memory than they do. */
function owned(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes;
  const isTight = bytes.byteLength >= LARGE || buffer.byteLength <= bytes.byteLength * 2;
  const fits = isTight && buffer instanceof ArrayBuffer;
  return fits && !isMarkedAsUntransferable(buffer) ? bytes : new Uint8Array(bytes);
}
