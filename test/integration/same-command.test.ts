/**
 * The same command again, and its neighbours: nothing is fetched twice, an edited list adds its new URLs, another list is
 * refused, limits stop and resume, failed URLs can be tried again. The server's count of requests is the judge.
 */
import { copyFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliFolder, type CliFolder, type CliResult } from '../support/cli.ts';
import { snapshotOf, type Snapshot } from '../support/database-snapshot.ts';
import { startLatencyServer, type LatencyServer } from '../support/latency-server.ts';

/** Pages 7, 17, 27 … are gone for good; 5 fails as long as the server is broken. */
const LISTED = 30;

const FILE = 'data/list.db';

let folder: CliFolder;
let server: LatencyServer;
let isBroken = false;
let seen = 0;

beforeAll(async () => {
  folder = await cliFolder();
  server = await startLatencyServer({
    pages: 100,
    answer: (n) => {
      if (n % 10 === 7) return { status: 404, body: 'gone\n' };
      return n === 5 && isBroken ? { status: 500, body: 'broken\n' } : null;
    },
  });
  await writeList('list.txt', 0, LISTED);
  const { code, stderr } = await crawl('--urls', 'list.txt');
  expect({ code, requests: requests() }).toEqual({ code: 0, requests: LISTED });
  // A line per URL is for shorter lists.
  expect(stderr).not.toContain('Starting download');
  copyFileSync(inFolder(FILE), inFolder('crawled.db'));
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await server.close();
});

/** What is read of the pages makes no difference here. */
const crawl = (...args: string[]): Promise<CliResult> => folder.crawl(...args, '--parse', 'none');
const inFolder = (name: string): string => `${folder.path}/${name}`;

async function writeList(name: string, from: number, to: number): Promise<void> {
  await folder.write(name, server.urls().slice(from, to).join('\n'));
}

/** The list as it was at first, and the file of its run. */
async function crawledList(): Promise<void> {
  await writeList('list.txt', 0, LISTED);
  copyFileSync(inFolder('crawled.db'), inFolder(FILE));
}

/** Requests since the last call. */
function requests(): number {
  const fresh = server.log.length - seen;
  seen = server.log.length;
  return fresh;
}

function books(): Snapshot['books'] {
  return snapshotOf(inFolder(FILE)).books;
}

test('the same command again fetches nothing and says so', async () => {
  await crawledList();
  const again = await crawl('--urls', 'list.txt');
  expect({ code: again.code, requests: requests() }).toEqual({ code: 0, requests: 0 });
  expect(again.stderr).toContain('30 URLs settled: 27 done, 3 failed. crawl retry tries those again.');
  expect(books().urls).toEqual({ known: 30, queued: 0, done: 27, failed: 3, skipped: 0 });
});

test('an edited list adds its new URLs only', async () => {
  await crawledList();
  await writeList('list.txt', 10, 45);
  expect(await crawl('--urls', 'list.txt', '-q')).toMatchObject({ code: 0, stderr: '' });
  expect(requests()).toBe(15);
  expect(books().urls.known).toBe(45);
  expect(books().sources).toMatchObject([
    { lines: 30, added: 30 },
    { lines: 35, added: 15, knownBefore: 20, duplicate: 0 },
  ]);
});

test('another list is refused with the count of what the file holds, unless --add is given', async () => {
  await crawledList();
  await writeList('other.txt', 25, 40);
  const other = ['--urls', 'other.txt', '-o', FILE, '-q'];
  const refused = await crawl(...other);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('30 URLs');
  expect(refused.stderr).toContain('--add');
  expect({ requests: requests(), known: books().urls.known }).toEqual({ requests: 0, known: 30 });
  expect(await crawl(...other, '--add')).toMatchObject({ code: 0, stderr: '' });
  expect({ requests: requests(), known: books().urls.known }).toEqual({ requests: 10, known: 40 });
  // From now on both are lists of this file.
  expect(await crawl(...other)).toMatchObject({ code: 0, stderr: '' });
  expect(requests()).toBe(0);
});

test('a limit stops with exit code 4; the same command, or the file alone under its old settings, goes on', async () => {
  await writeList('list.txt', 0, LISTED);
  rmSync(inFolder(FILE), { force: true });
  const settings = ['-A', 'my-agent/1', '-c', '2'];
  const limited = await crawl('--urls', 'list.txt', '--max-pages', '12', ...settings);
  expect(limited.code).toBe(4);
  expect(limited.stderr).toContain(`Limit reached (--max-pages 12 reached): ${FILE}; `);
  expect(requests()).toBe(12);
  const { done, failed, known, queued } = books().urls;
  expect({ settled: done + failed, queued }).toEqual({ settled: 12, queued: known - 12 });
  expect(await crawl('--urls', 'list.txt', '--max-pages', '8', '-q', ...settings)).toMatchObject({ code: 4 });
  expect(requests()).toBe(8);
  // The limit was for that run alone.
  const rest = await crawl('-o', FILE, '-q', '--retries', '0');
  expect(rest).toMatchObject({ code: 0, stderr: '' });
  expect({ requests: requests(), urls: books().urls }).toMatchObject({
    requests: 10,
    urls: { known: 30, queued: 0, done: 27, failed: 3 },
  });
  const { stdout } = await folder.ask('query', 'SELECT config FROM run ORDER BY id DESC LIMIT 1', FILE);
  expect(JSON.parse(stdout)).toMatchObject({ fetch: { 'user-agent': 'my-agent/1', concurrency: 2, retries: 0 } });
});

test('crawl retry tries failed URLs again, all or those that a filter picks', async () => {
  await writeList('few.txt', 0, 20);
  isBroken = true;
  await crawl('--urls', 'few.txt', '-o', FILE, '--fresh', '--force', '--retries', '0', '-q');
  isBroken = false;
  expect(books().urls).toMatchObject({ done: 17, failed: 3 });
  requests();
  expect(await crawl('retry', FILE, '--status', '410', '-q')).toMatchObject({ code: 0, stderr: '' });
  expect(requests()).toBe(0);
  const picked = await crawl('retry', FILE, '--status', '5xx');
  expect(picked.code).toBe(0);
  expect(picked.stderr).toContain(`Starting download ${server.url(5)} (attempt 2)`);
  expect(requests()).toBe(1);
  expect(books().urls).toMatchObject({ done: 18, failed: 2 });
  // Of the one database in data/.
  expect(await crawl('retry', '-q')).toMatchObject({ code: 0 });
  expect(requests()).toBe(2);
  expect(books().urls).toMatchObject({ done: 18, failed: 2, queued: 0 });
});

test('--strict refuses a list with a bad line before any request', async () => {
  requests();
  await folder.write('bad.txt', `${server.url(0)}\nhttp://[no host/\n${server.url(1)}\n`);
  const strict = await crawl('--urls', 'bad.txt', '--strict');
  expect(strict.code).toBe(2);
  expect(strict.stderr).toContain('bad.txt:2');
  expect(requests()).toBe(0);
  expect(await crawl('--urls', 'bad.txt', '-q')).toMatchObject({ code: 0, stderr: '' });
  expect(requests()).toBe(2);
});
