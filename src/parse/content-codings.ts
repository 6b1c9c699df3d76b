/**
 * One content coding undone: what `decode.ts` stacks.
 *
 * In: bytes, coding name, output limit. Out: `Inflated`, or an exception of zlib that `decode.ts` turns into a value.
 * The synchronous functions of zlib are the right ones here: this runs in a parser thread, and a trip through libuv's
 * thread pool would cost more than the decoding of a page.
 *
 * Node's own functions treat what follows the compressed data in many ways (a second gzip member is joined, other bytes after gzip
 * are an error, bytes after br and deflate are ignored, of a second zstd frame see `zstd-frame.ts`), so the end of the data is
 * looked at here.
 */
import { brotliDecompressSync, crc32, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { release, roomFor } from '../model/large-memory.ts';
import type { BodyEncoding } from '../model/page.ts';
import { isZstdFrame, zstdContentSize, ZstdFrameEnd } from '../model/zstd-frame.ts';
import { announcedByGzip } from './announced-size.ts';

/** A coding that this program can undo, as it is written in `Content-Encoding`. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

interface Inflated {
  readonly bytes: Buffer;
  /** What the bytes really were: `deflate` on the wire may be wrapped (RFC 1950) or raw (RFC 1951). */
  readonly encoding: Exclude<BodyEncoding, 'identity'> | null;
  /** Bytes followed the end of the compressed data. */
  readonly trailingGarbage: boolean;
}

/** Code of what is thrown for more members or frames than are undone. */
export const TOO_MANY_PARTS = 'ERR_TOO_MANY_PARTS';

/** Thrown for data that zlib accepts and the coding's own specification does not. */
class CodingError extends Error {
  override readonly name = 'CodingError';
  readonly code: string = 'ERR_CONTENT_CODING';
}

/** Whole, and more of it than is undone: no damage that another attempt could mend. */
class TooManyParts extends CodingError {
  override readonly code = TOO_MANY_PARTS;
}

/** As zlib says it. */
class TooLarge extends CodingError {
  override readonly code = 'ERR_BUFFER_TOO_LARGE';
}

/** With `info: true` zlib's synchronous functions return this; the type definitions know only the buffer. */
interface WithInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

interface ZlibOptions {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
  readonly info: true;
}

type Decompress = (bytes: Uint8Array, options: ZlibOptions) => Buffer;

const SMALLEST_CHUNK = 16 * 1024;
/** More output than expected goes to one piece of memory as large as may be needed beyond this: joined pieces would take it twice. */
const LARGEST_SURPRISE = 1024 * 1024;
/** So does output expected to be larger than this. Less gets just that much: V8 answers the other with a full collection. */
const LARGEST_EXPECTED = 4 * 1024 * 1024;

/** Text seldom shrinks to less than a fifth. A wrong guess costs a copy, not correctness. */
const USUAL_RATIO = 5;

/** Members and frames of one body; writers of seekable files make one for every 64 KB or more. */
const MOST_PARTS = 10_000;
const LARGEST_FOLLOWER = 64 * 1024;

type Inflate = (bytes: Uint8Array, limit: number) => Inflated;

const INFLATE: Readonly<Record<Coding, Inflate>> = {
  gzip: gunzip,
  deflate: inflateEither,
  br: unbrotli,
  zstd: unzstd,
};

/** @throws {RangeError} `ERR_BUFFER_TOO_LARGE` past `limit` bytes of output; an error of zlib for anything else. */
export function inflate(coding: Coding, bytes: Uint8Array, limit: number): Inflated {
  return INFLATE[coding](bytes, limit);
}

function run(
  decompress: Decompress,
  bytes: Uint8Array,
  limit: number,
  expectedSize: number,
): { output: Buffer; consumed: number } {
  // One chunk that holds the whole output saves zlib's growing and joining: 1.6 times faster for a page.
  const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(limit, expectedSize) + 64);
  if (chunkSize >= LARGEST_EXPECTED) return runInto(roomFor(limit), decompress, bytes, limit);
  const most = Math.max(LARGEST_SURPRISE, chunkSize);
  if (limit <= most) return runInto(chunkSize, decompress, bytes, limit);
  try {
    return runInto(chunkSize, decompress, bytes, most);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    // More than anybody expected: from the start again.
    return runInto(roomFor(limit), decompress, bytes, limit);
  }
}

function runInto(
  chunkSize: number,
  decompress: Decompress,
  bytes: Uint8Array,
  maxOutputLength: number,
): { output: Buffer; consumed: number } {
  const result = decompress(bytes, { maxOutputLength, chunkSize, info: true }) as unknown as WithInfo;
  return { output: result.buffer, consumed: result.engine.bytesWritten };
}

function gunzip(bytes: Uint8Array, limit: number): Inflated {
  try {
    const { output, consumed } = run(gunzipSync, bytes, limit, announcedByGzip(bytes));
    return { bytes: output, encoding: 'gzip', trailingGarbage: consumed < bytes.length };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw error;
    // Either damaged, or whole and followed by something that is no further member.
    return gunzipMembers(bytes, limit, error);
  }
}

