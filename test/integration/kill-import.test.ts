/**
 * A kill while a long list is being imported, and one while the file is being made: the same command goes on from there, and
 * each line of the list is in the book exactly once.
 */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/demo/random.ts';
import { openReader } from '../../src/store/reader.ts';
import type { SourceBook } from '../../src/model/url-state.ts';
import { cliFolder } from '../support/cli.ts';
import { snapshotOf } from '../support/database-snapshot.ts';
import { effort } from '../support/effort.ts';
import { startLatencyServer } from '../support/latency-server.ts';

/** Enough that the moments of the kills fall within. */
const LINES = 80_000;

test('an import that is killed over and over ends with exactly the URLs and the book of its list', async () => {
  await using folder = await cliFolder();
  await using server = await startLatencyServer({ pages: LINES });
  // No answer ever comes: what the file holds is the import alone.
  server.hold();
  const { lines, book, urls } = mixedList(LINES, (n) => server.url(n));
  await folder.write('list.txt', `${lines.join('\n')}\n`);
  const args = ['--urls', 'list.txt', '-o', 'list.db', '-c', '1', '--parse', 'none', '-q'];
  const file = `${folder.path}/list.db`;
  const random = seededRandom(7, 'moments of the kills during import');

  const seen: number[] = [];
  let isComplete = false;
  while (!isComplete) {
    const last = seen.at(-1) ?? 0;
    const crawl = folder.start({}, ...args);
    // A random number of lines beyond what the last incarnation left.
    const goal = last + 1 + random() * (LINES / 10);
    await server.arrived(server.log.length + 1); // the first URLs are in the file
    const reader = openReader(file);
    await until(() => {
      const now = reader.books().sources[0];
      return now?.complete === true || (now?.lines ?? 0) >= goal;
    });
    reader.close();
    crawl.child.kill('SIGKILL');
    expect(await crawl.result).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    const { integrity, differences, books } = snapshotOf(file);
    expect({ integrity, differences }).toEqual({ integrity: 'ok', differences: [] });
    seen.push(books.sources[0]?.lines ?? 0);
    isComplete = books.sources[0]?.complete === true;
    expect(seen.at(-1)).toBeGreaterThanOrEqual(isComplete ? last : last + 1);
  }
  expect(seen.length, 'kills').toBeGreaterThan(3);

  const { books, urls: rows } = snapshotOf(file);
  expect(books.sources).toMatchObject([book]);
  expect(rows.map(({ url }) => url)).toEqual(urls);
  expect(rows.every(({ state }) => state === 'queued')).toBe(true);
});

test('a run that is killed while it makes its file can be started again', async () => {
  await using folder = await cliFolder();
  await using server = await startLatencyServer({ pages: 5 });
  await folder.write('list.txt', server.urls().join('\n'));
  for (let ms = 0; ms <= 30; ms += effort(15, 2)) {
    const args = ['--urls', 'list.txt', '-o', `${ms}.db`, '--parse', 'none', '-q'];
    const crawl = folder.start({}, ...args);
    await until(() => existsSync(`${folder.path}/${ms}.db`));
    await new Promise((resolve) => setTimeout(resolve, ms));
    crawl.child.kill('SIGKILL');
    await crawl.result;
    expect(await folder.crawl(...args), `killed after ${ms} ms`).toMatchObject({ code: 0, stderr: '' });
    expect(snapshotOf(`${folder.path}/${ms}.db`)).toMatchObject({
      differences: [],
      books: { urls: { known: 5, done: 5 } },
    });
  }
});

/** URLs, and among them comments, blank lines, doubles and lines that are no URLs; with the book that follows from them. */
function mixedList(
  length: number,
  url: (n: number) => string,
): { lines: string[]; book: Partial<SourceBook>; urls: string[] } {
  const lines: string[] = [];
  const count = { added: 0, duplicate: 0, rejected: 0, blank: 0 };
  for (let n = 0; n < length; n++) {
    if (n % 10 === 3) lines.push(n % 20 === 3 ? '' : '# a comment');
    else if (n % 50 === 7) lines.push(url(n - 1));
    else if (n % 1_000 === 11) lines.push('http://[not a host/');
    else lines.push(url(n));
    if (n % 10 === 3) count.blank++;
    else if (n % 50 === 7) count.duplicate++;
    else if (n % 1_000 === 11) count.rejected++;
    else count.added++;
  }
  const urls = [...new Set(lines.filter((line) => line.startsWith('http://1')))].sort();
  return { lines, book: { lines: length, ...count, knownBefore: 0, complete: true }, urls };
}

/** Looks every few milliseconds; what is looked at is a file, which tells nobody that it has changed. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
