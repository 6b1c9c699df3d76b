/**
 * Fetch stage: whether a 206 (Partial Content) brought the whole page. Requests ask for no part unless the user's own headers do,
 * yet some servers and caches send one; and a part must never be stored as if it were the page.
 *
 * In: the headers sent, the Content-Range received, the bytes of the body. Out: `null` where that is what was asked for, else a
 * `Failure`. RFC 9110 §15.3.7: what a 206 holds is known from its Content-Range alone, and one without it, or with several
 * parts in its body (multipart/byteranges), is nothing that we can read as a page.
 */
import { failure, type Failure } from './classify.ts';

/** All bytes from the first on (RFC 9110 §14.4); how many there are in all has to be known. */
const FROM_FIRST = /^bytes +0-(\d+)\/(\d+)$/i;

/** The user asks for a part. @param headers [name, value, name, value …], names in lower case. */
export function asksForPart(headers: readonly string[]): boolean {
  return headers.some((text, i) => i % 2 === 0 && text === 'range');
}

/** @param bytes Of the body as it came; `cutAt` of it are enough. */
export function failureOfPart(contentRange: string | null, bytes: number, cutAt: number = Infinity): Failure | null {
  const [, last, whole] = FROM_FIRST.exec(contentRange ?? '') ?? [];
  const wholeBytes = Number(whole);
  if (Number(last) + 1 === wholeBytes && bytes === Math.min(wholeBytes, cutAt)) return null;
  const range = contentRange === null ? 'no Content-Range' : `Content-Range ${contentRange}`;
  return failure('truncated', `HTTP 206 though no part was asked for: ${range}, ${bytes} bytes`);
}
