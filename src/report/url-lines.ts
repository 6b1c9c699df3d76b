/**
 * Report: one line when a URL starts, finishes or fails, for runs of at most 20 URLs and with `-v`. In: events of the
 * engine. Out: text, or `null` for events that are not about one URL.
 */
import type { CrawlEvent } from '../model/events.ts';
import type { SettledRow } from '../model/ports.ts';
import { escapeControl } from './escape.ts';
import { count, seconds } from './numbers.ts';

/** Runs of at most this many URLs print a line per URL without being asked. */
export const URL_LINES_UP_TO = 20;

/** The line of one event; `null` when it has none. */
export function urlLine(event: CrawlEvent): string | null {
  switch (event.type) {
    case 'fetch-started': {
      const again = event.attempt > 1 ? ` (attempt ${String(event.attempt)})` : '';
      return `Starting download ${escapeControl(event.url)}${again}`;
    }
    case 'url':
      return settledLine(event.row, event.at);
    default:
      return null;
  }
}

/** One line of the list of sizes at the end: `url: N bytes`. */
export function sizeLine(row: SettledRow): string {
  return `${escapeControl(row.url)}: ${String(row.bytes ?? 0)} bytes`;
}

function settledLine(row: SettledRow, at: number): string {
  const url = escapeControl(row.url);
  if (row.state === 'done') {
    const parsed = row.parseError === null ? '' : `; not parsed: ${row.parseError}`;
    return `Finished download ${url} (size: ${String(row.bytes ?? 0)} bytes, ${count(row.totalMs)} ms)${parsed}`;
  }
  if (row.state === 'skipped') return `Skipped ${url}: ${row.reason ?? 'not asked'}`;
  const line = `Error downloading ${url}: ${failure(row)}`;
  if (row.state === 'failed') return line;
  const waitMs = row.notBefore === null ? 0 : Math.max(0, row.notBefore - at);
  return `${line}; trying again in ${seconds(waitMs)} s`;
}

/** Class first, for searching; then what happened, for reading. */
function failure(row: SettledRow): string {
  const what = row.errorClass ?? row.reason ?? 'failed';
  const status = row.status !== null && row.error === null ? ` ${String(row.status)}` : '';
  return row.error === null ? `${what}${status}` : `${what}: ${escapeControl(row.error)}`;
}