/** Member by member (RFC 1952 §2.2), each checked against its own trailer; what follows the last one is garbage. */
function gunzipMembers(bytes: Uint8Array, limit: number, cause: unknown): Inflated {
  const parts = new Parts(limit);
  let rest = bytes;
  while (isGzipMember(rest)) {
    const start = gzipHeaderLength(rest);
    const { output, consumed } = run(inflateRawSync, rest.subarray(start), parts.room, parts.expected(rest));
    const end = start + consumed + 8;
    if (rest.length < end) throw new CodingError('gzip: the last member has no whole trailer', { cause });
    const trailer = new DataView(rest.buffer, rest.byteOffset + end - 8, 8);
    if (trailer.getUint32(0, true) !== crc32(output) || trailer.getUint32(4, true) !== output.length) {
      throw new CodingError('gzip: incorrect data check', { cause });
    }
    parts.add(output);
    rest = rest.subarray(end);
  }
  if (parts.isEmpty) throw cause;
  // zlib has refused these bytes as they stand, and so would whoever read them from the store.
  return { bytes: parts.joined, encoding: null, trailingGarbage: rest.length > 0 };
}

export function isGzipMember(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * RFC 1952 §2.3: ten bytes, then what the flags announce; a reserved one may announce anything.
 * @throws {CodingError} for such a flag, a wrong check sum, and where a name or a comment does not end.
 */
export function gzipHeaderLength(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  if ((flags & 0xe0) !== 0) throw new CodingError('gzip: unknown header flags set');
  let length = 10;
  if ((flags & 4) !== 0) length += 2 + (bytes[length] ?? 0) + ((bytes[length + 1] ?? 0) << 8);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, length);
    if (end === -1) throw new CodingError('gzip: the header does not end');
    length = end + 1;
  }
  if ((flags & 2) === 0) return length;
  const check = (bytes[length] ?? 0) | ((bytes[length + 1] ?? 0) << 8);
  if (check !== (crc32(bytes.subarray(0, length)) & 0xffff)) throw new CodingError('gzip: header crc mismatch');
  return length + 2;
}

/**
 * RFC 9110 §8.4.1.2 wants the zlib wrapper, some servers send the bare stream. The first two bytes tell: method 8, window
 * ≤ 32 KB, check bits. A bare stream may look so by chance, hence the second try.
 */
function inflateEither(bytes: Uint8Array, limit: number): Inflated {
  const first = bytes[0] ?? 0;
  const wrapped = (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | (bytes[1] ?? 0)) % 31 === 0;
  if (!wrapped) return inflateBare(bytes, limit);
  try {
    const { output, consumed } = run(inflateSync, bytes, limit, bytes.length * USUAL_RATIO);
    return { bytes: output, encoding: 'deflate', trailingGarbage: consumed < bytes.length };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'Z_DATA_ERROR') throw error;
    const bare = inflateBare(bytes, limit);
    // A damaged wrapped stream can begin with something that reads as a short bare one: believe only a whole one.
    if (bare.trailingGarbage) throw error;
    return bare;
  }
}

function inflateBare(bytes: Uint8Array, limit: number): Inflated {
  const { output, consumed } = run(inflateRawSync, bytes, limit, bytes.length * USUAL_RATIO);
  return { bytes: output, encoding: 'deflate-raw', trailingGarbage: consumed < bytes.length };
}

function unbrotli(bytes: Uint8Array, limit: number): Inflated {
  const { output, consumed } = run(brotliDecompressSync, bytes, limit, bytes.length * USUAL_RATIO);
  return { bytes: output, encoding: 'br', trailingGarbage: consumed < bytes.length };
}

/** RFC 8878 §3: any number of frames, among them skippable ones. */
function unzstd(bytes: Uint8Array, limit: number): Inflated {
  const parts = new Parts(limit);
  let rest = bytes;
  do {
    const end = new ZstdFrameEnd().push(rest);
    const frame = rest.subarray(0, end ?? rest.length);
    const expected = zstdContentSize(frame) || parts.expected(rest);
    parts.add(run(zstdDecompressSync, frame, parts.room, expected).output);
    // Not every version of Node says so itself.
    if (end === null) throw new CodingError('zstd: the last frame does not end');
    rest = rest.subarray(end);
  } while (isZstdFrame(rest));
  // Whoever reads a stored body undoes one frame.
  const encoding = parts.isSingle ? 'zstd' : null;
  return { bytes: parts.joined, encoding, trailingGarbage: rest.length > 0 };
}

/** The outputs of a body's members or frames, one behind the other in one piece of memory: the first one's if it is the only one. */
class Parts {
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #count = 0;

  /** @param limit Bytes that may come out. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isSingle(): boolean {
    return this.#count === 1;
  }

  /** Bytes that may still come out; zlib takes no 0, so `add` looks at the sum. */
  get room(): number {
    return Math.max(1, this.#limit - this.#length);
  }

  get joined(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Size of the next output, where nothing is announced: what follows a first one is taken for small, since there may be many. */
  expected(rest: Uint8Array): number {
    const usual = rest.length * USUAL_RATIO;
    return this.isEmpty ? usual : Math.min(usual, LARGEST_FOLLOWER);
  }

  /** @throws {TooManyParts} for more than anybody sends: each costs as much time as a small page. @throws {TooLarge} past the limit. */
  add(output: Buffer): void {
    const { length } = output;
    if (this.#length + length > this.#limit) throw new TooLarge(`more than ${this.#limit} bytes`);
    if (++this.#count > MOST_PARTS) throw new TooManyParts(`more than ${MOST_PARTS} members or frames`);
    if (this.#count === 1) {
      this.#bytes = output;
    } else {
      if (this.#count === 2) this.#makeRoom();
      this.#bytes.set(output, this.#length);
      release(output);
    }
    this.#length += length;
  }

  #makeRoom(): void {
    const first = this.#bytes;
    this.#bytes = Buffer.allocUnsafeSlow(roomFor(this.#limit));
    this.#bytes.set(first);
    release(first);
  }
}
