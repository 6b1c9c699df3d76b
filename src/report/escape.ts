/**
 * Report: text from the web made harmless for a terminal. Titles, URLs and error texts may hold escape sequences that move
 * the cursor, rewrite what was printed or turn the reading direction round. Stored data stays as it came; only what is shown goes through here.
 */

/** C0, DEL and C1 controls, line separators, and the bidirectional controls (Unicode TR36 §2.7). */
const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** One line that shows every control character as `\n`, `\x1b` or `\u202e`, and changes nothing else. */
export function escapeControl(text: string): string {
  return text.replaceAll(UNSAFE, escapeCharacter);
}

/** As `escapeControl`, but text of several lines keeps its line breaks and tabs. */
export function escapeBlock(text: string): string {
  return text.replaceAll(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  );
}

/** A value as JSON that is harmless as well: `JSON.stringify` leaves DEL, C1 and bidirectional controls as they are. Means the same. */
export function safeJson(value: unknown, replacer?: (key: string, value: unknown) => unknown, indent?: number): string {
  // A line break is layout: in a string it is written \n already.
  return JSON.stringify(value, replacer, indent).replaceAll(UNSAFE, (character) =>
    character === '\n' ? character : unicodeEscape(character),
  );
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const short = SHORT.get(character);
  return short ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
