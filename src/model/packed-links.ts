/**
 * The links of one page as one string, for the way from a parser thread to the store. As objects the 25 to 60 links of a
 * page would be most of what it costs to hand over (14 µs for 30 of them, 1 µs as a string).
 *
 * Four lines a link: target, anchor, rel (empty = none), occurrences. No field can hold a line feed: a canonical URL has no
 * control characters, anchor and rel have their white space collapsed.
 */
import type { PageLink } from './page.ts';

/** Takes one link of a page. */
export type LinkVisitor = (to: string, anchor: string, rel: string | null, n: number) => void;

/** Links in document order as one string; '' for a page without any. */
export function packLinks(links: readonly PageLink[]): string {
  let packed = '';
  for (const { to, anchor, rel, n } of links) packed += `${to}\n${anchor}\n${rel ?? ''}\n${n}\n`;
  return packed;
}

/** Hands each link of `packed` to `visit`, in order. */
export function eachLink(packed: string, visit: LinkVisitor): void {
  let at = 0;
  while (at < packed.length) {
    const toEnd = packed.indexOf('\n', at);
    const anchorEnd = packed.indexOf('\n', toEnd + 1);
    const relEnd = packed.indexOf('\n', anchorEnd + 1);
    const end = packed.indexOf('\n', relEnd + 1);
    const rel = relEnd === anchorEnd + 1 ? null : packed.slice(anchorEnd + 1, relEnd);
    visit(packed.slice(at, toEnd), packed.slice(toEnd + 1, anchorEnd), rel, Number(packed.slice(relEnd + 1, end)));
    at = end + 1;
  }
}
