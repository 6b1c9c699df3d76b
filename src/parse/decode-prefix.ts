/**
 * The beginning of an encoded body, decoded: for robots.txt, of which 500 KiB are read and the rest is not.
 *
 * In: wire bytes, cut where there were more than `limit`, and the raw header value. Out: up to `limit` decoded bytes, `null` where
 * they are damaged before that. Never rejects. By streams, in libuv's threads: it is called from the main thread, and a bomb is
 * left alone as soon as the limit is reached.
 */
import { crc32, createBrotliDecompress, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { codingNames, CODINGS } from './decode.ts';
import { isSkippableFrame, isZstdFrame, ZstdFrameEnd } from '../model/zstd-frame.ts';
import { gzipHeaderLength, isGzipMember, type Coding } from './content-codings.ts';

/** Codings undone one after the other; more is no honest file. */
const MOST_CODINGS = 2;

/** Members or frames undone: each takes a tenth of a millisecond, and writers make one for 64 KB or more. */
const MOST_PARTS = 1_000;

interface Inflated {
  /** `null` = more parts than are undone. */
  readonly bytes: Uint8Array | null;
  readonly isWhole: boolean;
}

/** A member of gzip or a frame of zstd; of other codings, all there is. */
interface Part {
  readonly chunks: readonly Buffer[];
  /** Where it ends; `null` = damaged, or cut. */
  readonly end: number | null;
}

type Zlib = NodeJS.ReadWriteStream & { readonly bytesWritten: number };

export async function decodePrefix(
  wire: Uint8Array,
  contentEncoding: string | null,
  limit: number,
): Promise<Uint8Array | null> {
  const names = contentEncoding === null ? [] : codingNames(contentEncoding);
  if (names.length > MOST_CODINGS || !names.every((name) => Object.hasOwn(CODINGS, name))) return null;
  if (wire.length === 0) return wire;
  let bytes = wire;
  for (const name of names.toReversed()) {
    const inflated = await inflatePrefix(CODINGS[name] as Coding, bytes, limit);
    if (inflated.bytes === null) return null;
    // What was cut off ends early.
    if (!inflated.isWhole && bytes.length < limit) return null;
    bytes = inflated.bytes;
  }
  return bytes.subarray(0, limit);
}

/** Some codings allow for several parts, one behind the other. */
async function inflatePrefix(coding: Coding, bytes: Uint8Array, limit: number): Promise<Inflated> {
  const chunks: Buffer[] = [];
  let length = 0;
  let rest = bytes;
  for (let parts = 1; parts <= MOST_PARTS; parts++) {
    const part = await inflatePart(coding, rest, limit - length);
    chunks.push(...part.chunks);
    length = lengthOf(chunks);
    const isLast = part.end === null || length >= limit || !isNextPart(coding, rest.subarray(part.end));
    if (isLast) return { bytes: Buffer.concat(chunks), isWhole: part.end !== null };
    rest = rest.subarray(part.end ?? 0);
  }
  return { bytes: null, isWhole: false };
}

function isNextPart(coding: Coding, rest: Uint8Array): boolean {
  if (coding === 'gzip') return isGzipMember(rest);
  return coding === 'zstd' && isZstdFrame(rest);
}

async function inflatePart(coding: Coding, bytes: Uint8Array, limit: number): Promise<Part> {
  switch (coding) {
    case 'gzip':
      return inflateMember(bytes, limit);
    case 'zstd':
      return inflateFrame(bytes, limit);
    case 'br':
      return pipe(createBrotliDecompress(), bytes, limit);
    case 'deflate':
      // RFC 1950 §2.2: with its wrapper it begins with method 8; some servers send the bare stream.
      return pipe((bytes[0] ?? 0) % 16 === 8 ? createInflate() : createInflateRaw(), bytes, limit);
    default:
      return coding satisfies never;
  }
}

async function pipe(stream: Zlib, bytes: Uint8Array, limit: number): Promise<Part> {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.end(bytes);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop destroys the stream.
      if (length >= limit) break;
    }
    return { chunks, end: stream.bytesWritten };
  } catch {
    return { chunks, end: null };
  }
}

/** RFC 1952 §2.3, undone by hand: Node's gunzip takes what follows the last member for damage of it. */
async function inflateMember(bytes: Uint8Array, limit: number): Promise<Part> {
  const start = memberStart(bytes);
  if (start === null) return { chunks: [], end: null };
  const { chunks, end } = await pipe(createInflateRaw(), bytes.subarray(start), limit);
  const length = lengthOf(chunks);
  // Left alone before its end, where there is nothing to check it against.
  if (end === null || length >= limit) return { chunks, end };
  const trailer = start + end;
  if (bytes.length < trailer + 8) return { chunks, end: null };
  const view = new DataView(bytes.buffer, bytes.byteOffset + trailer, 8);
  const sum = chunks.reduce((so, chunk) => crc32(chunk, so), 0);
  const isRight = view.getUint32(0, true) === sum && view.getUint32(4, true) === length;
  return isRight ? { chunks, end: trailer + 8 } : { chunks: [], end: null };
}

function memberStart(bytes: Uint8Array): number | null {
  if (!isGzipMember(bytes)) return null;
  try {
    return gzipHeaderLength(bytes);
  } catch {
    return null;
  }
}

/** RFC 8878 §3.1. */
async function inflateFrame(bytes: Uint8Array, limit: number): Promise<Part> {
  const end = new ZstdFrameEnd().push(bytes);
  if (isSkippableFrame(bytes)) return { chunks: [], end };
  const part = await pipe(createZstdDecompress(), bytes.subarray(0, end ?? bytes.length), limit);
  // Of a frame that was cut there may be enough; not every version of Node says where there is not.
  return end === null && lengthOf(part.chunks) < limit ? { chunks: part.chunks, end: null } : part;
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
