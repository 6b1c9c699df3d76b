/**
 * Finds out from the beginning of a CSV or TSV list how to read it: delimiter, header or none, the column of the URLs.
 * Looked at again on each run, so it depends on nothing but the bytes at the beginning and the user's `--url-column`.
 */
import { splitRecord, RecordCursor } from './csv-record.ts';
import type { CsvFormat } from './csv-reader.ts';
import type { LineCursor } from './line-cursor.ts';
import { isBlankOrComment } from './seed-line.ts';
import { findColumn, listNames, looksLikeUrl, urlColumnByContent, urlColumnByName } from './url-columns.ts';

/** Records looked at for a column of URLs where neither names nor the first record tell. */
const SAMPLE_RECORDS = 100;

interface Row {
  readonly fields: readonly string[];
  readonly endOffset: number;
}

/**
 * How to read the list whose first bytes are in `head`, or what is wrong with it (a sentence to follow the list's name).
 * @param extension `tsv` fixes the delimiter; `csv` may turn out to use semicolons or tabs.
 */
export function detectCsv(
  head: () => LineCursor,
  extension: 'csv' | 'tsv',
  urlColumn: string | number | null,
): CsvFormat | string {
  const delimiter = extension === 'tsv' ? '\t' : sniffDelimiter(head());
  const rows = sampleRows(head(), delimiter, urlColumn);
  const first = rows[0];
  if (first === undefined) return 'has no complete record at its beginning; is it a CSV list?';
  const chosen = chooseColumn(rows, first, urlColumn);
  if (typeof chosen === 'string') return chosen;
  const { urlIndex, hasHeader } = chosen;
  if (hasHeader && rows.length === 1 && head().isEnded) return 'holds no URL, only a header';
  return {
    kind: 'csv',
    delimiter,
    urlIndex,
    columns: hasHeader ? uniqueNames(first.fields) : first.fields.map((_field, index) => `column${index + 1}`),
    headerEnd: hasHeader ? first.endOffset : null,
  };
}

/** Spreadsheets of many countries write semicolons into `.csv`; a line with `://` may have them inside its URL. */
function sniffDelimiter(head: LineCursor): ',' | ';' | '\t' {
  while (head.next()) {
    const text = head.text;
    if (isBlankOrComment(text)) continue;
    if (text.includes(',')) return ',';
    if (text.includes('\t')) return '\t';
    return text.includes(';') && !text.includes('://') ? ';' : ',';
  }
  return ',';
}

function sampleRows(head: LineCursor, delimiter: string, urlColumn: string | number | null): Row[] {
  const records = new RecordCursor(head, delimiter);
  const rows: Row[] = [];
  for (let record = records.next(); record !== null && rows.length < SAMPLE_RECORDS; record = records.next()) {
    if (record.fault !== null) continue;
    const fields = splitRecord(record.text, delimiter);
    // A header may start with `#`, as a column of row numbers does.
    const isHeader =
      rows.length === 0 && record.text.startsWith('#') && fields.length > 1 && isNamed(fields, urlColumn);
    if (isHeader || !isBlankOrComment(record.text)) rows.push({ fields, endOffset: record.endOffset });
  }
  return rows;
}

function isNamed(fields: readonly string[], urlColumn: string | number | null): boolean {
  return typeof urlColumn === 'string' ? findColumn(fields, urlColumn) !== -1 : urlColumnByName(fields) !== -1;
}

function chooseColumn(
  rows: readonly Row[],
  first: Row,
  urlColumn: string | number | null,
): { readonly urlIndex: number; readonly hasHeader: boolean } | string {
  const names = first.fields;
  if (typeof urlColumn === 'string') {
    const urlIndex = findColumn(names, urlColumn);
    if (urlIndex !== -1) return { urlIndex, hasHeader: true };
    return urlColumnByContent(names) === -1
      ? `has no column "${urlColumn}"; its columns are: ${listNames(names)}`
      : `has no column "${urlColumn}": its first line is no header; give the column's number (--url-column 1)`;
  }
  if (typeof urlColumn === 'number') {
    const field = names[urlColumn - 1];
    if (field === undefined) return `has no column ${urlColumn}; its ${names.length} columns are: ${listNames(names)}`;
    return { urlIndex: urlColumn - 1, hasHeader: !looksLikeUrl(field) };
  }
  const named = urlColumnByName(names);
  if (named !== -1) return { urlIndex: named, hasHeader: true };
  for (const row of rows) {
    const urlIndex = urlColumnByContent(row.fields);
    if (urlIndex !== -1) return { urlIndex, hasHeader: row !== first };
  }
  return `has no column that holds URLs; its columns are: ${listNames(names)}. Name one with --url-column`;
}

/** Names that can be keys of one object: empty ones numbered, repeated ones counted. */
function uniqueNames(fields: readonly string[]): string[] {
  const taken = new Set<string>();
  return fields.map((field, index) => {
    const name = field.trim() || `column${index + 1}`;
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`;
    taken.add(unique);
    return unique;
  });
}
