/** Reads plain lists: one URL a line, `#` comments, blank lines. */
import type { SeedLine, SourcePosition } from '../model/seed.ts';
import type { LineCursor } from './line-cursor.ts';
import { blankLine, isBlankOrComment, rejectedLine, urlLine } from './seed-line.ts';
import type { SeedReader } from './seed-line.ts';

export class PlainReader implements SeedReader {
  line: number;
  byteOffset: number;
  readonly #cursor: LineCursor;

  constructor(cursor: LineCursor, from: SourcePosition) {
    this.#cursor = cursor;
    this.line = from.line;
    this.byteOffset = from.byteOffset;
  }

  next(): SeedLine | null {
    const cursor = this.#cursor;
    if (!cursor.next()) return null;
    const line = ++this.line;
    this.byteOffset = cursor.endOffset;
    if (cursor.fault !== null) return rejectedLine(line, cursor.text, cursor.fault, null);
    if (isBlankOrComment(cursor.text)) return blankLine(line);
    // The URL standard takes both out: a list with CR alone for its line breaks would become one long URL, and a table with tabs
    // URLs with the rest of their rows at the end.
    const isOneField = !/[\r\t]/.test(cursor.text.trim());
    return isOneField ? urlLine(line, cursor.text, null) : rejectedLine(line, cursor.text, 'bad-url', null);
  }
}
