/**
 * `crawl demo --crash`: the same crawl, killed with SIGKILL three times while it is at work, then finished; at the end the
 * database's books stand beside the server's own counts. The moments are random but seeded: a number of requests that the
 * server has seen. Exit code 1 unless nothing was lost and nothing stored twice.
 */
import type { DemoBooks } from './books.ts';
import { compareBooks, renderBooks } from './books.ts';
import { crawlWord, startCrawlProcess } from './crawl-process.ts';
import { between, seededRandom } from './random.ts';
import type { DemoServer } from './server.ts';
import { DEMO_SEED } from './site.ts';

export interface CrashOptions {
  readonly site: DemoServer;
  readonly urls: readonly string[];
  readonly list: string;
  readonly database: string;
  readonly json: boolean;
}

/** Shares of the list, in percent: a kill falls somewhere within each. */
const KILL_WINDOWS: readonly (readonly [number, number])[] = [
  [5, 30],
  [35, 55],
  [60, 85],
];

export async function crashDemo(options: CrashOptions): Promise<number> {
  const random = seededRandom(DEMO_SEED, 'moments of the kills');
  let args = ['--urls', options.list, '--fresh', '--force'];
  let kills = 0;
  for (const window of KILL_WINDOWS) {
    const requests = Math.round((options.urls.length * between(random, window[0], window[1])) / 100);
    const code = await runAndKill(args, options.site, requests);
    if (code !== null) return code;
    kills += 1;
    // From now on the same command without --fresh: it goes on where the killed one stopped.
    args = ['--urls', options.list];
  }
  say(`$ ${crawlWord()} ${args.join(' ')}\n`);
  const code = await startCrawlProcess(options.json ? [...args, '-q'] : args).ended;
  if (code !== 0) return code;

  const books = compareBooks(options.database, options.urls, await options.site.counts());
  if (options.json) process.stdout.write(`${JSON.stringify({ kills, ...books })}\n`);
  else say(`\n${renderBooks(books, kills)}`);
  return isClean(books) ? 0 : 1;
}

/** `null` after the kill; an exit code where the crawl ended on its own before, or did not get going. */
async function runAndKill(args: readonly string[], site: DemoServer, requests: number): Promise<number | null> {
  const startedAt = performance.now();
  const crawl = startCrawlProcess([...args, '-q']);
  say(`$ ${crawlWord()} ${args.join(' ')}`);
  const first = await Promise.race([crawl.ended, site.reached(requests).then(() => 'at work' as const)]);
  if (first !== 'at work') {
    say(`the crawl ended on its own with exit code ${first}, before the server had seen ${requests} requests`);
    return first === 0 ? 1 : first;
  }
  crawl.kill();
  await crawl.ended;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`  killed with SIGKILL after ${seconds} s, at the server's request number ${requests.toLocaleString('en-US')}`);
  return null;
}

function isClean(books: DemoBooks): boolean {
  return books.lost === 0 && books.storedTwice === 0 && books.unseen === 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
