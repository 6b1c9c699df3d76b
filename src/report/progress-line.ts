/**
 * Report: a running crawl in one plain line. In: a snapshot. Out: text without control characters; who shows it refreshes
 * it in place on a terminal or writes it now and then elsewhere.
 */
import type { ProgressSnapshot } from '../model/events.ts';
import { holdingText } from './holding-text.ts';
import { bytes, clockTime, count, percent, rate } from './numbers.ts';

/** `0:12  1,234/5,000  812/s  24.1 MB/s  32/32 in flight  queue 64%  12 failed  ETA 0:05`. */
export function progressLine(snapshot: ProgressSnapshot, bytesPerSecond: number): string {
  const { urls, gauges, inFlight, holding } = snapshot;
  const settled = urls.known - urls.queued;
  const parts = [
    clockTime(snapshot.elapsedMs),
    // While the list is still read, the total is only what has been read so far.
    `${count(settled)}/${count(urls.known)}${snapshot.importing ? '+' : ''}`,
  ];
  // Rates are 0 then: what counts is whom everything waits for, and it must not be cut off by a narrow terminal.
  if (holding !== null) return [...parts, holdingText(holding, urls.queued), failed(urls.failed)].join('  ');
  parts.push(
    `${rate(snapshot.pagesPerSecond)}/s`,
    `${bytes(bytesPerSecond)}/s`,
    `${count(inFlight)}/${count(gauges.fetch.capacity)} in flight`,
    `queue ${percent(gauges.ready.length, gauges.ready.capacity)}`,
    failed(urls.failed),
  );
  if (snapshot.draining) parts.push('finishing what is in flight');
  else if (snapshot.paused) parts.push('paused: low disk');
  else if (snapshot.etaMs !== null) parts.push(`ETA ${clockTime(snapshot.etaMs)}`);
  return parts.join('  ');
}

function failed(n: number): string {
  return `${count(n)} failed`;
}
