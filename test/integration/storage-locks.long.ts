/** Another program holds the file for longer than SQLite waits by itself: back-pressure, not loss. And limits during a pause. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { expectWholeList, snapshotOf } from '../support/database-snapshot.ts';
import { startLatencyServer, type LatencyServer } from '../support/latency-server.ts';

const PAGES = 400;
/** Pages between fetch and commit, at most: far fewer than there are, so that a store that waits must stop the fetchers. */
const WINDOW = ['-c', '16', '--set', 'pipeline.page-queue=50'];

let server: LatencyServer;
beforeAll(async () => {
  server = await startLatencyServer({ pages: PAGES });
});
afterAll(() => server.close());
beforeEach(() => server.forget());

async function listed(): Promise<CliFolder> {
  const folder = await cliFolder();
  await folder.write('list.txt', `${server.urls().join('\n')}\n`);
  return folder;
}

test("another program's lock on the file is waited for: nothing is lost", async () => {
  await using folder = await listed();
  const file = join(folder.path, 'list.db');
  server.hold();
  const run = folder.start({}, '--urls', 'list.txt', '-o', file, ...WINDOW);
  await server.arrived(4);
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  server.release();
  // The store says so after the 5 s for which SQLite waits by itself.
  await run.saying('another program holds');
  expect(server.log.length).toBeLessThan(PAGES);
  other.exec('ROLLBACK');
  other.close();
  expect(await run.result).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('warning: another program holds'),
  });
  expectWholeList(snapshotOf(file), server);
});

test('a file that is locked when the run starts is waited for', async () => {
  await using folder = await listed();
  const file = join(folder.path, 'list.db');
  const args = ['--urls', 'list.txt', '-o', file, '-q'];
  expect(await folder.crawl(...args, '--max-pages', '5')).toMatchObject({ code: 4 });
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  const run = folder.start({}, ...args);
  const timer = setTimeout(() => other.close(), 1_500);
  expect(await run.result).toMatchObject({ code: 0, stderr: '' });
  clearTimeout(timer);
  expectWholeList(snapshotOf(file), server);
});

test('a pause for want of space ends with --max-time', async () => {
  await using folder = await listed();
  const floor = ['--set', 'storage.min-free=1000000GB'];
  const { code, stderr } = await folder.crawl('--urls', 'list.txt', '-o', 'list.db', '--max-time', '1500ms', ...floor);
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/storage\.min-free=SIZE\npaused/) });
  expect(server.log).toHaveLength(0);
});
