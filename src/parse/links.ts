/**
 * The links of one page: each distinct target once, in document order, with its first anchor and how often it occurs.
 *
 * In: hrefs as written (entities decoded). Out: `PageLink`s, absolute and canonical. Hrefs are de-duplicated before they
 * are resolved, because resolving is what costs: a navigation bar names the same page many times over.
 * Bounded: beyond `MOST_LINKS` hrefs or `MOST_CHARACTERS` in them they are only counted.
 */
import type { PageLink } from '../model/page.ts';
import type { LinkResolver } from '../url/resolve-links.ts';
import { DistinctCounter } from './distinct-counter.ts';
import { clip, collapse } from './visible-text.ts';

/** Links kept per page. Real pages have about 100 hrefs; more than this is a generated page or a trap. */
export const MOST_LINKS = 10_000;

/** Characters of the links kept per page, as written and once more resolved, with their anchors. */
const MOST_CHARACTERS = 2_000_000;

const LONGEST_REL = 100;

/** A link whose target is still as written. */
export interface LinkDraft {
  /** Without fragment. */
  readonly href: string;
  /** Filled in by the reader. */
  rel: string | null;
  /** Filled in by the reader when the element ends. */
  anchor: string;
  n: number;
}

export interface ResolvedLinks {
  readonly links: readonly PageLink[];
  /** Distinct links before cap and filter. Beyond the cap distinct hrefs are counted, unresolved. */
  readonly total: number;
  /** How many of them were kept for the filter: fewer where there were too many. */
  readonly kept: number;
}

export class LinkCollector {
  /** Href without fragment → its link. */
  readonly #drafts = new Map<string, LinkDraft>();
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

  /**
   * @param onlyHost Keep links to this host only; `null` = all.
   * @param skipSelf Hrefs that are nothing but a fragment (or empty) point to the page itself: no links. False where a
   *   `<base>` sends them elsewhere.
   */
  resolve(resolver: LinkResolver, onlyHost: string | null, skipSelf: boolean): ResolvedLinks {
    const byTarget = new Map<string, { to: string; anchor: string; rel: string | null; n: number }>();
    let beyond = this.#beyond?.count ?? 0;
    let characters = 0;
    for (const draft of this.#drafts.values()) {
      if (skipSelf && draft.href === '') continue;
      const to = resolver.resolve(draft.href);
      if (to === null) continue;
      const known = byTarget.get(to);
      if (known !== undefined) {
        known.n += draft.n;
        continue;
      }
      // Han is nine times as long in a URL as it is in a page.
      characters += to.length + draft.anchor.length;
      if (characters > MOST_CHARACTERS) beyond++;
      else byTarget.set(to, { to, anchor: draft.anchor, rel: draft.rel, n: draft.n });
    }
    const all = [...byTarget.values()];
    const links = onlyHost === null ? all : all.filter((link) => hostOf(link.to) === onlyHost);
    return { links, total: all.length + beyond, kept: all.length };
  }
}

/** As it is stored: white space collapsed, lower case. */
export function relOf(rel: string): string | null {
  const text = collapse(clip(rel, LONGEST_REL * 2), LONGEST_REL);
  return text === '' ? null : text.toLowerCase();
}

/** White space around an href does not count (HTML standard, "strip leading and trailing ASCII whitespace"). */
function withoutFragment(href: string): string {
  const hash = href.indexOf('#');
  // Past the end of a string V8 gives up its code for looking into it, and pages are full of "#top".
  if (hash === 0 || href === '') return '';
  const address = hash === -1 ? href : href.slice(0, hash);
  const padded = address.charCodeAt(0) <= 32 || address.charCodeAt(address.length - 1) <= 32;
  return padded ? address.trim() : address;
}

/** Host name of a canonical URL, without port; an IPv6 address keeps its brackets. */
export function hostOf(url: string): string {
  const start = url.indexOf('://') + 3;
  let end = start;
  while (end < url.length && url[end] !== '/' && url[end] !== '?') end++;
  return url.slice(start, end).replace(/:\d*$/, '');
}
