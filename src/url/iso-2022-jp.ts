/**
 * Queries in ISO-2022-JP (Encoding standard, its encoder): escape sequences say what the bytes behind them mean, so that a character is
 * not the same bytes wherever it stands. At the end it is ASCII again.
 *
 * In: a query, and the characters of JIS X 0208. Out: the query in ASCII.
 */
import { unwritable } from './query-bytes.ts';

/** Sequences that end what was and begin what is to be, as they stand in a query. `roman` is ASCII but for two characters. */
const ESCAPES = { ascii: '%1B(B', roman: '%1B(J', pairs: '%1B$B' } as const;

type State = keyof typeof ESCAPES;

/** `lead` and `trail` of a pair, between the sequences that decode it (ASCII is what is left afterwards). */
export function escapedPair(lead: number, trail: number): number[] {
  return [0x1b, 0x24, 0x42, lead, trail, 0x1b, 0x28, 0x42];
}

/** SO, SI and ESC would be taken for changes of the state. */
const SHIFTS = '\x0e\x0f\x1b';
const REPLACEMENT = 0xfffd;

/** @param table Characters → `escapedPair` as it stands in a query. */
export function inIso2022Jp(query: string, table: ReadonlyMap<string, string>): string {
  let state = 'ascii' as State;
  let written = '';
  const enter = (next: State): void => {
    if (state !== next) written += ESCAPES[next];
    state = next;
  };
  // The URL parser would take these out, but before it encodes.
  for (const character of query.replaceAll(/[\t\n\r]/g, '')) {
    const pair = table.get(fullWidth(character))?.slice(ESCAPES.pairs.length, -ESCAPES.ascii.length);
    if (character < '\x80') {
      if (state === 'pairs' || character === '\\' || character === '~') enter('ascii');
      written += SHIFTS.includes(character) ? unwritable(REPLACEMENT) : character;
    } else if (character === '¥' || character === '‾') {
      enter('roman');
      written += character === '¥' ? '\\' : '~';
    } else if (pair !== undefined) {
      enter('pairs');
      written += pair;
    } else {
      if (state === 'pairs') enter('ascii');
      written += unwritable(character.codePointAt(0)!);
    }
  }
  enter('ascii');
  return written;
}

/** JIS X 0208 has no half-width Katakana. */
function fullWidth(character: string): string {
  if (character < '\uff61' || character > '\uff9f') return character;
  // Unicode takes the marks of voicing for combining ones.
  if (character >= '\uff9e') return character === '\uff9e' ? '\u309b' : '\u309c';
  return character.normalize('NFKC');
}
