/**
 * Reads a page in one pass over its tokens, without a tree: title, description, h1, language, canonical, base, visible
 * text, links.
 *
 * In: the decoded text. Out: `HtmlFacts`, hrefs still as written (resolved by `links.ts`).
 * Without a tree there is nothing that nesting could blow up: time is linear and memory bounded, whatever the page holds
 * (a formatting bomb that takes a DOM builder 2 GB takes this 30 ms). The price is that the standard's repairs of
 * misnested elements are not made; what is left of them here are the few that change text or links.
 */
import { decodeAttributeEntities, decodeTextEntities } from './entities.ts';
import { LinkCollector } from './links.ts';
import type { LinkDraft } from './links.ts';
import { scanHtml } from './scan-html.ts';
import type { HtmlSink } from './scan-html.ts';
import { ANCHOR, AREA, BASE, H1, HIDDEN, HTML, LINK, META, SVG, TEMPLATE, TITLE } from './tags.ts';
import type { TagInfo } from './tags.ts';
import { TextCollapser, TextField, clip, collapse } from './visible-text.ts';

export interface HtmlFacts {
  readonly title: string | null;
  readonly description: string | null;
  readonly h1: string | null;
  readonly lang: string | null;
  /** As written. */
  readonly canonical: string | null;
  /** First `<base href>`, as written. */
  readonly base: string | null;
  /** Visible text, white space collapsed; `null` where it was not asked for. */
  readonly text: string | null;
  /** Words of the visible text. */
  readonly words: number;
  readonly links: LinkCollector;
}

export interface HtmlRequest {
  /** `links`: title, canonical and links only. */
  readonly mode: 'full' | 'links';
  readonly text: boolean;
  readonly links: boolean;
  /** The document is XHTML: `<script/>` has no content. */
  readonly xhtml: boolean;
}

/** Characters. What is longer is cut; a page that needs more than this for a title is not one that people read. */
const LONGEST_TITLE = 4096;
const LONGEST_DESCRIPTION = 8192;
const LONGEST_H1 = 4096;
const LONGEST_LANG = 64;
const LONGEST_ANCHOR = 200;

/** `content` is the longest attribute name that is looked at. */
const LONGEST_NAME = 7;

/** One per thread, used for page after page. */
export class HtmlReader implements HtmlSink {
  readonly #collapser = new TextCollapser();
  readonly #title = new TextField(LONGEST_TITLE);
  readonly #h1 = new TextField(LONGEST_H1);
  readonly #anchor = new TextField(LONGEST_ANCHOR);
  #body = new TextField(Infinity);
  #links = new LinkCollector();

  #html = '';
  /** Where the next `&` stands, from the text read last on: searched once, not once a piece. */
  #nextAmpersand = -1;
  #xhtml = false;
  #wantsText = true;
  #wantsLinks = true;

  #href: string | null = null;
  #rel: string | null = null;
  #name: string | null = null;
  #content: string | null = null;
  #lang: string | null = null;

  #titleState: 'unseen' | 'open' | 'read' = 'unseen';
  #h1State: 'unseen' | 'open' | 'read' = 'unseen';
  /** The link whose element is open and whose text is gathered. */
  #openLink: LinkDraft | null = null;
  /** The outermost open element that hides its text, and how many of its own kind are open in it. */
  #hidden: TagInfo | null = null;
  #hiddenDepth = 0;

  #description: string | null = null;
  #pageLang: string | null = null;
  #canonical: string | null = null;
  #base: string | null = null;

