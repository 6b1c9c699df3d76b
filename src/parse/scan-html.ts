/**
 * Splits a page into tags and text in one pass over its bytes: a page is read, links, text and all, in half of the time that
 * htmlparser2's parser takes to read it with empty handlers (test/bench/parse.bench.ts).
 *
 * In: a page, or a window of one (`scan-windows.ts`). Out: calls of an `HtmlSink`, with positions instead of strings; elements that
 * mean nothing to the reader (`tags.ts`) are passed over in silence. Never throws, no state survives a page, each byte is
 * looked at a bounded number of times. Follows the tokenization of the HTML standard (§13.2.5) save for the "escaped" states
 * inside scripts; test/property/scan-html.property.test.ts holds it to htmlparser2's tokenizer on hostile input.
 *
 * Most stretches between two marks are shorter than 20 bytes: to look at each byte costs less there than a call of `indexOf`.
 */
import { isUnfinishedReference } from './entities.ts';
import type { HtmlSource } from './html-source.ts';
import { HIDDEN, tagAt } from './tags.ts';
import type { TagInfo } from './tags.ts';

export interface HtmlSink {
  /** Text between tags, entities not decoded; pieces that follow one another belong together. */
  text(start: number, end: number): void;
  /** The same of a CDATA section: there are no entities in it. */
  literal(start: number, end: number): void;
  /** A start tag whose attributes matter begins… */
  begin(tag: TagInfo): void;
  /** …has an attribute (an empty value if it has none)… */
  attribute(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void;
  /** …and is complete. Tags without attributes of interest come here at once. */
  open(tag: TagInfo, isSelfClosing: boolean): void;
  close(tag: TagInfo): void;
  /** Inside `<svg>`: text-only elements are ordinary ones there. */
  isForeign(): boolean;
}

const LESS = 60;
const GREATER = 62;
const EXCLAMATION = 33;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const SLASH = 47;
const EQUALS = 61;
const QUESTION = 63;

// What a byte may be; several at once.
const LETTER = 1;
const SPACE = 2;
const ENDS_TEXT = 4;
const ENDS_NAME = 8;
const ENDS_ATTRIBUTE_NAME = 16;
const ENDS_UNQUOTED = 32;
const ENDS_DOUBLE_QUOTED = 64;
const ENDS_SINGLE_QUOTED = 128;

const CLASSES: Uint8Array = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  const add = (characters: string, kind: number): void => {
    for (const character of characters) table[character.charCodeAt(0)]! |= kind;
  };
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const spaces = ' \t\n\f\r';
  // The NUL behind the page ends whatever is open.
  add(letters + letters.toUpperCase(), LETTER);
  add(spaces, SPACE);
  add('<\0', ENDS_TEXT);
  add(`${spaces}/>\0`, ENDS_NAME);
  add(`${spaces}/>=\0`, ENDS_ATTRIBUTE_NAME);
  add(`${spaces}>\0`, ENDS_UNQUOTED);
  add('"\0', ENDS_DOUBLE_QUOTED);
  add("'\0", ENDS_SINGLE_QUOTED);
  return table;
}

/** The next `<` from there on, or the end of the page. */
function tagFrom(bytes: Uint8Array, from: number, length: number): number {
  let at = from;
  for (;;) {
    let code = bytes[at]!;
    while (code !== LESS && code !== 0) code = bytes[++at]!;
    // A NUL before the end is a character like others.
    if (code === LESS || at >= length) return at;
    at++;
  }
}

/** The next byte from `from` on that is of a class `ENDS_…`, or the end of the page. */
function endOf(bytes: Uint8Array, from: number, length: number, kind: number): number {
  let at = from;
  for (;;) {
    while ((CLASSES[bytes[at]!]! & kind) === 0) at++;
    if (bytes[at] !== 0 || at >= length) return at;
    at++;
  }
}

const SECTION = '<![CDATA[';

/** What begins here does not end in this window. */
const UNFINISHED = -1;

/**
 * @param xhtml CDATA sections are text, and text-only elements are like others, save for the hidden ones (`<script>`): those go on to
 * their end tag, so that a page that is no XML for what stands in its scripts can be read.
 * @param isLast The page ends where the source ends.
 * @returns How far the source has been read: to its end if it is the last, else up to what goes on behind it.
 */
export function scanHtml(source: HtmlSource, xhtml: boolean, sink: HtmlSink, isLast: boolean): number {
  return new Scan(source, xhtml, sink, isLast).run();
}

class Scan {
  readonly #source: HtmlSource;
  /** Ends with a NUL that is no part of the page. */
  readonly #bytes: Uint8Array;
  readonly #length: number;
  readonly #xhtml: boolean;
  readonly #sink: HtmlSink;
  readonly #isLast: boolean;
  /** Set by `#attributes`. */
  #isSelfClosing = false;
  /** Where the next CDATA section begins, from the text-only element read last on: searched once, not once an element. */
  #nextSection = -1;

