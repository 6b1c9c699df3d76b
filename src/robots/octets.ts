/**
 * Robots stage: the octets of a robots.txt made ready for reading lines: UTF-8 without byte order mark, 500 KiB at most.
 *
 * What looks like no text is a page in HTML (a server that answers every path with its start page), an image, an archive;
 * or a robots.txt with a comment in HTML or a stray NUL, so the parser has the last word. RFC 9309 §2.5 asks for at least
 * 500 KiB to be read; a line that the limit cuts is left out.
 */

export const MOST_OCTETS: number = 500 * 1_024;

const LF = 10;
const CR = 13;

/** Octets in which a NUL marks a file as no text. */
const LOOKED_AT = 1_024;

export interface Octets {
  /** What it looks like by its beginning. */
  readonly kind: 'text' | 'html' | 'binary';
  readonly bytes: Buffer;
  readonly truncated: boolean;
  /** The limit is in the midst of the last line: what is left of it may mean something else. */
  readonly cutsLine: boolean;
}

/** As much as is read of it, without the line that the limit cuts: read again, it says the same. */
export function wholeLines(body: Uint8Array): Uint8Array {
  if (body.length <= MOST_OCTETS) return body;
  const read = body.subarray(0, MOST_OCTETS);
  if (!toOctets(body).cutsLine) return read;
  return read.subarray(0, Math.max(read.lastIndexOf(LF), read.lastIndexOf(CR)) + 1);
}

export function toOctets(body: Uint8Array): Octets {
  let bytes = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, MOST_OCTETS));
  let truncated = body.length > MOST_OCTETS;
  const utf16 = utf16Order(bytes);
  let cutsLine = truncated && (utf16 !== null || !isLineEnd(body[MOST_OCTETS]));
  if (utf16 !== null) {
    const even = bytes.subarray(0, bytes.length & ~1);
    const text = (utf16 === 'be' ? Buffer.from(even).swap16() : even).toString('utf16le');
    bytes = Buffer.from(text, 'utf8');
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  if (bytes.length > MOST_OCTETS) {
    cutsLine = !isLineEnd(bytes[MOST_OCTETS]);
    bytes = bytes.subarray(0, MOST_OCTETS);
    truncated = true;
  }
  return { kind: kindOf(bytes), bytes, truncated, cutsLine };
}

function isLineEnd(octet: number | undefined): boolean {
  return octet === LF || octet === CR;
}

/** By its byte order mark, or by the NULs that ASCII has in UTF-16. */
function utf16Order(bytes: Buffer): 'le' | 'be' | null {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'le';
  if (first === 0xfe && second === 0xff) return 'be';
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return null;
  if (second === 0 && fourth === 0 && isAscii(first) && isAscii(third)) return 'le';
  return first === 0 && third === 0 && isAscii(second) && isAscii(fourth) ? 'be' : null;
}

function isAscii(octet: number): boolean {
  return octet > 0 && octet < 0x80;
}

function kindOf(bytes: Buffer): Octets['kind'] {
  if (bytes.subarray(0, LOOKED_AT).includes(0)) return 'binary';
  // No line of a robots.txt begins with "<".
  return /^\s*</.test(bytes.toString('latin1', 0, LOOKED_AT)) ? 'html' : 'text';
}
