/**
 * The beginning of a list, read before anything runs: is it text, in which encoding, has it any line, and how is it to be
 * read (plain, CSV, TSV, JSON Lines)? In: the decompressed source. Out: a format, or one sentence on what is wrong.
 */
import { extname } from 'node:path';
import type { ByteSource } from './byte-source.ts';
import { MAX_RECORD_LENGTH } from './csv-record.ts';
import type { CsvFormat } from './csv-reader.ts';
import { detectCsv } from './detect-csv.ts';
import { detectJsonl } from './detect-jsonl.ts';
import type { JsonlFormat } from './jsonl-reader.ts';
import { LineCursor, sniffEncoding } from './line-cursor.ts';
import type { TextEncoding } from './line-cursor.ts';
import { isBlankOrComment } from './seed-line.ts';
import { looksLikeUrl } from './url-columns.ts';

export type ListFormat = { readonly kind: 'plain' } | CsvFormat | JsonlFormat;

/** Longest line of a plain list: 64 KB, the longest URL. Records carry other columns and may be longer. */
export const MAX_LINE_BYTES: Readonly<Record<ListFormat['kind'], number>> = {
  plain: 64_000,
  csv: MAX_RECORD_LENGTH,
  jsonl: MAX_RECORD_LENGTH,
};

export interface ListHead {
  readonly encoding: TextEncoding;
  readonly format: ListFormat;
}

const HEAD_BYTES = 65_536;

/** What other things than lists start with, and what to say of them. */
const OTHER_FILES: readonly (readonly [start: string, what: string])[] = [
  ['SQLite format 3\0', 'is a SQLite database, not a list; to go on with a crawl, name it with -o'],
  ['\xfd7zXZ', 'is compressed with xz; unpack it first (xz -d), or pack it with gzip or zstd'],
  ['BZh', 'is compressed with bzip2; unpack it first (bzip2 -d), or pack it with gzip or zstd'],
  ['PK\x03\x04', 'is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV'],
  ['%PDF-', 'is a PDF document, not a list of URLs'],
];

/**
 * Reads the first 64 KB. From a stream only as much as it takes to see one line: the sender may be waiting for us.
 * @returns What was read, for `PeekedSource`; `ended` if that is all there is.
 */
export async function readHead(
  source: ByteSource,
  isStream: boolean,
): Promise<{ readonly bytes: Buffer; readonly ended: boolean }> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < HEAD_BYTES) {
    const chunk = await source.read();
    if (chunk === null) return { bytes, ended: true };
    bytes = Buffer.concat([bytes, chunk]);
    if (isStream && !source.hasMore() && hasContent(cursorOver(bytes, false))) break;
  }
  return { bytes, ended: false };
}

/** The format of a list that starts with `bytes`, or what is wrong with it. `name` tells it by its extension. */
export function inspectHead(
  bytes: Buffer,
  ended: boolean,
  name: string | null,
  urlColumn: string | number | null,
): ListHead | string {
  if (bytes.length === 0) return 'is empty; it should hold one URL per line';
  const beginning = bytes.toString('latin1', 0, 16);
  const other = OTHER_FILES.find(([start]) => beginning.startsWith(start));
  if (other !== undefined) return other[1];
  const encoding = sniffEncoding(bytes);
  if (encoding === 'utf-8' && bytes.subarray(0, HEAD_BYTES).includes(0)) {
    return 'is not text (it has NUL bytes); it should be a list of URLs in UTF-8, or in UTF-16 with a byte order mark';
  }
  if (encoding === 'utf-8' && hasOnlyReturns(bytes)) {
    return `has carriage returns for line ends, and no line feeds; convert it: tr '\\r' '\\n' < LIST > NEW`;
  }
  const head = () => cursorOver(bytes, ended);
  const format = detectFormat(head, name, urlColumn);
  return typeof format === 'string' ? format : { encoding, format };
}

/** Whether there is any line but blanks and comments, as far as the cursor sees. */
export function hasContent(cursor: LineCursor): boolean {
  while (cursor.next()) if (cursor.fault !== null || !isBlankOrComment(cursor.text)) return true;
  return false;
}

/** One at the end is the rest of a line end that was cut. */
function hasOnlyReturns(bytes: Buffer): boolean {
  const first = bytes.indexOf(0x0d);
  return first !== -1 && first < bytes.length - 1 && !bytes.includes(0x0a);
}

function cursorOver(bytes: Buffer, ended: boolean): LineCursor {
  const cursor = new LineCursor(sniffEncoding(bytes), 0, MAX_RECORD_LENGTH);
  cursor.push(bytes);
  if (ended) cursor.push(null);
  return cursor;
}

function detectFormat(
  head: () => LineCursor,
  name: string | null,
  urlColumn: string | number | null,
): ListFormat | string {
  switch (extensionOf(name)) {
    case '.csv':
      return detectCsv(head, 'csv', urlColumn);
    case '.tsv':
    case '.tab':
      return detectCsv(head, 'tsv', urlColumn);
    case '.jsonl':
    case '.ndjson':
      return detectJsonl(head(), urlColumn);
    default:
      return urlColumn === null ? { kind: 'plain' } : detectTable(head, urlColumn);
  }
}

/** A column was asked for, so this is a table whatever its name, unless it is a mere list beside other tables. */
function detectTable(head: () => LineCursor, urlColumn: string | number): ListFormat | string {
  const first = head();
  const text = hasContent(first) ? first.text : '';
  if (text.trimStart().startsWith('{')) return detectJsonl(head(), urlColumn);
  return !/[,;\t]/.test(text) && looksLikeUrl(text) ? { kind: 'plain' } : detectCsv(head, 'csv', urlColumn);
}

function extensionOf(name: string | null): string {
  return name === null ? '' : extname(name.replace(/\.(?:gz|zst)$/i, '')).toLowerCase();
}
