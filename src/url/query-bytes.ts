/** How single bytes and characters stand in a query that is not in UTF-8 (URL standard, "percent-encode after encoding"). */

/** A byte (the special-query percent-encode set). */
export function inQuery(byte: number): string {
  const isKept = byte > 0x20 && byte < 0x7f && !'"#<>\''.includes(String.fromCharCode(byte));
  return isKept ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** What the encoding does not have: as a form would send it. */
export function unwritable(code: number): string {
  return `%26%23${code}%3B`;
}