  constructor(source: HtmlSource, xhtml: boolean, sink: HtmlSink, isLast: boolean) {
    this.#source = source;
    this.#bytes = source.bytes;
    this.#length = source.length;
    this.#xhtml = xhtml;
    this.#sink = sink;
    this.#isLast = isLast;
  }

  run(): number {
    const bytes = this.#bytes;
    const length = this.#length;
    let textStart = 0;
    let at = 0;
    while (at < length) {
      const lt = tagFrom(bytes, at, length);
      if (lt >= length) break;
      const code = bytes[lt + 1]!;
      const isMarkup = is(LETTER, code) || code === SLASH || code === EXCLAMATION || code === QUESTION;
      // "</" at the very end is text, as is a "<" before anything else.
      const isAtEnd = lt + (code === SLASH ? 2 : 1) >= length;
      if (!isMarkup || isAtEnd) {
        if (isAtEnd && !this.#isLast) return this.#textUpTo(textStart, lt);
        at = lt + 1;
        continue;
      }
      if (lt > textStart) this.#sink.text(textStart, lt);
      if (is(LETTER, code)) at = this.#startTag(lt + 1);
      else if (code === SLASH) at = this.#endTag(lt + 2);
      else at = code === EXCLAMATION ? this.#declaration(lt + 2) : this.#after('>', lt + 1);
      if (at === UNFINISHED) return lt;
      textStart = at;
    }
    return this.#textUpTo(textStart, this.#isLast ? this.#length : this.#wholeTextEnd(textStart));
  }

  #textUpTo(start: number, end: number): number {
    if (start < end) this.#sink.text(start, end);
    return end;
  }

  /** The end of the window, or the `&` of a reference that may go on behind it. */
  #wholeTextEnd(start: number): number {
    const last = this.#source.lastIndexOf('&');
    return last >= start && isUnfinishedReference(this.#bytes, last, this.#length) ? last : this.#length;
  }

