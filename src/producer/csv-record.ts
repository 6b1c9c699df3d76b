/**
 * The grammar of CSV and TSV (RFC 4180 §2) over physical lines: fields in quotes may hold delimiters, doubled quotes and
 * line breaks. A quote in the middle of an unquoted field is a character like any other, and text after a closing quote
 * belongs to the field: real exports have both.
 *
 * Own code because a resumed import needs the exact byte offset at which each record ends, in every encoding, and because
 * one forgotten quote must cost one line, not the rest of the list.
 */
import type { LineCursor, LineFault } from './line-cursor.ts';

/** Longest record with quoted line breaks, in characters. A quote still open there was never meant to open. */
export const MAX_RECORD_LENGTH = 1_000_000;

export interface RecordText {
  readonly text: string;
  readonly fault: LineFault | 'unclosed-quote' | null;
  readonly endOffset: number;
  /** Physical lines it spans. */
  readonly lines: number;
}

/** Joins physical lines to records. Line breaks inside quotes become `\n`. */
export class RecordCursor {
  readonly #cursor: LineCursor;
  readonly #delimiter: string;
  /** Lines of a record whose quote is still open. */
  #open: PhysicalLine[] = [];
  #openLength = 0;
  /** Lines to be read again after a quote that never closed, the next one at `#again`. */
  #givenBack: PhysicalLine[] = [];
  #again = 0;

  constructor(cursor: LineCursor, delimiter: string) {
    this.#cursor = cursor;
    this.#delimiter = delimiter;
  }

  /** The next record, or `null`: more lines are needed, or there are none. */
  next(): RecordText | null {
    for (;;) {
      const line = this.#nextLine();
      if (line === null) return this.#cursor.isEnded && this.#open.length > 0 ? this.#giveUp() : null;
      const wasOpen = this.#open.length > 0;
      if (line.fault !== null && !wasOpen) return { ...line, lines: 1 };
      const comment = !wasOpen && line.text.startsWith('#');
      const open = !comment && (line.fault !== null || endsInsideQuotes(line.text, wasOpen, this.#delimiter));
      if (!open && !wasOpen) return { ...line, lines: 1 };
      this.#open.push(line);
      this.#openLength += line.text.length + 1;
      if (!open) return this.#close(line);
      if (line.fault !== null || this.#openLength > MAX_RECORD_LENGTH) return this.#giveUp();
    }
  }

  #nextLine(): PhysicalLine | null {
    const again = this.#givenBack[this.#again];
    if (again !== undefined) {
      this.#again++;
      return again;
    }
    const cursor = this.#cursor;
    return cursor.next() ? { text: cursor.text, fault: cursor.fault, endOffset: cursor.endOffset } : null;
  }

  #close(last: PhysicalLine): RecordText {
    const text = this.#open.map((line) => line.text).join('\n');
    const lines = this.#open.length;
    this.#open = [];
    this.#openLength = 0;
    return { text, fault: null, endOffset: last.endOffset, lines };
  }

  /** The quote never closed: only its own line is lost, the lines after it are read again. */
  #giveUp(): RecordText {
    const [first, ...rest] = this.#open as [PhysicalLine, ...PhysicalLine[]];
    this.#givenBack = rest.concat(this.#givenBack.slice(this.#again));
    this.#again = 0;
    this.#open = [];
    this.#openLength = 0;
    return { text: first.text, fault: 'unclosed-quote', endOffset: first.endOffset, lines: 1 };
  }
}

interface PhysicalLine {
  readonly text: string;
  readonly fault: LineFault | null;
  readonly endOffset: number;
}

/** Whether a field in quotes is still open at the end of `line`, which starts inside one if `inside`. */
function endsInsideQuotes(line: string, inside: boolean, delimiter: string): boolean {
  if (!line.includes('"')) return inside;
  let isInside = inside;
  let at = 0;
  for (;;) {
    if (!isInside && line[at] === '"') {
      isInside = true;
      at++;
    }
    if (isInside) {
      at = closingQuote(line, at);
      if (at === -1) return true;
      isInside = false;
    }
    at = line.indexOf(delimiter, at);
    if (at === -1) return false;
    at++;
  }
}

/** Index after the quote that ends the field, doubled quotes passed over; -1 if there is none. */
function closingQuote(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return -1;
    if (text[quote + 1] !== '"') return quote + 1;
    at = quote + 2;
  }
}

/** The fields of one complete record. */
export function splitRecord(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      const inner = end === -1 ? text.slice(at + 1) : text.slice(at + 1, end - 1);
      field = inner.replaceAll('""', '"');
      at = end === -1 ? text.length : end;
    }
    const next = text.indexOf(delimiter, at);
    fields.push(field + text.slice(at, next === -1 ? undefined : next));
    if (next === -1) return fields;
    at = next + 1;
  }
}
