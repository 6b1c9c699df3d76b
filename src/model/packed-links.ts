/**
 * The links of one page as one string, from a parser thread to the database: JSON, `[[to, anchor, rel, n], …]` in document
 * order, which the view `links` reads row by row. As objects the 25 to 60 links of a page would be most of what it costs to
 * hand a page over, and as rows of their own most of what it costs to store it.
 */
import { roomFor } from './large-memory.ts';
import type { PageLink } from './page.ts';

/** Characters from which on links are handed over as bytes: as a string of two bytes a character they would be copied from thread to thread. */
const LARGE = 350_000;
/** JSON's own characters of a link, its number included. */
const FRAME = 30;

/**
 * '' for a page without links; UTF-8, in a buffer of its own, for very much of them.
 * @param characters Of all addresses, anchors and rels as JSON writes them, where there are more than `LARGE`; else 0 will do.
 */
export function packLinks(links: readonly PageLink[], characters = 0): string | Uint8Array {
  if (links.length === 0) return '';
  if (characters <= LARGE) return JSON.stringify(links.map(rowOf));
  const bytes = Buffer.allocUnsafeSlow(roomFor(3 * characters + FRAME * links.length + 2));
  let end = 0;
  for (const link of links) end += bytes.write(`${end === 0 ? '[' : ','}${JSON.stringify(rowOf(link))}`, end);
  end += bytes.write(']', end);
  return bytes.subarray(0, end);
}

function rowOf({ to, anchor, rel, n }: PageLink): unknown[] {
  return [to, anchor, rel, n];
}
