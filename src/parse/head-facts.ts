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
const LONGEST_REL = 200;

const CANONICAL = /(?:^|\s)canonical(?:\s|$)/i;

/** The attributes of one start tag that matter to anybody, as written; the first of several of one name counts. */
export class TagAttributes {
  href: string | null = null;
  rel: string | null = null;
  name: string | null = null;
  content: string | null = null;
  lang: string | null = null;

  clear(): void {
    this.href = null;
    this.rel = null;
    this.name = null;
    this.content = null;
    this.lang = null;
  }

  set(page: HtmlSource, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const length = nameEnd - nameStart;
    // Class, id, title, style, target: most names are told apart by their length.
    if (length !== 4 && length !== 3 && length !== 7) return;
    const name = page.text.slice(nameStart, nameEnd).toLowerCase();
    if (name === 'href') this.href ??= page.slice(valueStart, valueEnd);
    else if (name === 'rel') this.rel ??= page.slice(valueStart, valueEnd);
    else if (name === 'name') this.name ??= page.slice(valueStart, valueEnd);
    else if (name === 'content') this.content ??= page.slice(valueStart, valueEnd);
    else if (name === 'lang') this.lang ??= page.slice(valueStart, valueEnd);
  }
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
    } else if (role === LINK && href !== null && rel !== null && CANONICAL.test(clip(rel, LONGEST_REL))) {
      this.canonical ??= decodeAttributeEntities(href);
    } else if (role === META && name?.trim().toLowerCase() === 'description') {
      // Twice the limit before decoding and collapsing, which only shorten it.
      const text = decodeAttributeEntities(clip(content ?? '', LONGEST_DESCRIPTION * 2));
      this.description ??= orNull(collapse(text, LONGEST_DESCRIPTION));
    } else if (role === HTML && lang !== null) {
      this.lang ??= orNull(decodeAttributeEntities(clip(lang.trim(), LONGEST_LANG)));
    }
  }
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