  read(html: string, request: HtmlRequest): HtmlFacts {
    this.#begin(html, request);
    scanHtml(html, request.xhtml, this);
    this.#closeAnchor();
    const facts: HtmlFacts = {
      title: orNull(this.#title.take()),
      description: this.#description,
      h1: orNull(this.#h1.take()),
      lang: this.#pageLang,
      canonical: this.#canonical,
      base: this.#base,
      text: this.#wantsText && request.text ? this.#body.take() : null,
      words: this.#collapser.words,
      links: this.#links,
    };
    // Slices keep the whole page alive; this object lives on.
    this.#begin('', request);
    return facts;
  }

  #begin(html: string, request: HtmlRequest): void {
    this.#html = html;
    this.#xhtml = request.xhtml;
    this.#wantsText = request.mode === 'full';
    this.#wantsLinks = request.links;
    this.#links = new LinkCollector();
    this.#body = new TextField(Infinity);
    this.#title.clear();
    this.#h1.clear();
    this.#anchor.clear();
    this.#collapser.reset();
    this.#collapser.body = this.#wantsText && request.text ? this.#body : null;
    this.#titleState = 'unseen';
    this.#h1State = 'unseen';
    this.#openLink = null;
    this.#nextAmpersand = -1;
    this.#hidden = null;
    this.#hiddenDepth = 0;
    this.#description = null;
    this.#pageLang = null;
    this.#canonical = null;
    this.#base = null;
  }

  // --- HtmlSink: positions are indices into the page. ---

  text(start: number, end: number): void {
    if (this.#titleState === 'open') this.#addTitle(start, end);
    else if (this.#hidden === null) this.#addText(start, end);
  }

  begin(): void {
    this.#href = null;
    this.#rel = null;
    this.#name = null;
    this.#content = null;
    this.#lang = null;
  }

  attribute(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    if (nameEnd - nameStart > LONGEST_NAME) return;
    this.#setAttribute(this.#html.slice(nameStart, nameEnd).toLowerCase(), valueStart, valueEnd);
  }

  open(tag: TagInfo, isSelfClosing: boolean): void {
    this.#open(tag);
    // Elsewhere in HTML the slash means nothing.
    if (isSelfClosing && (this.#xhtml || this.#hidden?.role === SVG)) this.close(tag);
  }

  isForeign(): boolean {
    return this.#hidden?.role === SVG;
  }

  // --- What the tokens mean. ---

  /** The first of several attributes of one name counts. */
  #setAttribute(name: string, start: number, end: number): void {
    switch (name) {
      case 'href':
        this.#href ??= this.#html.slice(start, end);
        break;
      case 'rel':
        this.#rel ??= this.#html.slice(start, end);
        break;
      case 'name':
        this.#name ??= this.#html.slice(start, end);
        break;
      case 'content':
        this.#content ??= this.#html.slice(start, end);
        break;
      case 'lang':
        this.#lang ??= this.#html.slice(start, end);
        break;
    }
  }

  #open(tag: TagInfo): void {
    if (tag.block) this.#collapser.break();
    if (this.#hidden !== null && this.#staysHidden(tag)) return;
    switch (tag.role) {
      case ANCHOR:
        this.#openAnchor();
        break;
      case AREA:
        if (this.#href !== null && this.#wantsLinks) this.#links.add(this.#decodedHref(), this.#decodedRel());
        break;
      case TITLE:
        if (this.#titleState === 'unseen') this.#titleState = 'open';
        break;
      case H1:
        if (this.#wantsText && this.#h1State === 'unseen') {
          this.#h1State = 'open';
          this.#collapser.heading = this.#h1;
        }
        break;
      case HIDDEN:
      case TEMPLATE:
      case SVG:
        this.#hidden = tag;
        this.#hiddenDepth = 1;
        break;
      default:
        this.#openMetadata(tag);
    }
  }

  /** Inside an element that hides its text; false where `tag` ends that element. */
  #staysHidden(tag: TagInfo): boolean {
    const hidden = this.#hidden!;
    if (hidden.role === SVG && tag.leavesSvg) {
      this.#hidden = null;
      return false;
    }
    if (tag === hidden) this.#hiddenDepth++;
    // `<noscript><a href>` is a link for who runs no scripts, as we do not.
    if (hidden.role !== TEMPLATE && (tag.role === ANCHOR || tag.role === AREA)) this.#openAnchor();
    return true;
  }

  #openMetadata(tag: TagInfo): void {
    if (tag.role === BASE) {
      if (this.#href !== null) this.#base ??= this.#decodedHref();
    } else if (tag.role === LINK) {
      if (this.#href !== null && this.#rel !== null && /(?:^|\s)canonical(?:\s|$)/i.test(clip(this.#rel, 200))) {
        this.#canonical ??= this.#decodedHref();
      }
    } else if (tag.role === META) {
      if (this.#wantsText && this.#description === null && this.#name?.trim().toLowerCase() === 'description') {
        const content = decodeAttributeEntities(clip(this.#content ?? '', LONGEST_DESCRIPTION * 2));
        this.#description = orNull(collapse(content, LONGEST_DESCRIPTION));
      }
    } else if (tag.role === HTML && this.#lang !== null) {
      this.#pageLang ??= orNull(decodeAttributeEntities(clip(this.#lang.trim(), LONGEST_LANG)));
    }
  }

  #openAnchor(): void {
    // Links do not nest: a second start tag ends the first (HTML standard §13.2.6.4.7).
    this.#closeAnchor();
    if (this.#href === null || !this.#wantsLinks) return;
    this.#openLink = this.#links.add(this.#decodedHref(), this.#decodedRel());
    if (this.#openLink !== null) this.#collapser.anchor = this.#anchor;
  }

  #closeAnchor(): void {
    if (this.#openLink === null) return;
    this.#openLink.anchor = this.#anchor.take();
    this.#openLink = null;
    this.#collapser.anchor = null;
    this.#anchor.clear();
  }

  close(tag: TagInfo): void {
    if (tag.block) this.#collapser.break();
    if (tag.role === TITLE) {
      if (this.#titleState === 'open') this.#titleState = 'read';
    } else if (tag.role === ANCHOR) {
      this.#closeAnchor();
    } else if (tag.role === H1) {
      if (this.#h1State === 'open') this.#h1State = 'read';
      this.#collapser.heading = null;
    } else if (tag === this.#hidden && --this.#hiddenDepth === 0) {
      this.#hidden = null;
    }
  }

  #addTitle(start: number, end: number): void {
    const length = Math.min(end - start, LONGEST_TITLE * 2);
    const text = decodeTextEntities(this.#html.slice(start, start + length));
    this.#title.append(collapse(text, LONGEST_TITLE), false);
  }

  #addText(start: number, end: number): void {
    if (!this.#wantsText && this.#openLink === null) return;
    if (this.#nextAmpersand < start) {
      const found = this.#html.indexOf('&', start);
      this.#nextAmpersand = found === -1 ? Infinity : found;
    }
    if (this.#nextAmpersand >= end) {
      this.#collapser.add(this.#html, start, end);
      return;
    }
    const text = decodeTextEntities(this.#html.slice(start, end));
    this.#collapser.add(text, 0, text.length);
  }

  #decodedHref(): string {
    return decodeAttributeEntities(this.#href ?? '');
  }

  #decodedRel(): string | null {
    return this.#rel === null ? null : decodeAttributeEntities(this.#rel);
  }
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
