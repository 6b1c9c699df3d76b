/**
 * Gathers text with white space collapsed while it arrives in pieces, and counts its words.
 *
 * In: pieces of strings, and word breaks where a block element begins or ends. Out: one line of text; words separated by
 * one space. White space is that of HTML (space, tab, line feed, form feed, carriage return) and the no-break space.
 * One pass over the characters, no regular expression: the cost is linear whatever the page holds.
 */
import type { Utf8Field } from './utf8-field.ts';

function isWhiteSpace(code: number): boolean {
  // Most characters are letters: one comparison settles them, all but.
  if (code > 32) return code === 160;
  return code === 32 || (code <= 13 && code >= 9 && code !== 11);
}

/** Where short collapsed text goes: a title, an anchor. Full once `limit` is reached. */
export class TextField {
  readonly #limit: number;
  #text = '';

  /** @param limit Characters (UTF-16 code units). */
  constructor(limit: number) {
    this.#limit = limit;
  }

  append(piece: string, afterSpace: boolean): void {
    if (this.#text.length > this.#limit) return;
    this.#text += afterSpace && this.#text !== '' ? ` ${piece}` : piece;
  }

  /** The text so far, cut to the limit. */
  take(): string {
    return clip(this.#text, this.#limit);
  }

  clear(): void {
    this.#text = '';
  }
}

/** Collapses what passes through into up to three fields at once. */
export class TextCollapser {
  /** Fields that receive what comes next; `null` = nobody. */
  body: Utf8Field | null = null;
  anchor: TextField | null = null;
  heading: TextField | null = null;
  /** Words that have passed. */
  words = 0;
  #afterSpace = true;

  /** The next piece starts a new word. */
  break(): void {
    this.#afterSpace = true;
  }

  /** Adds `source` from `start` to `end`. */
  add(source: string, start: number, end: number): void {
    let at = start;
    for (;;) {
      const from = at;
      while (at < end && isWhiteSpace(source.charCodeAt(at))) at++;
      if (at > from) this.#afterSpace = true;
      if (at >= end) return;
      at = this.#addRun(source, at, end);
    }
  }

  /** Adds words that stand one plain space apart, in one slice: most text is such runs of a line each. */
  #addRun(source: string, start: number, end: number): number {
    let at = start;
    if (this.#afterSpace) this.words++;
    for (;;) {
      while (at < end && !isWhiteSpace(source.charCodeAt(at))) at++;
      if (at + 1 >= end || source.charCodeAt(at) !== 32 || isWhiteSpace(source.charCodeAt(at + 1))) break;
      this.words++;
      at++;
    }
    this.#emit(source, start, at);
    return at;
  }

  /** Most text goes to the page's own only, which needs no string made of it. */
  #emit(source: string, start: number, end: number): void {
    this.body?.append(source, start, end, this.#afterSpace);
    if (this.anchor !== null || this.heading !== null) {
      const run = source.slice(start, end);
      this.anchor?.append(run, this.#afterSpace);
      this.heading?.append(run, this.#afterSpace);
    }
    this.#afterSpace = false;
  }
}

/** White space collapsed and trimmed, at most `limit` characters. */
export function collapse(text: string, limit: number): string {
  const field = new TextField(limit);
  const collapser = new TextCollapser();
  collapser.heading = field;
  collapser.add(text, 0, text.length);
  return field.take();
}

/** At most `limit` UTF-16 code units, never half a surrogate pair: a lone surrogate is not text that SQLite can hold. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit);
}
