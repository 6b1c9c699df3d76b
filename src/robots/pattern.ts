/**
 * Robots stage: one Allow or Disallow line as a pattern, and whether a path matches it (RFC 9309 §2.2.2 and §2.2.3).
 *
 * In: the value of a line, or a path with its query. Both must be in one form before they can be compared: escapes with
 * capital digits, octets beyond ASCII escaped, `*` and `$` escaped where they are meant literally. RFC 9309 also has escapes
 * of unreserved characters decoded (%7E is ~), while Google's published cases have an Allow with escaped letters that must
 * not match the plain ones. Both are obeyed: letters and digits are decoded where a line forbids, not where it allows.
 *
 * Matching takes time linear in the path for each pattern, whatever the pattern: `*` needs no backtracking, since the
 * leftmost place for one piece is the best for all that follow.
 */

export interface Pattern {
  /** The path begins with this. */
  readonly prefix: string;
  /** What follows, in this order, with anything between; `null` = there is no `*`. */
  readonly pieces: readonly string[] | null;
  /** Ends in `$`: the last piece (or the prefix) is where the path ends. */
  readonly isAnchored: boolean;
}

// RFC 3986 §2.3: letters, digits and four marks.
const ESCAPED_MARK = /%(?:2[DE]|5F|7E)/g;
const ESCAPED_UNRESERVED = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/g;
const ESCAPE = /%[\da-fA-F]{2}/g;
const SPECIAL_IN_PATH = /[%*$]/;
const SPECIAL_IN_LINE = /[%$\u0080-\u00ff]/;

/** A path as the lines of one kind are compared with it. The path itself where nothing in it is special. */
export function normalisePath(path: string, forbids: boolean): string {
  if (!SPECIAL_IN_PATH.test(path)) return path;
  return decodeEscapes(path, forbids).replaceAll('*', '%2A').replaceAll('$', '%24');
}

/** @param value the text of a line, one character an octet. */
export function compilePattern(value: string, forbids: boolean): Pattern {
  const isAnchored = value.endsWith('$');
  let text = isAnchored ? value.slice(0, -1) : value;
  if (SPECIAL_IN_LINE.test(text)) {
    text = decodeEscapes(escapeOctets(text), forbids).replaceAll('$', '%24');
  }
  const [prefix = '', ...rest] = text.split('*');
  if (rest.length === 0) return { prefix, pieces: null, isAnchored };
  // An empty last piece means "whatever comes": then the end is no matter either.
  const endsOpen = rest.at(-1) === '';
  return { prefix, pieces: rest.filter((piece) => piece !== ''), isAnchored: isAnchored && !endsOpen };
}

/** @param path from `normalisePath`. */
export function matches(pattern: Pattern, path: string): boolean {
  const { prefix, pieces, isAnchored } = pattern;
  if (!path.startsWith(prefix)) return false;
  if (pieces === null) return !isAnchored || path.length === prefix.length;
  let from = prefix.length;
  const floating = isAnchored ? pieces.length - 1 : pieces.length;
  for (let i = 0; i < floating; i++) {
    const piece = pieces[i] as string;
    const at = indexOfLinear(path, piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  if (!isAnchored) return true;
  const last = pieces[floating] as string;
  return path.length - last.length >= from && path.endsWith(last);
}

function decodeEscapes(text: string, letters: boolean): string {
  return text
    .replaceAll(ESCAPE, (escape) => escape.toUpperCase())
    .replaceAll(letters ? ESCAPED_UNRESERVED : ESCAPED_MARK, (escape) =>
      String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
    );
}

function escapeOctets(text: string): string {
  return text.replaceAll(
    /[\u0080-\u00ff]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** `indexOf` of V8 is linear for needles up to this length; beyond, a hostile one takes 36 ms in a path of 64 kB. */
const LINEAR_NEEDLE = 250;

/** Knuth, Morris and Pratt (1977) for long needles. */
function indexOfLinear(text: string, needle: string, from: number): number {
  if (needle.length <= LINEAR_NEEDLE) return text.indexOf(needle, from);
  if (needle.length > text.length - from) return -1;
  const borders = bordersOf(needle);
  let matched = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    while (matched > 0 && needle.charCodeAt(matched) !== code) matched = borders[matched - 1] as number;
    if (needle.charCodeAt(matched) === code) matched++;
    if (matched === needle.length) return i - matched + 1;
  }
  return -1;
}

/** For each beginning of the needle: how long a shorter beginning of it is also its end. */
function bordersOf(needle: string): Uint16Array {
  const borders = new Uint16Array(needle.length);
  for (let i = 1, border = 0; i < needle.length; i++) {
    const code = needle.charCodeAt(i);
    while (border > 0 && needle.charCodeAt(border) !== code) border = borders[border - 1] as number;
    if (needle.charCodeAt(border) === code) border++;
    borders[i] = border;
  }
  return borders;
}