  /** What is unfinished at the end of the page is dropped; at the end of a window it is read again, with what follows. */
  get #end(): number {
    return this.#isLast ? this.#length : UNFINISHED;
  }

  /** Position behind the next `mark`. */
  #after(mark: string, from: number): number {
    const found = this.#source.indexOf(mark, from);
    return found === -1 ? this.#end : found + mark.length;
  }

  #nameEnd(start: number): number {
    return endOf(this.#bytes, start, this.#length, ENDS_NAME);
  }

  #startTag(nameStart: number): number {
    const nameEnd = this.#nameEnd(nameStart);
    const tag = tagAt(this.#bytes, nameStart, nameEnd);
    const isWanted = tag !== undefined && tag.attributes;
    if (isWanted) this.#sink.begin(tag);
    const end = isWanted ? this.#attributes(nameEnd, true) : this.#tagEnd(nameEnd);
    if (end === -1) return this.#end;
    if (tag === undefined) return end;
    const isTextOnly = tag.textOnly && !this.#sink.isForeign() && !(this.#xhtml && this.#isOrdinary(tag));
    const contentEnd = isTextOnly ? this.#textOnlyEnd(tag.name, end) : end;
    if (contentEnd === UNFINISHED) return UNFINISHED;
    this.#sink.open(tag, this.#isSelfClosing);
    return this.#textUpTo(end, contentEnd);
  }

  /** Of text-only elements in XHTML. */
  #isOrdinary(tag: TagInfo): boolean {
    return this.#isSelfClosing || tag.role !== HIDDEN;
  }

  /** Content of `<script>`, `<title>` and the like is text up to their own end tag, or the end of the page. */
  #textOnlyEnd(name: string, start: number): number {
    if (name === 'plaintext') return this.#end;
    let at = start;
    for (;;) {
      at = this.#source.indexOf('</', at);
      if (at === -1) return this.#end;
      const section = this.#xhtml ? this.#sectionFrom(start) : this.#length;
      if (section < at) {
        at = start = this.#after(']]>', section);
        if (at === this.#end) return at;
        continue;
      }
      const nameEnd = at + 2 + name.length;
      const next = this.#bytes[nameEnd]!;
      // An end tag that the page breaks off in is text still.
      if (nameEnd < this.#length && next !== 0 && is(ENDS_NAME, next)) {
        if (this.#source.slice(at + 2, nameEnd).toLowerCase() === name) return at;
      }
      at += 2;
    }
  }

  /** The next CDATA section from there on; the end of the page if there is none. */
  #sectionFrom(at: number): number {
    if (this.#nextSection < at) {
      const found = this.#source.indexOf(SECTION, at);
      this.#nextSection = found === -1 ? this.#length : found;
    }
    return this.#nextSection;
  }

  #endTag(nameStart: number): number {
    if (!is(LETTER, this.#bytes[nameStart]!)) return this.#after('>', nameStart);
    const nameEnd = this.#nameEnd(nameStart);
    if (nameEnd === this.#length) return this.#end;
    // Nearly always it ends at once.
    const end = this.#bytes[nameEnd] === GREATER ? nameEnd + 1 : this.#after('>', nameEnd);
    const tag = end === UNFINISHED ? undefined : tagAt(this.#bytes, nameStart, nameEnd);
    if (tag !== undefined) this.#sink.close(tag);
    return end;
  }

  /** After `<!`: a comment, a CDATA section, the doctype, or nonsense that counts as a comment. */
  #declaration(start: number): number {
    const source = this.#source;
    // What decides between these may stand behind the window.
    if (!this.#isLast && start + '[CDATA['.length > this.#length) return UNFINISHED;
    if (source.startsWith('--', start)) return this.#commentEnd(start + 2);
    if (source.startsWith('[CDATA[', start) && (this.#xhtml || this.#sink.isForeign())) {
      const content = start + '[CDATA['.length;
      const end = this.#after(']]>', content);
      if (end === UNFINISHED) return UNFINISHED;
      const contentEnd = source.startsWith(']]>', end - 3) ? end - 3 : end;
      if (contentEnd > content) this.#sink.literal(content, contentEnd);
      return end;
    }
    return this.#after('>', start);
  }

  /** A comment ends at `-->` or `--!>`; `<!-->` and `<!--->` are comments, too (§13.2.5.43). */
  #commentEnd(start: number): number {
    const source = this.#source;
    if (this.#bytes[start] === GREATER) return start + 1;
    if (source.startsWith('->', start)) return start + 2;
    let at = start;
    for (;;) {
      at = source.indexOf('--', at);
      if (at === -1) return this.#end;
      const next = this.#bytes[at + 2];
      if (next === GREATER) return at + 3;
      if (next === EXCLAMATION && this.#bytes[at + 3] === GREATER) return at + 4;
      at++;
    }
  }

  /** As `#attributes` where nobody wants them: a `>` ends the tag unless it stands in a value. */
  #tagEnd(start: number): number {
    const bytes = this.#bytes;
    /** Up to here there is no open name or value. */
    let settled = start;
    let at = start;
    for (;;) {
      let code = bytes[at]!;
      while (code !== GREATER && code !== EQUALS && code !== 0) code = bytes[++at]!;
      if (code === GREATER) {
        this.#isSelfClosing = at > settled && bytes[at - 1] === SLASH;
        return at + 1;
      }
      // Only right behind a name is it clear what a "=" means; and a NUL may be the end.
      if (code === 0 || at === settled || is(ENDS_NAME, bytes[at - 1]!)) return this.#attributes(settled, false);
      code = bytes[++at]!;
      if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
        const quote = code;
        do code = bytes[++at]!;
        while (code !== quote && code !== 0);
        if (code === 0) return this.#attributes(settled, false);
        at++;
      } else {
        if (is(SPACE, code)) return this.#attributes(settled, false);
        at = endOf(bytes, at, this.#length, ENDS_UNQUOTED);
      }
      settled = at;
    }
  }

  /** From behind a tag's name to behind its `>`; −1 if the page ends before. */
  #attributes(start: number, isWanted: boolean): number {
    const bytes = this.#bytes;
    const length = this.#length;
    let isSelfClosing = false;
    let at = start;
    for (;;) {
      let code = bytes[at]!;
      while (is(SPACE, code) || code === SLASH) {
        isSelfClosing = code === SLASH;
        code = bytes[++at]!;
      }
      if (code === GREATER) {
        this.#isSelfClosing = isSelfClosing;
        return at + 1;
      }
      if (at >= length) return -1;
      isSelfClosing = false;
      const nameStart = at;
      // The first character belongs to the name whatever it is, even "=" (§13.2.5.32).
      const nameEnd = endOf(bytes, at + 1, length, ENDS_ATTRIBUTE_NAME);
      at = nameEnd;
      code = bytes[at]!;
      while (is(SPACE, code)) code = bytes[++at]!;
      if (code !== EQUALS) {
        if (isWanted) this.#sink.attribute(nameStart, nameEnd, nameEnd, nameEnd);
        continue;
      }
      do code = bytes[++at]!;
      while (is(SPACE, code));
      const isQuoted = code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
      const valueStart = isQuoted ? at + 1 : at;
      at = endOf(
        bytes,
        valueStart,
        length,
        isQuoted ? (code === DOUBLE_QUOTE ? ENDS_DOUBLE_QUOTED : ENDS_SINGLE_QUOTED) : ENDS_UNQUOTED,
      );
      if (isQuoted && at >= length) return -1;
      if (isWanted) this.#sink.attribute(nameStart, nameEnd, valueStart, at);
      if (isQuoted) at++;
    }
  }
}

function is(kind: number, code: number): boolean {
  return (CLASSES[code]! & kind) !== 0;
}
