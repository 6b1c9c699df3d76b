/**
 * Splits a page into tags and text, jumping from `<` to `<` and from quote to quote by `indexOf` instead of looking at every
 * character: a page is read, links and all, in 0.6 of the time that htmlparser2's parser takes to read it with empty
 * handlers (test/bench/parse.bench.ts).
 *
 * In: a page, or a window of one (`scan-windows.ts`), as bytes and as a string of them. Out: calls of an `HtmlSink`, with positions instead of strings; elements that mean nothing to
 * the reader (`tags.ts`) are passed over in silence. Never throws, no state survives a page, each character is looked at a
 * bounded number of times. Follows the tokenization of the HTML standard (§13.2.5) save for the "escaped" states inside
 * scripts; test/property/scan-html.property.test.ts holds it to htmlparser2's tokenizer on hostile input.
 */
import type { HtmlSource } from './html-source.ts';
import { tagAt } from './tags.ts';
import type { TagInfo } from './tags.ts';

export interface HtmlSink {
  /** Text between tags, entities not decoded; pieces that follow one another belong together. */
  text(start: number, end: number): void;
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

const TAB = 9;
const LF = 10;
const FF = 12;
const CR = 13;
const SPACE = 32;
const EXCLAMATION = 33;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const SLASH = 47;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;

/** What begins here does not end in this window. */
const UNFINISHED = -1;

/**
 * @param xhtml CDATA sections are text, and `/>` ends text-only elements too.
 * @param isLast The page ends where the source ends.
 * @returns How far the source has been read: to its end if it is the last, else up to what goes on behind it.
 */
export function scanHtml(source: HtmlSource, xhtml: boolean, sink: HtmlSink, isLast: boolean): number {
  return new Scan(source, xhtml, sink, isLast).run();
}

class Scan {
  /** For looking at single characters; ends with a NUL that is no part of the page. */
  readonly #bytes: Uint8Array;
  /** For searching: positions are the same. */
  readonly #html: string;
  readonly #length: number;
  readonly #xhtml: boolean;
  readonly #sink: HtmlSink;
  readonly #isLast: boolean;
  /** Set by `#attributes`. */
  #isSelfClosing = false;

  constructor(source: HtmlSource, xhtml: boolean, sink: HtmlSink, isLast: boolean) {
    this.#bytes = source.bytes;
    this.#html = source.text;
    this.#length = source.length;
    this.#xhtml = xhtml;
    this.#sink = sink;
    this.#isLast = isLast;
  }

  run(): number {
    const html = this.#html;
    let textStart = 0;
    let at = 0;
    while (at < this.#length) {
      const lt = html.indexOf('<', at);
      if (lt === -1) break;
      const code = this.#bytes[lt + 1]!;
      const isMarkup = isLetter(code) || code === SLASH || code === EXCLAMATION || code === QUESTION;
      // "</" at the very end is text, as is a "<" before anything else.
      const isAtEnd = lt + (code === SLASH ? 2 : 1) >= this.#length;
      if (!isMarkup || isAtEnd) {
        if (isAtEnd && !this.#isLast) return this.#textUpTo(textStart, lt);
        at = lt + 1;
        continue;
      }
      if (lt > textStart) this.#sink.text(textStart, lt);
      if (isLetter(code)) at = this.#startTag(lt + 1);
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
    const last = this.#html.lastIndexOf('&');
    return last >= start && MAYBE_REFERENCE.test(this.#html.slice(last)) ? last : this.#length;
  }

  /** What is unfinished at the end of the page is dropped; at the end of a window it is read again, with what follows. */
  get #end(): number {
    return this.#isLast ? this.#length : UNFINISHED;
  }

  /** Position behind the next `mark`. */
  #after(mark: string, from: number): number {
    const found = this.#html.indexOf(mark, from);
    return found === -1 ? this.#end : found + mark.length;
  }

  #nameEnd(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < this.#length && !endsName(bytes[at]!)) at++;
    return at;
  }

  #startTag(nameStart: number): number {
    const nameEnd = this.#nameEnd(nameStart);
    const tag = tagAt(this.#bytes, nameStart, nameEnd);
    if (tag?.attributes === true) this.#sink.begin(tag);
    const end = this.#attributes(nameEnd, tag?.attributes === true);
    if (end === -1) return this.#end;
    if (tag === undefined) return end;
    const isTextOnly = tag.textOnly && !this.#sink.isForeign() && !(this.#xhtml && this.#isSelfClosing);
    const contentEnd = isTextOnly ? this.#textOnlyEnd(tag.name, end) : end;
    if (contentEnd === UNFINISHED) return UNFINISHED;
    this.#sink.open(tag, this.#isSelfClosing);
    return this.#textUpTo(end, contentEnd);
  }

