/**
 * Reads a page in one pass over its tags, without a tree: title, description, h1, language, canonical, base, visible text,
 * links.
 *
 * In: the page in UTF-8. Out: `HtmlFacts`, hrefs still as written (resolved by `links.ts`).
 * Without a tree there is nothing that nesting could blow up: time is linear and memory bounded, whatever the page holds
 * (a formatting bomb that takes a DOM builder 2 GB takes this 30 ms). The price is that the standard's repairs of
 * misnested elements are not made; what is left of them here are the few that change text or links.
 */
import type { LargeText } from './decode-large.ts';
import {
  beginReferences,
  decodeAttributeEntities,
  decodeReferences,
  decodeTextEntities,
  knownReference,
  pieceEnd,
  referenceEnd,
} from './entities.ts';
import { HeadFacts, TagAttributes } from './head-facts.ts';
import type { HtmlSource } from './html-source.ts';
import { LinkCollector } from './links.ts';
import type { LinkDraft } from './links.ts';
import { scanWindows } from './scan-windows.ts';
import type { WindowSink } from './scan-windows.ts';
import { ANCHOR, AREA, H1, HIDDEN, SVG, TEMPLATE, TITLE } from './tags.ts';
import type { TagInfo } from './tags.ts';
import { VisibleText, collapse } from './visible-text.ts';

export interface HtmlFacts {
  readonly title: string | null;
  readonly description: string | null;
  readonly h1: string | null;
  readonly lang: string | null;
  /** As written. */
  readonly canonical: string | null;
  /** First `<base href>`, as written. */
  readonly base: string | null;
  /** Visible text, white space collapsed, UTF-8; `null` where it was not asked for. */
  readonly text: Uint8Array | null;
  /** Words of the visible text; not counted in mode `links`. */
  readonly words: number;
  /** There was more text than is kept. */
  readonly isTextCut: boolean;
  readonly links: LinkCollector;
}

export interface HtmlRequest {
  /** `links`: title, canonical, base and links only. */
  readonly mode: 'full' | 'links';
  readonly text: boolean;
  readonly links: boolean;
  /** The document is XHTML: `<script/>` has no content, and CDATA sections are text. */
  readonly xhtml: boolean;
}

/** Characters. What is longer is cut: nobody reads such a title. */
const LONGEST_TITLE = 4096;
const LONGEST_H1 = 4096;
const LONGEST_ANCHOR = 200;

/**
 * Never throws on account of the page, which may be anything.
 * @param text Well-formed UTF-8 without NUL, or what becomes that while it is read.
 */
export function readHtml(text: Uint8Array | LargeText, request: HtmlRequest): HtmlFacts {
  beginReferences();
  const reader = new PageReader(request);
  scanWindows(text, request.xhtml, reader);
  return reader.facts();
}

/** The state of reading one page: what is open, what has been found. */
class PageReader implements WindowSink {
  /** The page, or the window of it that is being read: all positions are in it. */
  #page!: HtmlSource;
  readonly #xhtml: boolean;
  /** Mode `full`; else only the text of anchors is read. */
  readonly #isFull: boolean;
  readonly #wantsText: boolean;
  readonly #wantsLinks: boolean;

  readonly #head = new HeadFacts();
  readonly #text = new VisibleText();
  readonly #links = new LinkCollector();

  readonly #attributes = new TagAttributes();
  #titleState: 'unseen' | 'open' | 'read' = 'unseen';
  #title = '';
  #h1State: 'unseen' | 'open' | 'read' = 'unseen';
  /** Where its text begins while it is open. */
  #h1Start = 0;
  #h1 = '';
  /** The link whose element is open, and where its text begins. */
  #openLink: LinkDraft | null = null;
  #anchorStart = 0;
  /** The outermost open element that hides its text, and how many of its own kind are open in it. */
  #hidden: TagInfo | null = null;
  #hiddenDepth = 0;
  /** Where the next `&` stands, from the text read last on: searched once, not once a piece. */
  #nextAmpersand = -1;

  constructor(request: HtmlRequest) {
    this.#xhtml = request.xhtml;
    this.#isFull = request.mode === 'full';
    this.#wantsText = this.#isFull && request.text;
    this.#wantsLinks = request.links;
  }

