/**
 * A crawl through the library, as a process: `node bomb-run.ts URL…` reads the URLs with extraction rules, which make a tree of each
 * page, and prints one line of JSON: how each URL ended, and the longest time that the main thread stood still.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { crawl } from '../../src/index.ts';

export interface BombRun {
  /** By URL: `ok`, `parse_error` or error class, and the decoded size. */
  readonly ends: Readonly<Record<string, readonly [end: string, bytes: number]>>;
  readonly longestStallMs: number;
}

const stalls = monitorEventLoopDelay({ resolution: 5 });
const ends: Record<string, [string, number]> = {};
const pages = crawl({ urls: process.argv.slice(2), robots: false, extract: { heading: 'h1', bold: 'b' } });
for await (const page of pages) {
  // Loading the program is over by now.
  stalls.enable();
  const end = page.kind === 'done' ? (page.parseError ?? 'ok') : page.kind === 'failed' ? page.errorClass : page.kind;
  ends[page.url] = [end, page.kind === 'skipped' ? 0 : page.bytes];
}
const run: BombRun = { ends, longestStallMs: stalls.max / 1e6 };
console.log(JSON.stringify(run));
