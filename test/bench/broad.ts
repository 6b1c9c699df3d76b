/**
 * `node test/bench/broad.ts`: a broad crawl, many hosts of one to three pages, each answering after 50 to 300 ms. Nothing but
 * the number in flight should bound it: the ideal time is the sum of all latencies divided by that number. Prints the share
 * of the ideal that is reached between the first request and the last answer, and by the whole process with its start and
 * end; pages per second, the peak memory and the processor time. With `--hosts 200 --pages 50` fewer hosts of 50 pages each.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { measure } from './measured-process.ts';
import { makeWorkFolder } from './work-folder.ts';

const USAGE =
  'usage: node test/bench/broad.ts [--hosts 20000] [--pages 1-3] [--concurrency 256|auto] [-- further flags of crawl]';
const LEAST_SHARE = 0.85;
const MOST_BYTES = 350e6;
const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const SERVER = fileURLToPath(new URL('small-server.ts', import.meta.url));

const { values: options, positionals: flags } = parseArgs({
  options: {
    hosts: { type: 'string', default: '20000' },
    pages: { type: 'string', default: '1-3' },
    concurrency: { type: 'string', default: '256' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (options.help) console.log(USAGE);
else await main(Number(options.hosts), options.pages, options.concurrency);

async function main(hosts: number, pages: string, concurrency: string): Promise<void> {
  const server = spawn(process.execPath, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const folder = await makeWorkFolder('broad');
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const { urls, latencyMs } = pagesOf(hosts, pages, Number(line.toString()));
    const list = join(folder, 'list.txt');
    const database = join(folder, 'run.db');
    await writeFile(list, urls.join('\n'));
    const args = [PROGRAM, '-i', list, '-o', database, '-q', '-c', concurrency, ...flags];
    const run = await measure(args, folder);
    const crawled = crawledIn(database);
    if (crawled.done !== urls.length) throw new Error(`${crawled.done} of ${urls.length} URLs are done`);
    const idealMs = latencyMs / (concurrency === 'auto' ? 256 : Number(concurrency));
    const share = idealMs / crawled.ms;
    console.log(
      `${hosts} hosts, ${urls.length} pages, ${concurrency} in flight: ${(crawled.ms / 1_000).toFixed(1)} s of which ideal ` +
        `${(idealMs / 1_000).toFixed(1)} s = ${share.toFixed(3)} (to reach: ${LEAST_SHARE}); whole run ${(run.wallMs / 1_000).toFixed(1)} s = ` +
        `${(idealMs / run.wallMs).toFixed(3)}, ${Math.round((urls.length * 1_000) / run.wallMs)} pages/s, ` +
        `CPU ${((run.cpuSeconds / urls.length) * 1_000).toFixed(2)} s per 1,000 pages, peak RSS ${Math.round(run.peakRssBytes / 1e6)} MB ` +
        `(to reach: ${MOST_BYTES / 1e6})`,
    );
    process.exitCode = share >= LEAST_SHARE && run.peakRssBytes <= MOST_BYTES ? 0 : 1;
  } finally {
    server.stdin.end();
    await rm(folder, { recursive: true });
  }
}

/** Host `i` has 1 + i mod 3 pages, or `pages`; latencies are spread evenly from 50 to 300 ms. */
function pagesOf(hosts: number, pages: string, port: number): { urls: string[]; latencyMs: number } {
  const urls: string[] = [];
  let latencyMs = 0;
  for (let host = 0; host < hosts; host++) {
    const count = pages === '1-3' ? 1 + (host % 3) : Number(pages);
    for (let page = 0; page < count; page++) {
      const ms = 50 + ((urls.length * 97) % 251);
      urls.push(`http://h${host}.localhost:${port}/page/${page}?ms=${ms}`);
      latencyMs += ms;
    }
  }
  return { urls, latencyMs };
}

/** From the first request to the last answer. */
function crawledIn(file: string): { done: number; ms: number } {
  const db = new Database(file, { readonly: true });
  try {
    const sql = `SELECT (SELECT count(*) FROM url WHERE state = 'done') AS done,
                        max(started_at + total_ms) - min(started_at) AS ms FROM fetch`;
    return db.prepare<[], { done: number; ms: number }>(sql).get() ?? { done: 0, ms: Number.NaN };
  } finally {
    db.close();
  }
}
