/**
 * Undoes the Content-Encoding of a body (RFC 9110 §8.4) under two caps: decoded size and ratio.
 *
 * In: wire bytes and the raw header value. Out: a value in every case, this never throws. A body that decodes only in part
 * is a failure: partial bytes are never passed on as if they were whole.
 */
import { release } from '../model/large-memory.ts';
import type { BodyEncoding } from '../model/page.ts';
import { TOO_MANY_PARTS, inflate } from './content-codings.ts';
import type { Coding } from './content-codings.ts';

export interface Decoded {
  readonly ok: true;
  readonly bytes: Uint8Array;
  /**
   * Set where the wire bytes are exactly one clean coding of `bytes`, so that they may be stored as they came;
   * 'identity' where they are `bytes` themselves; `null` otherwise (stacked codings, bytes after the end).
   */
  readonly wireEncoding: BodyEncoding | null;
  readonly warning: string | null;
}

export interface Undecodable {
  readonly ok: false;
  readonly errorClass: 'decode' | 'too-large' | 'bomb';
  /** zlib's code where there is one, such as Z_DATA_ERROR. */
  readonly errorCode: string | null;
  readonly error: string;
  /** Another attempt would end the same way: the answer says what it is, and that is not something we undo. */
  readonly isFinal: boolean;
}

/** As many as curl undoes. Real servers stack two by mistake; more is an attack. */
const MOST_CODINGS = 5;

/** Deflate reaches 1032:1 and nothing honest comes near. Judged only past `BOMB_FLOOR` bytes of output. */
const BOMB_RATIO = 1000;
const BOMB_FLOOR = 1_000_000;

export const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

/** @param maxSize Cap on the decoded body, bytes. */
export function decodeBody(wire: Uint8Array, contentEncoding: string | null, maxSize: number): Decoded | Undecodable {
  const names = contentEncoding === null ? [] : codingNames(contentEncoding);
  // An empty body has nothing to undo, whatever the header says (answers to 304 and broken servers do this).
  if (names.length === 0 || wire.length === 0) return asIs(wire, maxSize);
  if (names.length > MOST_CODINGS) {
    return refused(`${names.length} content codings are stacked, at most ${MOST_CODINGS} are undone`);
  }
  const unknown = names.find((name) => !Object.hasOwn(CODINGS, name));
  if (unknown !== undefined) return refused(`unknown content coding "${unknown.slice(0, 60)}"`);
  return undo(
    wire,
    names.map((name) => CODINGS[name]!),
    maxSize,
  );
}

export function codingNames(contentEncoding: string): string[] {
  return (
    contentEncoding
      .toLowerCase()
      .split(',')
      .map((name) => name.trim())
      // Servers mean by "none" what the standard calls identity; curl takes it so, too.
      .filter((name) => name !== '' && name !== 'identity' && name !== 'none')
  );
}

function asIs(wire: Uint8Array, maxSize: number): Decoded | Undecodable {
  if (wire.length > maxSize) return tooLarge(`the body is larger than ${maxSize} bytes`);
  return { ok: true, bytes: wire, wireEncoding: 'identity', warning: null };
}

function undo(wire: Uint8Array, codings: readonly Coding[], maxSize: number): Decoded | Undecodable {
  // The ratio counts from the wire: two stacked codings of 100:1 each are a bomb as much as one of 10,000:1.
  const bombLimit = Math.max(BOMB_FLOOR, wire.length * BOMB_RATIO);
  let bytes = wire;
  let wireEncoding: BodyEncoding | null = null;
  let warning: string | null = null;
  // Codings are listed in the order they were applied.
  for (const coding of codings.toReversed()) {
    try {
      const step = inflate(coding, bytes, Math.min(maxSize, bombLimit));
      if (bytes !== wire) release(bytes);
      bytes = step.bytes;
      wireEncoding = step.trailingGarbage ? null : step.encoding;
      if (step.trailingGarbage) warning = `bytes after the end of the ${coding} data were ignored`;
    } catch (error) {
      return failureOf(coding, error, wire.length, maxSize, bombLimit);
    }
  }
  return { ok: true, bytes, wireEncoding: codings.length === 1 ? wireEncoding : null, warning };
}

function failureOf(coding: Coding, error: unknown, wireBytes: number, maxSize: number, bombLimit: number): Undecodable {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    const limit = Math.min(maxSize, bombLimit);
    const sizes = `the ${coding} body of ${wireBytes} bytes expands to more than ${limit} bytes`;
    if (maxSize <= bombLimit) return tooLarge(sizes);
    return { ...refused(`${sizes}, ${BOMB_RATIO} times its size`), errorClass: 'bomb' };
  }
  const errorCode = typeof code === 'string' ? code : null;
  return {
    ok: false,
    errorClass: 'decode',
    errorCode,
    error: `${coding}: ${String(message)}`,
    isFinal: code === TOO_MANY_PARTS,
  };
}

function tooLarge(what: string): Undecodable {
  return { ...refused(`${what}; see --max-size`), errorClass: 'too-large' };
}

function refused(error: string): Undecodable {
  return { ok: false, errorClass: 'decode', errorCode: null, error, isFinal: true };
}
