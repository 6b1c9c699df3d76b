/**
 * The same command again, and its neighbours: nothing is fetched twice, an edited list adds its new URLs, another list is
 * refused, limits stop and resume, failed URLs can be tried again. The server's count of requests is the judge.
 */
import { expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { snapshotOf, type Snapshot } from '../support/database-snapshot.ts';
import { startLatencyServer, type LatencyServer } from '../support/latency-server.ts';

/** Pages 7, 17, 27 … are gone for good; 5 fails as long as the server is broken. */
const LISTED = 30;

interface Scene extends AsyncDisposable {
  readonly folder: CliFolder;
  readonly server: LatencyServer;
  isBroken: boolean;
  writeList(name: string, from: number, to: number): Promise<void>;
  books(): Snapshot['books'];
  /** Requests since the last call. */
  requests(): number;
}

async function scene(): Promise<Scene> {
  const folder = await cliFolder();
  let seen = 0;
  const at: Omit<Scene, 'server'> & { server?: LatencyServer } = {
    folder,
    isBroken: false,
    writeList: async (name, from, to) => {
      await folder.write(name, server.urls().slice(from, to).join('\n'));
    },
    books: () => snapshotOf(`${folder.path}/data/list.db`).books,
    requests: () => {
      const now = server.log.length;
      const fresh = now - seen;
      seen = now;
      return fresh;
    },
    [Symbol.asyncDispose]: async () => {
      await folder[Symbol.asyncDispose]();
      await server.close();
    },
  };
  const server = await startLatencyServer({
    pages: 100,
    answer: (n) => {
      if (n % 10 === 7) return { status: 404, body: 'gone\n' };
      return n === 5 && at.isBroken ? { status: 500, body: 'broken\n' } : null;
    },
  });
  await at.writeList('list.txt', 0, LISTED);
  return Object.assign(at, { server });
}

test('the same command again fetches nothing and says so', async () => {
  await using at = await scene();
  expect(await at.folder.crawl('--urls', 'list.txt')).toMatchObject({ code: 0 });
  expect(at.requests()).toBe(LISTED);
  const again = await at.folder.crawl('--urls', 'list.txt');
  expect({ code: again.code, requests: at.requests() }).toEqual({ code: 0, requests: 0 });
  expect(again.stderr).toContain('30 URLs settled: 27 done, 3 failed. crawl retry tries those again.');
  expect(at.books().urls).toEqual({ known: 30, queued: 0, done: 27, failed: 3, skipped: 0 });
});

test('an edited list adds its new URLs only', async () => {
  await using at = await scene();
  await at.folder.crawl('--urls', 'list.txt', '-q');
  at.requests();
  await at.writeList('list.txt', 10, 45);
  expect(await at.folder.crawl('--urls', 'list.txt', '-q')).toMatchObject({ code: 0, stderr: '' });
  expect(at.requests()).toBe(15);
  expect(at.books().urls.known).toBe(45);
  expect(at.books().sources).toMatchObject([
    { lines: 30, added: 30 },
    { lines: 35, added: 15, knownBefore: 20, duplicate: 0 },
  ]);
});

test('another list is refused with the count of what the file holds, unless --add is given', async () => {
  await using at = await scene();
  await at.folder.crawl('--urls', 'list.txt', '-q');
  at.requests();
  await at.writeList('other.txt', 25, 40);
  const other = ['--urls', 'other.txt', '-o', 'data/list.db', '-q'];
  const refused = await at.folder.crawl(...other);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('30 URLs');
  expect(refused.stderr).toContain('--add');
  expect({ requests: at.requests(), known: at.books().urls.known }).toEqual({ requests: 0, known: 30 });
  expect(await at.folder.crawl(...other, '--add')).toMatchObject({ code: 0, stderr: '' });
  expect({ requests: at.requests(), known: at.books().urls.known }).toEqual({ requests: 10, known: 40 });
  // From now on both are lists of this file.
  expect(await at.folder.crawl(...other)).toMatchObject({ code: 0, stderr: '' });
  expect(at.requests()).toBe(0);
});

test('a limit stops with exit code 4; the same command, or the file alone, goes on', async () => {
  await using at = await scene();
  const limited = await at.folder.crawl('--urls', 'list.txt', '--max-pages', '12');
  expect(limited.code).toBe(4);
  expect(limited.stderr).toContain('--max-pages 12 reached');
  expect(at.requests()).toBe(12);
  const { done, failed, known, queued } = at.books().urls;
  expect({ settled: done + failed, queued }).toEqual({ settled: 12, queued: known - 12 });
  expect(await at.folder.crawl('--urls', 'list.txt', '--max-pages', '8', '-q')).toMatchObject({ code: 4 });
  expect(at.requests()).toBe(8);
  // The limit was for that run alone.
  const rest = await at.folder.crawl('-o', 'data/list.db', '-q');
  expect(rest).toMatchObject({ code: 0, stderr: '' });
  expect({ requests: at.requests(), urls: at.books().urls }).toMatchObject({
    requests: 10,
    urls: { known: 30, queued: 0, done: 27, failed: 3 },
  });
});

test('crawl retry tries failed URLs again, all or those that a filter picks', async () => {
  await using at = await scene();
  at.isBroken = true;
  await at.folder.crawl('--urls', 'list.txt', '--retries', '0', '-q');
  expect(at.books().urls).toMatchObject({ done: 26, failed: 4 });
  at.requests();
  at.isBroken = false;
  expect(await at.folder.crawl('retry', 'data/list.db', '--status', '5xx', '-q')).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(at.requests()).toBe(1);
  expect(at.books().urls).toMatchObject({ done: 27, failed: 3 });
  expect(await at.folder.crawl('retry', '-q')).toMatchObject({ code: 0 });
  expect(at.requests()).toBe(3);
  expect(at.books().urls).toMatchObject({ done: 27, failed: 3, queued: 0 });
});

test('--strict refuses a list with a bad line before any request', async () => {
  await using at = await scene();
  await at.folder.write('bad.txt', `${at.server.url(0)}\nhttp://[no host/\n${at.server.url(1)}\n`);
  const strict = await at.folder.crawl('--urls', 'bad.txt', '--strict');
  expect(strict.code).toBe(2);
  expect(strict.stderr).toContain('bad.txt:2');
  expect(at.requests()).toBe(0);
  expect(await at.folder.crawl('--urls', 'bad.txt', '-q')).toMatchObject({ code: 0, stderr: '' });
  expect(at.requests()).toBe(2);
});
