/**
 * The links of one page: each distinct target once, in document order, with its first anchor and how often it occurs.
 *
 * In: hrefs as written (entities decoded). Out: `PageLink`s, absolute and canonical. Hrefs are de-duplicated before they
 * are resolved, because resolving is what costs: a navigation bar names the same page many times over.
 * Bounded: beyond `MOST_LINKS` hrefs or `MOST_CHARACTERS` in them and their anchors they are only counted.
 */
import type { PageLink } from '../model/page.ts';
import { plainHost } from '../url/plain-host.ts';
import type { LinkResolver } from '../url/resolve-links.ts';
import { DistinctCounter } from './distinct-counter.ts';
import { clip, collapse, copyOf } from './visible-text.ts';

/** Links kept per page. Real pages have about 100 hrefs; more than this is a generated page or a trap. */
export const MOST_LINKS = 10_000;

/** Characters of the links kept per page with their anchors and rels: as they are written, and once more as they are stored. */
const MOST_CHARACTERS = 2_000_000;
/** Below this nobody need look how many of them JSON escapes: none takes more than six. */
const FEW_CHARACTERS = MOST_CHARACTERS / 6;
/** What is cut off from a link's address, characters: from then on it is not kept along with the rest. */
const LONG_FRAGMENT = 100;

const LONGEST_REL = 100;

/** A link whose target is still as written. */
export interface LinkDraft {
  /** Without fragment. */
  readonly href: string;
  readonly rel: string | null;
  readonly anchor: string;
  readonly n: number;
}

type Draft = { -readonly [K in keyof LinkDraft]: LinkDraft[K] };

type Target = { -readonly [K in keyof PageLink]: PageLink[K] };

export interface ResolvedLinks {
  readonly links: readonly PageLink[];
  /** Distinct links before cap and filter. Beyond the cap distinct hrefs are counted, unresolved. */
  readonly total: number;
  /** How many of them were kept for the filter: fewer where there were too many. */
  readonly kept: number;
  /** Of these addresses, anchors and rels, as they are stored: exact where there are very many, else too few at most. */
  readonly characters: number;
}

export class LinkCollector {
  /** Href without fragment → its link. */
  readonly #drafts = new Map<string, Draft>();
  /** What comes when the cap is reached; made then. */
  #beyond: DistinctCounter | null = null;
  #characters = 0;

  /** Notes one occurrence. Returns the link if it is the first of its href: its anchor and rel count. */
  add(href: string): LinkDraft | null {
    const key = withoutFragment(href);
    const known = this.#drafts.get(key);
    if (known !== undefined) {
      known.n++;
      return null;
    }
    if (this.#drafts.size === MOST_LINKS || this.#characters + key.length > MOST_CHARACTERS) {
      this.#beyond ??= new DistinctCounter();
      this.#beyond.add(key);
      return null;
    }
    this.#characters += key.length;
    const draft = { href: key, rel: null, anchor: '', n: 1 };
    this.#drafts.set(key, draft);
    return draft;
  }

  setRel(link: LinkDraft, rel: string): void {
    const text = relOf(rel);
    (link as Draft).rel = text;
    this.#characters += text === null ? 0 : text.length;
  }

  setAnchor(link: LinkDraft, anchor: string): void {
    (link as Draft).anchor = anchor;
    this.#characters += anchor.length;
  }

  /**
   * @param onlyHost Keep links to this host only; `null` = all.
   * @param skipSelf Hrefs that are nothing but a fragment (or empty) point to the page itself: no links. False where a
   *   `<base>` sends them elsewhere.
   */
  resolve(resolver: LinkResolver, onlyHost: string | null, skipSelf: boolean): ResolvedLinks {
    const byTarget = new Map<string, Target>();
    let beyond = this.#beyond?.count ?? 0;
    let characters = 0;
    let isCounting = false;
    for (const draft of this.#drafts.values()) {
      if (skipSelf && draft.href === '') continue;
      const to = resolver.resolve(draft.href);
      if (to === null) continue;
      const known = byTarget.get(to);
      if (known !== undefined) {
        known.n += draft.n;
        continue;
      }
      const link = { to, anchor: draft.anchor, rel: draft.rel, n: draft.n };
      // Han is nine times as long in a URL as it is in a page.
      characters += isCounting ? storedLength(link) : to.length + draft.anchor.length + (draft.rel?.length ?? 0);
      if (characters > FEW_CHARACTERS && !isCounting) {
        isCounting = true;
        characters = storedLength(link);
        for (const kept of byTarget.values()) characters += storedLength(kept);
      }
      if (characters > MOST_CHARACTERS) beyond++;
      else byTarget.set(to, link);
    }
    const all = [...byTarget.values()];
    const links = onlyHost === null ? all : all.filter((link) => hostOf(link.to) === onlyHost);
    return { links, total: all.length + beyond, kept: all.length, characters: Math.min(characters, MOST_CHARACTERS) };
  }
}

/** Characters of it in JSON, save for what all links have. */
function storedLength({ to, anchor, rel }: Target): number {
  return escapedLength(to) + escapedLength(anchor) + (rel === null ? 0 : escapedLength(rel));
}

function escapedLength(text: string): number {
  return ESCAPED.test(text) ? JSON.stringify(text).length - 2 : text.length;
}

// oxlint-disable-next-line no-control-regex -- JSON escapes control characters
const ESCAPED = /["\\\x00-\x1f]/;

/** As it is stored: white space collapsed, lower case. */
function relOf(rel: string): string | null {
  const text = collapse(clip(rel, LONGEST_REL * 2), LONGEST_REL);
  return text === '' ? null : text.toLowerCase();
}

/**
 * White space and control characters around an href do not count (URL standard, "basic URL parser"). In front of a fragment they
 * are in the middle: a `#` without anything behind it says so to whoever resolves the link.
 */
function withoutFragment(href: string): string {
  const hash = href.indexOf('#');
  // Past the end of a string V8 gives up its code for looking into it, and pages are full of "#top".
  if (hash === 0 || href === '') return '';
  const address =
    hash === -1 ? href : hash + LONG_FRAGMENT < href.length ? copyOf(href.slice(0, hash)) : href.slice(0, hash);
  const padded = address.charCodeAt(0) <= 32 || address.charCodeAt(address.length - 1) <= 32;
  if (!padded) return address;
  const text = trimmed(address);
  return hash === -1 || text === '' || address.charCodeAt(address.length - 1) > 32 ? text : `${address}#`;
}

function trimmed(address: string): string {
  let start = 0;
  let end = address.length;
  while (start < end && address.charCodeAt(start) <= 32) start++;
  while (end > start && address.charCodeAt(end - 1) <= 32) end--;
  return address.slice(start, end);
}

/** Host of a canonical URL, without port and without a dot at its end; an IPv6 address keeps its brackets. */
export function hostOf(url: string): string {
  const start = url.indexOf('://') + 3;
  let end = start;
  while (end < url.length && url[end] !== '/' && url[end] !== '?') end++;
  return plainHost(url.slice(start, end).replace(/:\d*$/, ''));
}
