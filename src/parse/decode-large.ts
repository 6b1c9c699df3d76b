/**
 * Text of megabytes to UTF-8, piece by piece: as one string it would take two bytes a character, outside the heap, until a
 * collection finds it.
 *
 * In: bytes in a known encoding. Out: UTF-8, without a byte order mark and without NUL (U+FFFD stands for it), the same as
 * `TextDecoder` makes of the whole, up to twice its size. Han in UTF-16 grows by half, Cyrillic in an encoding of one byte
 * doubles; what triples is damage.
 */
import { roomFor } from '../model/large-memory.ts';

const encoder = new TextEncoder();
const PIECE = 64 * 1024;
const MOST_GROWTH = 2;

interface Large {
  readonly utf8: Uint8Array;
  /** U+FFFD is in it. */
  readonly hasReplaced: boolean;
  /** There is more text than twice the bytes. */
  readonly isCut: boolean;
}

export function decodeLarge(bytes: Uint8Array, charset: string): Large {
  const decoder = new TextDecoder(charset);
  const most = MOST_GROWTH * bytes.length;
  const out = Buffer.allocUnsafeSlow(roomFor(most)).subarray(0, most);
  let length = 0;
  let hasReplaced = false;
  let isCut = false;
  for (let at = 0; at < bytes.length && !isCut; at += PIECE) {
    const decoded = decoder.decode(bytes.subarray(at, at + PIECE), { stream: at + PIECE < bytes.length });
    const text = decoded.includes('\0') ? decoded.replaceAll('\0', '\uFFFD') : decoded;
    hasReplaced ||= text.includes('\uFFFD');
    // Whole characters only.
    const { read, written } = encoder.encodeInto(text, out.subarray(length));
    length += written;
    isCut = read < text.length;
  }
  return { utf8: out.subarray(0, length), hasReplaced, isCut };
}
