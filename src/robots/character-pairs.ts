/**
 * Robots stage: which characters follow one another in a path, so that most rules are known not to match it without a search.
 *
 * In: a path, then the pieces of patterns. Out: whether the path may hold them. A wrong "may" costs a search, and a "may not"
 * is never wrong. Honest rules name words, and of those some pair is missing even in long paths.
 */

/** By both characters, each cut to 7 bits: paths and patterns are ASCII once they are in one form. */
export type CharacterPairs = Uint8Array;

export function pairsOf(...paths: readonly string[]): CharacterPairs {
  const pairs = new Uint8Array(1 << 14);
  for (const path of new Set(paths)) {
    for (let i = 1; i < path.length; i++) pairs[pairAt(path, i)] = 1;
  }
  return pairs;
}

export function mayHold(pairs: CharacterPairs, pieces: readonly string[]): boolean {
  for (const piece of pieces) {
    for (let i = 1; i < piece.length; i++) {
      if (pairs[pairAt(piece, i)] === 0) return false;
    }
  }
  return true;
}

function pairAt(text: string, index: number): number {
  return ((text.charCodeAt(index - 1) & 127) << 7) | (text.charCodeAt(index) & 127);
}
