/**
 * Command line: rows as a table for people. In: column heads and rows of any values. Out: lines that fit the terminal, with
 * every control character of the web escaped. Numbers stand on the right; what is too wide is cut with an ellipsis.
 */
import { escapeControl } from '../report/escape.ts';
import { count } from '../report/numbers.ts';

const GAP = '  ';
/** No column is made narrower than this to make room for others. */
const NARROWEST = 8;

/** Head, rule, and one line per row. */
export function tableLines(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  width: number = Number.POSITIVE_INFINITY,
): string[] {
  const cells = rows.map((row) => columns.map((_, index) => cellText(row[index])));
  const heads = columns.map(escapeControl);
  const isNumeric = columns.map(
    (_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number' || row[index] === null),
  );
  const natural = heads.map((head, index) =>
    Math.max(displayWidth(head), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  const widths = fit(natural, width - GAP.length * (columns.length - 1));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, isNumeric[index] === true))
      .join(GAP)
      .trimEnd();
  return [line(heads), widths.map((size) => '-'.repeat(size)).join(GAP), ...cells.map(line)];
}

/** A value as it is shown: `null` as nothing, numbers grouped, text on one line. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : String(value);
  return escapeControl(plainText(value));
}

/** A value as text for programs: text as it is, a blob as its UTF-8 text or, where it has none, as hex. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return textOf(value) ?? `x'${Buffer.from(value).toString('hex')}'`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** UTF-8 text of a blob; `null` where it is none. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Takes width from the widest columns until the table fits. */
function fit(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (;;) {
    const excess = widths.reduce((sum, size) => sum + size, 0) - room;
    const widest = widths.indexOf(Math.max(...widths));
    const size = widths[widest] ?? 0;
    if (excess <= 0 || size <= NARROWEST) return widths;
    const next = Math.max(NARROWEST, ...widths.filter((other) => other < size));
    widths[widest] = Math.max(next, size - excess, NARROWEST) === size ? size - 1 : Math.max(next, size - excess);
  }
}

function pad(text: string, width: number, isRight: boolean): string {
  const clipped = displayWidth(text) > width ? `${cut(text, width - 1)}…` : text;
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(clipped)));
  return isRight ? blanks + clipped : clipped + blanks;
}

/** The longest start of `text` that is at most `width` columns wide. */
function cut(text: string, width: number): string {
  let result = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    result += character;
  }
  return result;
}

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** East Asian wide characters and emoji take two columns, combining marks none (Unicode UAX #11, approximately). */
function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^\p{M}$/u.test(character)) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}
