/**
 * Config: durations, sizes and rates as people write them, parsed once, here. In: text (or a plain number where that is
 * unambiguous). Out: integer milliseconds, integer bytes, starts per second. A value that cannot be read throws a
 * `UnitError` that says what was expected; the caller adds the option's name and place.
 */

/** What is wrong with a value, as the rest of a sentence: `must be a duration …, got "fast"`. */
export class UnitError extends Error {
  override readonly name = 'UnitError';
}

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** KB is 1,000 bytes, KiB 1,024 (IEC 80000-13). */
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
  ['TB', 1000 ** 4],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
]);

const SIZE_UNITS_ANY_CASE: ReadonlyMap<string, number> = new Map(
  [...SIZE_UNITS].map(([unit, bytes]) => [unit.toLowerCase(), bytes]),
);

export const DURATION_PATTERN = '^(0|\\d+(\\.\\d+)?\\s*(ms|s|m|h|d))$';
export const SIZE_PATTERN = '^\\d+(\\.\\d+)?\\s*([KMGTkmgt][iI]?)?[Bb]?$';
export const RATE_PATTERN = '^\\d+(\\.\\d+)?\\s*/\\s*(s|m|h)$';

/** How a wrong value is quoted in a message: as JSON, shortened. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** `500ms`, `30s`, `5m`, `2h`, `1d`, `1.5s`, or `0`, to integer ms. @throws {UnitError} */
export function parseDuration(value: unknown): number {
  if (value === 0 || value === '0') return 0;
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(value.trim()) : null;
  const factor = DURATION_UNITS.get(match?.[2] ?? '');
  const ms = factor === undefined ? Number.NaN : Math.round(Number(match?.[1]) * factor);
  if (Number.isSafeInteger(ms)) return ms;
  const bare = typeof value === 'number' || match?.[2] === '';
  const hint = bare ? `; a number needs its unit: ${String(value)}s or ${String(value)}ms` : '';
  throw new UnitError(`must be a duration such as 500ms, 30s, 5m or 2h, got ${quote(value)}${hint}`);
}

/** `10MB`, `1GiB`, `64KiB`, or a plain number of bytes, to integer bytes. @throws {UnitError} */
export function parseSize(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text.trim()) : null;
  const unit = match?.[2] === '' ? 'b' : (match?.[2]?.toLowerCase() ?? '');
  const factor = SIZE_UNITS_ANY_CASE.get(unit);
  const bytes = factor === undefined ? Number.NaN : Number(match?.[1]) * factor;
  const rounded = Math.round(bytes);
  // A fraction of a byte is a slip of the pen; 1.5KB is not.
  if (Number.isSafeInteger(rounded) && Math.abs(rounded - bytes) < 1e-6) return rounded;
  const letter = /^[kmgt]$/.test(unit)
    ? `; write ${unit.toUpperCase()}B (1,000s) or ${unit.toUpperCase()}iB (1,024s)`
    : '';
  throw new UnitError(`must be a size such as 500KB, 10MB or 1GiB, got ${quote(value)}${letter}`);
}

/** `2/s`, `30/m`, `0.5/s`, or a plain number per second, to starts per second. @throws {UnitError} */
export function parseRate(value: unknown): number {
  const text = typeof value === 'number' ? `${String(value)}/s` : value;
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)\s*(?:\/\s*(s|m|h))?$/.exec(text.trim()) : null;
  const perMs = DURATION_UNITS.get(match?.[2] ?? 's') ?? 1000;
  const perSecond = match === null ? Number.NaN : (Number(match[1]) * 1000) / perMs;
  if (perSecond > 0 && Number.isFinite(perSecond)) return perSecond;
  throw new UnitError(`must be a rate above 0 such as 2/s or 30/m, got ${quote(value)}`);
}

/** The shortest exact way to write a duration: 90000 → `90s`, 120000 → `2m`. */
export function writeDuration(ms: number): string {
  if (ms === 0) return '0';
  for (const [unit, factor] of [...DURATION_UNITS].reverse()) {
    if (ms % factor === 0) return `${String(ms / factor)}${unit}`;
  }
  return `${String(ms)}ms`;
}

/** The shortest exact way to write a size: 10000000 → `10MB`, 1048576 → `1MiB`. */
export function writeSize(bytes: number): string {
  if (bytes === 0) return '0B';
  for (const [unit, factor] of [...SIZE_UNITS].sort((a, b) => b[1] - a[1])) {
    if (bytes % factor === 0) return `${String(bytes / factor)}${unit}`;
  }
  return `${String(bytes)}B`;
}
