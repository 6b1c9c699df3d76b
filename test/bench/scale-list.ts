/**
 * Lists for `scale.ts`: URLs as sites have them, 60 to 120 characters, made from their number alone, so that a list of ten
 * million needs no memory and comes out the same each time.
 *
 * A duplicate repeats a URL drawn from all before it: most lie far apart, where no cache of the newest helps.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface ListShape {
  readonly hosts: number;
  /** `sorted`: host by host. `shuffled`: each line on a host of its own choice. */
  readonly order: 'sorted' | 'shuffled';
  /** Share of lines that repeat an earlier one, 0 to 1. */
  readonly duplicates: number;
}

const WORDS = [
  'archive', 'article', 'category', 'chapter', 'collection', 'comment', 'community', 'document', 'download', 'gallery',
  'history', 'introduction', 'language', 'library', 'message', 'notebook', 'overview', 'product', 'reference', 'section',
]; // prettier-ignore
const LINES_A_PORTION = 1_000;

/** Line `i` (from 0) of a list of `count` lines, without its line break. */
export function urlOfLine(i: number, count: number, port: number, shape: ListShape): string {
  const draw = mix(i + 1);
  const repeats = i > 0 && draw / 2 ** 32 < shape.duplicates;
  return urlOf(repeats ? mix(draw) % i : i, count, port, shape);
}

/** What `urlOfLine` writes where the line is no duplicate. */
function urlOf(i: number, count: number, port: number, { hosts, order }: ListShape): string {
  const seed = mix(i);
  const host = order === 'sorted' ? Math.floor((i / count) * hosts) : seed % hosts;
  // Two to four words: 60 to 120 characters in all.
  let path = '';
  for (let n = 0, rest = mix(seed); n < 2 + (seed % 3); n++, rest = Math.floor(rest / WORDS.length)) {
    path += `/${WORDS[rest % WORDS.length]}-${rest % 97}`;
  }
  return `http://www.site-${host}.localhost:${port}${path}/page-${i}.html?view=${seed % 1000}`;
}

/** Writes `count` lines; a name that ends in .gz is compressed. */
export async function writeList(file: string, count: number, port: number, shape: ListShape): Promise<void> {
  const text = Readable.from(portions(count, port, shape));
  if (file.endsWith('.gz')) await pipeline(text, createGzip({ level: 1 }), createWriteStream(file));
  else await pipeline(text, createWriteStream(file));
}

function* portions(count: number, port: number, shape: ListShape): Generator<string> {
  for (let first = 0; first < count; first += LINES_A_PORTION) {
    let text = '';
    const end = Math.min(count, first + LINES_A_PORTION);
    for (let i = first; i < end; i++) text += `${urlOfLine(i, count, port, shape)}\n`;
    yield text;
  }
}

/** MurmurHash3's finisher: a permutation of the 32-bit numbers that looks like chance. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
