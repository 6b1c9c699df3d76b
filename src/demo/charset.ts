/**
 * Encodes text in the old charsets that the demo site's pages are written in. Node decodes them (`TextDecoder`) but encodes
 * UTF-8 only, so the table is made the other way round: decode every byte and byte pair once, remember what came out.
 */

/** The charsets of the demo site, by WHATWG name. */
export type DemoCharset = 'utf-8' | 'windows-1252' | 'iso-8859-1' | 'shift_jis';

const tables = new Map<string, Map<string, readonly number[]>>();

/** The bytes of `text`; what the charset cannot say becomes `?`. */
export function encodeText(text: string, charset: DemoCharset): Buffer {
  if (charset === 'utf-8') return Buffer.from(text, 'utf8');
  const table = tableOf(charset);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...(table.get(character) ?? [0x3f]));
  }
  return Buffer.from(bytes);
}

function tableOf(charset: DemoCharset): Map<string, readonly number[]> {
  let table = tables.get(charset);
  if (table === undefined) {
    table = reverse(charset, charset === 'shift_jis' ? shiftJisPairs() : highBytes());
    tables.set(charset, table);
  }
  return table;
}

/**
 * Decodes all codes in one go, a newline after each, and keeps those that are exactly one character (these charsets have
 * none outside the Basic Multilingual Plane, so its `length` is 1).
 */
function reverse(charset: DemoCharset, codes: readonly (readonly number[])[]): Map<string, readonly number[]> {
  const decoded = new TextDecoder(charset).decode(Buffer.from(codes.flatMap((code) => [...code, 0x0a])));
  const table = new Map<string, readonly number[]>();
  decoded.split('\n').forEach((character, index) => {
    const code = codes[index];
    // The first code wins: Shift_JIS writes some characters in two ways, and encoders use the lower one.
    if (code !== undefined && character.length === 1 && character !== '\ufffd' && !table.has(character)) {
      table.set(character, code);
    }
  });
  return table;
}

function highBytes(): number[][] {
  return Array.from({ length: 0x80 }, (_, i) => [0x80 + i]);
}

/** Lead bytes 81–9F and E0–EF (JIS X 0208), trail bytes 40–7E and 80–FC. */
function shiftJisPairs(): number[][] {
  const pairs: number[][] = [];
  for (let lead = 0x81; lead <= 0xef; lead += 1) {
    if (lead > 0x9f && lead < 0xe0) continue;
    for (let trail = 0x40; trail <= 0xfc; trail += 1) if (trail !== 0x7f) pairs.push([lead, trail]);
  }
  return pairs;
}
