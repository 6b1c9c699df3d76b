/**
 * The beginning of an encoded body, decoded: for robots.txt, of which 500 KiB are read and the rest is not.
 *
 * In: wire bytes, cut where there were more than `limit`, and the raw header value. Out: up to `limit` decoded bytes, `null` where
 * they are damaged before that. Never rejects. By streams, in libuv's threads: it is called from the main thread, and a bomb is
 * left alone as soon as the limit is reached.
 */
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { codingNames, CODINGS } from './decode.ts';
import type { Coding } from './content-codings.ts';

/** Codings undone one after the other; more is no honest file. */
const MOST_CODINGS = 2;

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
    // What was cut off ends early.
    if (!inflated.isWhole && bytes.length < limit) return null;
    bytes = inflated.bytes;
  }
  return bytes.subarray(0, limit);
}

async function inflatePrefix(
  coding: Coding,
  bytes: Uint8Array,
  limit: number,
): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const stream = decoderOf(coding, bytes);
  const chunks: Buffer[] = [];
  let length = 0;
  let isWhole = true;
  stream.end(bytes);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop destroys the stream.
      if (length >= limit) break;
    }
  } catch {
    isWhole = false;
  }
  return { bytes: Buffer.concat(chunks), isWhole };
}

function decoderOf(coding: Coding, bytes: Uint8Array): NodeJS.ReadWriteStream {
  switch (coding) {
    case 'gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    case 'deflate':
      // RFC 1950 §2.2: with its wrapper it begins with method 8; some servers send the bare stream.
      return (bytes[0] ?? 0) % 16 === 8 ? createInflate() : createInflateRaw();
    default:
      return coding satisfies never;
  }
}
