/**
 * Export: any text to a name that is safe on every file system. In: a list's column, a title, a part of a URL, all of which
 * strangers wrote. Out: one part of a path.
 *
 * Invariants, for any text: the part is not empty, not `.` or `..`, has no separator, NUL or other control character, none
 * that Windows refuses, no dot or space at its end, is no device of Windows (CON, NUL, COM1 …), and takes at most 200 bytes
 * of UTF-8. What is safe already stays as it is.
 */

/** Longest part; file systems take 255 bytes. */
export const MOST_PART_BYTES = 200;

/** Separators and what Windows refuses, controls, and what turns the reading direction of a listing round (Unicode TR36 §2.7). */
const UNSAFE = /[/\\:*?"<>|\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;
/** Windows takes these for devices whatever stands behind a dot, and some of its programs leave out white space in front. */
const DEVICE = /^\s*(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\.|$)/i;
const EXTENSION = /\.[^. ]{1,16}$/u;

const encoder = new TextEncoder();

/** One part of a path; see the head of this file. */
export function safePart(text: string): string {
  const clean = text.toWellFormed().normalize('NFC').replaceAll(UNSAFE, '_');
  let part = shortened(clean, '');
  if (DEVICE.test(part)) part = shortened(`_${part}`, '');
  return part === '' ? '_' : part;
}

/** `page.html`, 2 → `page (2).html`. In: a safe part. Out: one as well. */
export function numberedPart(part: string, n: number): string {
  return shortened(part, ` (${String(n)})`);
}

/** Two names with the same key are one file where case and the spelling of accents do not count (Windows, macOS). */
export function nameKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** `suffix` goes before the extension; the stem is cut so that the whole fits. */
function shortened(name: string, suffix: string): string {
  const whole = trimmed(name);
  if (suffix === '' && byteLength(whole) <= MOST_PART_BYTES) return whole;
  const at = whole.search(EXTENSION);
  const [stem, extension] = at > 0 ? [whole.slice(0, at), whole.slice(at)] : [whole, ''];
  const room = MOST_PART_BYTES - byteLength(suffix) - byteLength(extension);
  return trimmed(cut(stem, room)) + suffix + extension;
}

function trimmed(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--;
  return name.slice(0, end);
}

/** At most `bytes` of UTF-8, never half a character. */
function cut(text: string, bytes: number): string {
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytes)).read);
}
