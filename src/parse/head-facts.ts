/**
 * What a page says about itself in attributes: description, language, canonical, base.
 *
 * In: start tags with their attributes, as the page is read. Out: one value each, the first that counts; URLs as written.
 * Every value is bounded: what is longer is cut.
 */
import { decodeAttributeEntities } from './entities.ts';
import type { HtmlSource } from './html-source.ts';
import { BASE, HTML, LINK, META } from './tags.ts';
import { clip, collapse } from './visible-text.ts';

/** Characters. */
const LONGEST_DESCRIPTION = 8192;
const LONGEST_LANG = 64;
const LONGEST_KEYWORD = 200;
/** Bytes as written, of any value: more than all that is read of one, references included. */
const LONGEST_VALUE = 256 * 1024;
/** Stands for a URL of more than that: a link to nowhere. */
const NO_URL = 'data:,';

const CANONICAL = /(?:^|\s)canonical(?:\s|$)/i;

const NONE = -1;

// The names that matter, as bytes in lower case.
const HREF = Buffer.from('href');
const REL = Buffer.from('rel');
const NAME = Buffer.from('name');
const CONTENT = Buffer.from('content');
const LANG = Buffer.from('lang');

/**
 * The attributes of one start tag that matter to anybody, as written; the first of several of one name counts. They are kept as
 * positions and become strings when they are asked for.
 */
export class TagAttributes {
  #page!: HtmlSource;
  #href = NONE;
  #hrefEnd = 0;
  #rel = NONE;
  #relEnd = 0;
  #name = NONE;
  #nameEnd = 0;
  #content = NONE;
  #contentEnd = 0;
  #lang = NONE;
  #langEnd = 0;

  /** A tag of `page` begins. */
  begin(page: HtmlSource): void {
    this.#page = page;
    this.#href = NONE;
    this.#rel = NONE;
    this.#name = NONE;
    this.#content = NONE;
    this.#lang = NONE;
  }

  set(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const { bytes } = this.#page;
    const length = nameEnd - nameStart;
    // Class, id, title, style, target: most names are told apart by their length.
    if (length === 4) {
      if (this.#href === NONE && isNameAt(HREF, bytes, nameStart)) {
        this.#href = valueStart;
        this.#hrefEnd = valueEnd;
      } else if (this.#name === NONE && isNameAt(NAME, bytes, nameStart)) {
        this.#name = valueStart;
        this.#nameEnd = valueEnd;
      } else if (this.#lang === NONE && isNameAt(LANG, bytes, nameStart)) {
        this.#lang = valueStart;
        this.#langEnd = valueEnd;
      }
    } else if (length === 3) {
      if (this.#rel === NONE && isNameAt(REL, bytes, nameStart)) {
        this.#rel = valueStart;
        this.#relEnd = valueEnd;
      }
    } else if (length === 7 && this.#content === NONE && isNameAt(CONTENT, bytes, nameStart)) {
      this.#content = valueStart;
      this.#contentEnd = valueEnd;
    }
  }

  get href(): string | null {
    const href = this.#value(this.#href, this.#hrefEnd);
    const isCut = this.#hrefEnd - this.#href > LONGEST_VALUE;
    // Of a fragment, however long, nothing is kept.
    return href !== null && isCut && !href.includes('#') ? NO_URL : href;
  }

  get rel(): string | null {
    return this.#value(this.#rel, this.#relEnd);
  }

  get name(): string | null {
    return this.#value(this.#name, this.#nameEnd);
  }

  get content(): string | null {
    return this.#value(this.#content, this.#contentEnd);
  }

  get lang(): string | null {
    return this.#value(this.#lang, this.#langEnd);
  }

  #value(start: number, end: number): string | null {
    return start === NONE ? null : this.#page.slice(start, Math.min(end, start + LONGEST_VALUE));
  }
}

/** `name`, which is of lower-case letters, stands there in any case. */
function isNameAt(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if ((bytes[start + i]! | 0x20) !== name[i]) return false;
  return true;
}

export class HeadFacts {
  description: string | null = null;
  lang: string | null = null;
  canonical: string | null = null;
  base: string | null = null;

  /** @param role Of the start tag (`tags.ts`); only BASE, LINK, META and HTML say anything. */
  note(role: number, attributes: TagAttributes): void {
    const { href, rel, name, content, lang } = attributes;
    if (role === BASE && href !== null) {
      this.base ??= decodeAttributeEntities(href);
    } else if (role === LINK && href !== null && rel !== null && CANONICAL.test(meant(rel))) {
      this.canonical ??= decodeAttributeEntities(href);
    } else if (role === META && name !== null && meant(name.trim()).toLowerCase() === 'description') {
      // Twice the limit before decoding and collapsing, which only shorten it.
      const text = decodeAttributeEntities(clip(content ?? '', LONGEST_DESCRIPTION * 2));
      this.description ??= orNull(collapse(text, LONGEST_DESCRIPTION));
    } else if (role === HTML && lang !== null) {
      this.lang ??= orNull(decodeAttributeEntities(clip(lang.trim(), LONGEST_LANG)));
    }
  }
}

/** A value that is compared with a keyword. */
function meant(value: string): string {
  return decodeAttributeEntities(clip(value, LONGEST_KEYWORD));
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
