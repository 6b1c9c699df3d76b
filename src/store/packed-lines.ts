/**
 * Lines of a list on their way from the main thread to the store's: two pieces of memory a batch, handed over instead of
 * copied, where a structured clone would make ten objects and strings of each line on the other side. Those would live as
 * long as their transaction, so all of them would move to the old generation and lie there until it has doubled.
 *
 *     text    https://a.test/1a.testhttps://b.test/2b.test…      one byte a character, two where not all are ASCII
 *     rows    [flags, line, characters of URL, of host, of columns]  [flags, …      numbers, five a line
 *
 * In: lines, whose passwords have been taken out. Out: the same lines, one object at a time while they are read. The memory
 * is not the heap's: whoever has read the lines gives it back (`releaseLines`).
 */
import { release } from '../model/large-memory.ts';
import type { EnqueueRequest } from '../model/ports.ts';
import type { SeedLine } from '../model/seed.ts';

/** A batch as it crosses threads; `transferOf` names what is handed over. */
export type PackedRequest = Omit<EnqueueRequest, 'lines'> & { readonly lines: PackedLines };

export interface PackedLines {
  readonly count: number;
  readonly text: Uint8Array<ArrayBuffer>;
  /** Whether a character has two bytes (UTF-16). */
  readonly isWide: boolean;
  readonly rows: Float64Array<ArrayBuffer>;
}

/** What the importer reads: an array of lines, or packed ones. */
export interface Lines extends Iterable<SeedLine> {
  readonly length: number;
}

const ROW = 5;
const URL_LINE = 1;
const REJECTED = 2;
const BARE_HOST = 4;
const COLUMNS = 8;

export function packLines(lines: readonly SeedLine[]): PackedLines {
  // One a line: all in one could be longer than a string may be.
  const texts: string[] = [];
  let length = 0;
  let isWide = false;
  const rows = new Float64Array(lines.length * ROW);
  let at = 0;
  for (const line of lines) {
    rows[at + 1] = line.line;
    if (line.kind !== 'blank') {
      const isUrl = line.kind === 'url';
      const first = isUrl ? line.url : line.raw;
      const second = isUrl ? line.host : line.reason;
      const third = line.columns ?? '';
      const kind = isUrl ? URL_LINE | (line.bareHost ? BARE_HOST : 0) : REJECTED;
      rows[at] = kind | (line.columns === null ? 0 : COLUMNS);
      rows[at + 2] = first.length;
      rows[at + 3] = second.length;
      rows[at + 4] = third.length;
      const text = first + second + third;
      texts.push(text);
      length += text.length;
      isWide ||= Buffer.byteLength(text) !== text.length;
    }
    at += ROW;
  }
  const encoding = isWide ? 'utf16le' : 'latin1';
  // Not from Node's pool, which stays with this thread.
  const bytes = Buffer.allocUnsafeSlow(isWide ? 2 * length : length);
  let end = 0;
  for (const text of texts) end += bytes.write(text, end, encoding);
  return { count: lines.length, text: bytes, isWide, rows };
}

export function transferOf({ text, rows }: PackedLines): ArrayBuffer[] {
  return [text.buffer, rows.buffer];
}

/** The lines, each made when its turn comes. */
export function unpackLines(packed: PackedLines): Lines {
  return { length: packed.count, [Symbol.iterator]: () => readLines(packed) };
}

/** Gives the memory back: the lines are gone. */
export function releaseLines({ text, rows }: PackedLines): void {
  release(text);
  release(rows);
}

function* readLines({ count, text, isWide, rows }: PackedLines): Generator<SeedLine, undefined> {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const encoding = isWide ? 'utf16le' : 'latin1';
  const width = isWide ? 2 : 1;
  let start = 0;
  for (let at = 0; at < count * ROW; at += ROW) {
    const flags = rows[at] ?? 0;
    const line = rows[at + 1] ?? 0;
    if (flags === 0) {
      yield { kind: 'blank', line };
      continue;
    }
    const secondAt = rows[at + 2] ?? 0;
    const thirdAt = secondAt + (rows[at + 3] ?? 0);
    const length = thirdAt + (rows[at + 4] ?? 0);
    const all = bytes.toString(encoding, start, start + length * width);
    start += length * width;
    const first = all.slice(0, secondAt);
    const second = all.slice(secondAt, thirdAt);
    const columns = (flags & COLUMNS) === 0 ? null : all.slice(thirdAt);
    if ((flags & REJECTED) !== 0) yield { kind: 'rejected', line, raw: first, reason: second, columns };
    else yield { kind: 'url', line, url: first, host: second, bareHost: (flags & BARE_HOST) !== 0, columns };
  }
}