  facts(): HtmlFacts {
    this.#closeAnchor();
    this.#closeH1();
    const { lang, canonical, base, description } = this.#head;
    const title = collapse(this.#title, LONGEST_TITLE);
    return {
      title: title === '' ? null : title,
      description: this.#isFull ? description : null,
      h1: this.#h1 === '' ? null : this.#h1,
      lang,
      canonical,
      base,
      words: this.#text.words,
      isTextCut: this.#text.isCut,
      text: this.#wantsText ? this.#text.take() : null,
      links: this.#links,
    };
  }

  enter(window: HtmlSource): void {
    this.#page = window;
    this.#nextAmpersand = -1;
  }

  text(start: number, end: number): void {
    if (this.#titleState === 'open') this.#title += decodeTextEntities(this.#titlePiece(start, end));
    else if (this.#hidden === null) this.#addText(start, end);
  }

  literal(start: number, end: number): void {
    if (this.#titleState === 'open') this.#title += this.#titlePiece(start, end);
    else if (this.#hidden === null && this.#isTextRead) this.#text.add(this.#page.bytes, start, end);
  }

  begin(): void {
    this.#attributes.begin(this.#page);
  }

  attribute(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.#attributes.set(nameStart, nameEnd, valueStart, valueEnd);
  }

  open(tag: TagInfo, isSelfClosing: boolean): void {
    if (tag.block) this.#text.break();
    if (this.#hidden === null || !this.#staysHidden(tag)) this.#openShown(tag);
    // Elsewhere in HTML the slash means nothing.
    if (isSelfClosing && (this.#xhtml || this.#hidden?.role === SVG)) this.close(tag);
  }

  close(tag: TagInfo): void {
    if (tag.block) this.#text.break();
    if (tag.role === TITLE) {
      if (this.#titleState === 'open') this.#titleState = 'read';
    } else if (tag.role === ANCHOR) {
      this.#closeAnchor();
    } else if (tag.role === H1) {
      this.#closeH1();
    } else if (tag === this.#hidden && --this.#hiddenDepth === 0) {
      this.#hidden = null;
    }
  }

  isForeign(): boolean {
    return this.#hidden?.role === SVG;
  }

  #openShown(tag: TagInfo): void {
    switch (tag.role) {
      case ANCHOR:
        this.#openAnchor();
        break;
      case AREA:
        this.#addLink();
        break;
      case TITLE:
        if (this.#titleState === 'unseen') this.#titleState = 'open';
        break;
      case H1:
        if (!this.#isFull || this.#h1State !== 'unseen') break;
        this.#h1State = 'open';
        this.#h1Start = this.#text.length;
        break;
      case HIDDEN:
      case TEMPLATE:
      case SVG:
        this.#hidden = tag;
        this.#hiddenDepth = 1;
        break;
      default:
        if (tag.attributes) this.#head.note(tag.role, this.#attributes);
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

  #openAnchor(): void {
    // Links do not nest: a second start tag ends the first (HTML standard §13.2.6.4.7).
    this.#closeAnchor();
    this.#openLink = this.#addLink();
    this.#anchorStart = this.#text.length;
  }

  #closeAnchor(): void {
    if (this.#openLink === null) return;
    this.#links.setAnchor(this.#openLink, this.#text.slice(this.#anchorStart, this.#text.length, LONGEST_ANCHOR));
    this.#openLink = null;
  }

  #closeH1(): void {
    if (this.#h1State !== 'open') return;
    this.#h1State = 'read';
    this.#h1 = this.#text.slice(this.#h1Start, this.#text.length, LONGEST_H1);
  }

  #addLink(): LinkDraft | null {
    if (!this.#wantsLinks) return null;
    const { href } = this.#attributes;
    const link = href === null ? null : this.#links.add(decodeAttributeEntities(href));
    if (link === null) return null;
    const { rel } = this.#attributes;
    if (rel !== null) this.#links.setRel(link, decodeAttributeEntities(rel));
    return link;
  }

  /** Eight bytes for each character wanted, before decoding and collapsing, which only shorten it. */
  #titlePiece(start: number, end: number): string {
    const room = Math.max(0, LONGEST_TITLE * 8 - this.#title.length);
    return this.#page.slice(start, Math.min(end, start + room));
  }

  get #isTextRead(): boolean {
    return this.#isFull || this.#openLink !== null;
  }

  #addText(start: number, end: number): void {
    if (!this.#isTextRead) return;
    const { bytes } = this.#page;
    let at = start;
    while (this.#ampersandFrom(at) < end) {
      const ampersand = this.#nextAmpersand;
      this.#text.add(bytes, at, ampersand);
      at = this.#addReference(bytes, ampersand, end);
    }
    this.#text.add(bytes, at, end);
  }

  /** The next `&` from there on; the end of the page if there is none. */
  #ampersandFrom(at: number): number {
    if (this.#nextAmpersand < at) {
      const found = this.#page.indexOf('&', at);
      this.#nextAmpersand = found === -1 ? this.#page.length : found;
    }
    return this.#nextAmpersand;
  }

  /** Adds what the reference at `ampersand` means. Returns where the text goes on. */
  #addReference(bytes: Uint8Array, ampersand: number, end: number): number {
    let at = referenceEnd(bytes, ampersand, end);
    let meant = knownReference(bytes, ampersand, at);
    if (meant === null) {
      at = pieceEnd(bytes, ampersand, at, end);
      meant = decodeReferences(bytes, ampersand, at);
    }
    this.#text.add(meant, 0, meant.length);
    return at;
  }
}