  /** Content of `<script>`, `<title>` and the like is text up to their own end tag, or the end of the page. */
  #textOnlyEnd(name: string, start: number): number {
    if (name === 'plaintext') return this.#end;
    let at = start;
    for (;;) {
      at = this.#html.indexOf('</', at);
      if (at === -1) return this.#end;
      const nameEnd = at + 2 + name.length;
      // An end tag that the page breaks off in is text still.
      if (nameEnd < this.#length && endsName(this.#bytes[nameEnd]!)) {
        if (this.#html.slice(at + 2, nameEnd).toLowerCase() === name) return at;
      }
      at += 2;
    }
  }

  #endTag(nameStart: number): number {
    if (!isLetter(this.#bytes[nameStart]!)) return this.#after('>', nameStart);
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
    const html = this.#html;
    // What decides between these may stand behind the window.
    if (!this.#isLast && start + '[CDATA['.length > this.#length) return UNFINISHED;
    if (html.startsWith('--', start)) return this.#commentEnd(start + 2);
    if (html.startsWith('[CDATA[', start) && (this.#xhtml || this.#sink.isForeign())) {
      const content = start + '[CDATA['.length;
      const end = this.#after(']]>', content);
      if (end === UNFINISHED) return UNFINISHED;
      const contentEnd = html.startsWith(']]>', end - 3) ? end - 3 : end;
      if (contentEnd > content) this.#sink.text(content, contentEnd);
      return end;
    }
    return this.#after('>', start);
  }

  /** A comment ends at `-->` or `--!>`; `<!-->` and `<!--->` are comments, too (§13.2.5.43). */
  #commentEnd(start: number): number {
    const html = this.#html;
    if (this.#bytes[start] === GREATER) return start + 1;
    if (html.startsWith('->', start)) return start + 2;
    let at = start;
    for (;;) {
      at = html.indexOf('--', at);
      if (at === -1) return this.#end;
      const next = this.#bytes[at + 2];
      if (next === GREATER) return at + 3;
      if (next === EXCLAMATION && this.#bytes[at + 3] === GREATER) return at + 4;
      at++;
    }
  }

  /** From behind a tag's name to behind its `>`; −1 if the page ends before. */
  #attributes(start: number, isWanted: boolean): number {
    const bytes = this.#bytes;
    let at = start;
    this.#isSelfClosing = false;
    for (;;) {
      let code = bytes[at]!;
      while (isSpace(code) || code === SLASH) {
        this.#isSelfClosing = code === SLASH;
        code = bytes[++at]!;
      }
      if (code === GREATER) return at + 1;
      if (at >= this.#length) return -1;
      this.#isSelfClosing = false;
      const nameStart = at;
      // The first character belongs to the name whatever it is, even "=" (§13.2.5.32).
      do code = bytes[++at]!;
      while (at < this.#length && code !== EQUALS && !endsName(code));
      const nameEnd = at;
      while (isSpace(code)) code = bytes[++at]!;
      if (code !== EQUALS) {
        if (isWanted) this.#sink.attribute(nameStart, nameEnd, nameEnd, nameEnd);
        continue;
      }
      do code = bytes[++at]!;
      while (isSpace(code));
      const isQuoted = code === DOUBLE_QUOTE || code === SINGLE_QUOTE;
      const valueStart = isQuoted ? at + 1 : at;
      const valueEnd = isQuoted
        ? this.#html.indexOf(code === DOUBLE_QUOTE ? '"' : "'", valueStart)
        : this.#unquotedEnd(at);
      if (valueEnd === -1) return -1;
      if (isWanted) this.#sink.attribute(nameStart, nameEnd, valueStart, valueEnd);
      at = isQuoted ? valueEnd + 1 : valueEnd;
    }
  }

  #unquotedEnd(start: number): number {
    let at = start;
    for (; at < this.#length; at++) {
      const code = this.#bytes[at]!;
      if (code === GREATER || isSpace(code)) break;
    }
    return at;
  }
}

/** A character reference without its end. */
const MAYBE_REFERENCE = /^&#?[0-9a-z]*$/i;

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 97 && lower <= 122;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR || code === FF;
}

function endsName(code: number): boolean {
  return code === GREATER || code === SLASH || isSpace(code);
}
