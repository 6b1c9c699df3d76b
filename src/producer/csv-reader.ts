/**
 * Reads CSV and TSV lists: one item a record; the other columns go along as a JSON object. The header and comments count
 * as blank. `line` is the physical line on which a record starts, as an editor shows it.
 */
import type { SeedLine, SourcePosition } from '../model/seed.ts';
import { RecordCursor, splitRecord } from './csv-record.ts';
import type { RecordText } from './csv-record.ts';
import type { LineCursor } from './line-cursor.ts';
import { blankLine, isBlankOrComment, rejectedLine, urlLine } from './seed-line.ts';
import type { SeedReader } from './seed-line.ts';

/** How to read a delimited list; found out from its beginning (`detect-csv.ts`). */
export interface CsvFormat {
  readonly kind: 'csv';
  readonly delimiter: string;
  /** Unique names: from the header, else `column1` … */
  readonly columns: readonly string[];
  /** Index of the column that holds the URL. */
  readonly urlIndex: number;
  /** Byte offset at which the header record ends; `null` without header. */
  readonly headerEnd: number | null;
}

export class CsvReader implements SeedReader {
  line: number;
  byteOffset: number;
  readonly #format: CsvFormat;
  readonly #records: RecordCursor;
  /** `"name":` of each column, ready to be put together. */
  readonly #keys: string[];

  constructor(cursor: LineCursor, from: SourcePosition, format: CsvFormat) {
    this.#format = format;
    this.#records = new RecordCursor(cursor, format.delimiter);
    this.#keys = format.columns.map((name) => `${JSON.stringify(name)}:`);
    this.line = from.line;
    this.byteOffset = from.byteOffset;
  }

  next(): SeedLine | null {
    const record = this.#records.next();
    if (record === null) return null;
    const line = this.line + 1;
    this.line += record.lines;
    this.byteOffset = record.endOffset;
    return this.#item(line, record);
  }

  #item(line: number, record: RecordText): SeedLine {
    if (record.fault !== null) return rejectedLine(line, record.text, record.fault, null);
    if (record.endOffset === this.#format.headerEnd || isBlankOrComment(record.text)) return blankLine(line);
    const fields = splitRecord(record.text, this.#format.delimiter);
    const columns = this.#otherColumns(fields);
    const text = fields[this.#format.urlIndex]?.trim() ?? '';
    return text === '' ? rejectedLine(line, record.text, 'no-url', columns) : urlLine(line, text, columns);
  }

  /** Put together as text: an object would give names such as `__proto__` and `1` a meaning and an order of their own. */
  #otherColumns(fields: readonly string[]): string | null {
    if (this.#keys.length < 2) return null;
    let json = '';
    for (let index = 0; index < fields.length; index++) {
      if (index === this.#format.urlIndex) continue;
      const key = this.#keys[index] ?? `"column${index + 1}":`;
      json += `${json === '' ? '' : ','}${key}${JSON.stringify(fields[index])}`;
    }
    return json === '' ? null : `{${json}}`;
  }
}
