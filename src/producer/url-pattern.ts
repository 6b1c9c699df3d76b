/**
 * URL patterns such as `http://h/page{00..99}/{a,b}`: ranges of numbers or letters, optional step, zero padding, sets;
 * several in one pattern combine in order, the last one changing fastest (as a shell expands braces). Nothing is expanded
 * in advance: combination number N is computed from N, so a billion combinations cost nothing.
 */

export interface UrlPattern {
  /** Number of combinations, a safe integer ≥ 1. */
  readonly count: number;
  /** Combination `index`, from 0. */
  at(index: number): string;
}

/** Something wrong with a pattern. `column` counts characters from 1. */
export interface PatternProblem {
  readonly column: number;
  readonly problem: string;
}

/** One pair of braces: how many texts it stands for, and each of them. */
interface Choice {
  readonly count: number;
  textAt(index: number): string;
}

/** Parses a pattern; the first problem found is given back. */
export function parseUrlPattern(pattern: string): UrlPattern | PatternProblem {
  const literals: string[] = [];
  const choices: Choice[] = [];
  let count = 1;
  let at = 0;
  for (;;) {
    const open = pattern.indexOf('{', at);
    const stray = pattern.slice(at, open === -1 ? undefined : open).indexOf('}');
    if (stray !== -1) return { column: at + stray + 1, problem: '"}" has no "{" before it' };
    if (open === -1) break;
    const close = pattern.indexOf('}', open);
    if (close === -1) return { column: open + 1, problem: '"{" is never closed' };
    const choice = parseChoice(pattern.slice(open + 1, close));
    if (typeof choice === 'string')
      return { column: open + 1, problem: `"${pattern.slice(open, close + 1)}" ${choice}` };
    literals.push(pattern.slice(at, open));
    choices.push(choice);
    count *= choice.count;
    if (!Number.isSafeInteger(count)) return { column: open + 1, problem: 'more combinations than can be counted' };
    at = close + 1;
  }
  if (choices.length === 0) {
    return { column: 1, problem: 'no range such as {0..9} in it; in a shell, write the pattern in single quotes' };
  }
  const end = pattern.slice(at);
  return { count, at: (index) => combine(literals, choices, index) + end };
}

function combine(literals: readonly string[], choices: readonly Choice[], index: number): string {
  let text = '';
  let rest = index;
  // From the last choice to the first: the last one is the lowest digit of the index.
  for (let i = choices.length - 1; i >= 0; i--) {
    const choice = choices[i] as Choice;
    text = (literals[i] ?? '') + choice.textAt(rest % choice.count) + text;
    rest = Math.floor(rest / choice.count);
  }
  return text;
}

function parseChoice(inner: string): Choice | string {
  if (inner.includes('{')) return 'has braces inside braces, which is not supported';
  const range = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(.*))?$/.exec(inner);
  if (range !== null) return parseRange(range[1] ?? '', range[2] ?? '', range[3]);
  if (inner.includes('..')) return 'is no range; write {0..9}, {00..99}, {a..z} or {0..100..10}';
  if (!inner.includes(',')) return 'is neither a range {0..9} nor a set {a,b}';
  const texts = inner.split(',');
  return { count: texts.length, textAt: (index) => texts[index] ?? '' };
}

function parseRange(from: string, to: string, stepText: string | undefined): Choice | string {
  const step = stepText === undefined ? 1 : Number(stepText);
  if (stepText !== undefined && (!/^\d+$/.test(stepText) || step < 1)) return 'has a step that is no integer from 1 on';
  const isLetters = /[A-Za-z]/.test(from);
  if (isLetters !== /[A-Za-z]/.test(to)) return 'mixes a letter and a number';
  const first = isLetters ? from.charCodeAt(0) : Number(from);
  const last = isLetters ? to.charCodeAt(0) : Number(to);
  if (isLetters && /[a-z]/.test(from) !== /[a-z]/.test(to)) return 'mixes upper and lower case';
  if (![first, last, step].every(Number.isSafeInteger)) return 'has a number that is too large';
  const count = Math.floor(Math.abs(last - first) / step) + 1;
  if (!Number.isSafeInteger(count)) return 'has a number that is too large';
  const direction = last < first ? -step : step;
  if (isLetters) return { count, textAt: (index) => String.fromCharCode(first + index * direction) };
  const width = [from, to].some((text) => /^-?0\d/.test(text)) ? Math.max(from.length, to.length) : 0;
  return { count, textAt: (index) => padded(first + index * direction, width) };
}

/** `-5` in a width of 4 is `-005`: the sign counts, as in a shell. */
function padded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0');
}
