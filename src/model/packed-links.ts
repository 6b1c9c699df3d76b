/**
 * The links of one page as one string, from a parser thread to the database: JSON, `[[to, anchor, rel, n], …]` in document
 * order, which the view `links` reads row by row. As objects the 25 to 60 links of a page would be most of what it costs to
 * hand a page over, and as rows of their own most of what it costs to store it.
 */
import type { PageLink } from './page.ts';

/** '' for a page without links. */
export function packLinks(links: readonly PageLink[]): string {
  return links.length === 0 ? '' : JSON.stringify(links.map(({ to, anchor, rel, n }) => [to, anchor, rel, n]));
}
