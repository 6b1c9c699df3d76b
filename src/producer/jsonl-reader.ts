/**
 * Reads JSON Lines: one object a line, the URL in one field, the other fields kept as they are, large numbers digit by
 * digit (64-bit ids are common in exports, and a JavaScript number would change them).
 */
import type { SeedLine, SourcePosition } from '../model/seed.ts';
import type { LineCursor } from './line-cursor.ts';
import { blankLine, isBlankOrComment, rejectedLine, urlLine } from './seed-line.ts';
import type { SeedReader } from './seed-line.ts';

export interface JsonlFormat {
  readonly kind: 'jsonl';
  /** Name of the field that holds the URL. */
  readonly field: string;
}

/** The object on a line, or why there is none. */
export function parseJsonLine(text: string): Record<string, unknown> | 'bad-json' | 'not-an-object' {
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch {
    return 'bad-json';
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : 'not-an-object';
}

export class JsonlReader implements SeedReader {
  line: number;
  byteOffset: number;
  readonly #cursor: LineCursor;
  readonly #field: string;

  constructor(cursor: LineCursor, from: SourcePosition, format: JsonlFormat) {
    this.#cursor = cursor;
    this.#field = format.field;
    this.line = from.line;
    this.byteOffset = from.byteOffset;
  }

  next(): SeedLine | null {
    const cursor = this.#cursor;
    if (!cursor.next()) return null;
    this.byteOffset = cursor.endOffset;
    return this.#item(++this.line, cursor.text, cursor.fault);
  }

  #item(line: number, text: string, fault: LineCursor['fault']): SeedLine {
    if (fault !== null) return rejectedLine(line, text, fault, null);
    if (isBlankOrComment(text)) return blankLine(line);
    const object = parseJsonLine(text);
    if (typeof object === 'string') return rejectedLine(line, text, object, null);
    const field = this.#field;
    const { [field]: url, ...others } = object;
    const json = JSON.stringify(others);
    const columns = json === '{}' ? null : json;
    return typeof url === 'string' && url.trim() !== ''
      ? urlLine(line, url, columns)
      : rejectedLine(line, text, 'no-url', columns);
  }
}

/** Digits that a double cannot hold: from 16 on. */
const LONG_NUMBER = /\d{16}/;

/** ECMAScript's source text access (in V8 since 11.4), which TypeScript's library does not describe yet. */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

function parseExactly(text: string): unknown {
  // The reviver makes parsing several times slower; few lines need it.
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const json = JSON as unknown as JsonWithSource;
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && LONG_NUMBER.test(source) ? json.rawJSON(source) : value,
  );
}
