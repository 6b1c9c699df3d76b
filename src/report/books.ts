/**
 * Report: both books as sums that a reader can add up. In: the books. Out: one line of text each, for the summary of a run
 * and for `crawl inspect`.
 */
import type { SourceBook, UrlBook } from '../model/url-state.ts';
import { escapeControl } from './escape.ts';
import { count, plural } from './numbers.ts';

/** `5 known = 0 queued + 4 done + 1 failed + 0 skipped`. */
export function urlSum({ known, queued, done, failed, skipped }: UrlBook): string {
  return `${count(known)} known = ${count(queued)} queued + ${count(done)} done + ${count(failed)} failed + ${count(skipped)} skipped`;
}

/** `7 lines = 5 new + 0 known before + … (list.txt)`. */
export function sourceSum(book: SourceBook): string {
  const sum =
    `${plural(book.lines, 'line')} = ${count(book.added)} new + ${count(book.knownBefore)} known before + ` +
    `${count(book.duplicate)} duplicate + ${count(book.rejected)} rejected + ${count(book.blank)} blank or comment`;
  const notes = [
    book.bareHosts > 0 ? `${plural(book.bareHosts, 'bare host')} read as https://` : '',
    book.complete ? '' : 'not read to its end',
  ].filter((note) => note !== '');
  return `${sum} (${[sourceName(book.name), ...notes].join('; ')})`;
}

/** A source as people know it: URLs given directly are named by their digest, which says nothing to them. */
export function sourceName(name: string): string {
  if (name === '-') return 'stdin';
  return /^[0-9a-f]{16}$/.test(name) ? 'URLs given directly' : escapeControl(name);
}
