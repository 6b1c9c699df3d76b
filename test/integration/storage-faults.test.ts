/**
 * Disks that are full or run low, with the program as a process. Whatever happens is said with a remedy, and in the end the same
 * command has every URL of the list.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { expectWholeList, snapshotOf } from '../support/database-snapshot.ts';
import { startLatencyServer, type LatencyServer } from '../support/latency-server.ts';
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts';

const PAGES = 150;
const MB = 1_000_000;
const why = whyNoSmallDisk();
if (why !== null) console.warn(`SKIPPED, small disks: ${why}`);

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

function runStates(file: string): unknown[] {
  const db = new Database(file);
  try {
    return db.prepare('SELECT state, reason FROM run ORDER BY id').raw().all();
  } finally {
    db.close();
  }
}

describe.skipIf(why !== null)('a small disk', () => {
  test('full: exit 5 with the remedy, what was committed is kept, and it goes on when there is space', async () => {
    await using folder = await listed();
    using disk = smallDisk(1 * MB);
    const file = join(disk.path, 'list.db');
    const args = ['--urls', 'list.txt', '-o', file, '-q', '--set', 'storage.min-free=0'];
    const full = await folder.crawl(...args);
    expect(full).toMatchObject({ code: 5, stderr: expect.stringMatching(/^crawl: no space left .*free some space/) });
    expect(full.stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse((await folder.ask('inspect', file, '--json')).stdout)).toMatchObject({
      lastRun: { state: 'failed', reason: expect.stringMatching(/no space left|disk failed/) },
    });
    const kept = snapshotOf(file);
    expect(kept.integrity).toBe('ok');
    expect(kept.books.urls.known).toBe(PAGES);
    disk.resize(40 * MB);
    expect(await folder.crawl(...args)).toMatchObject({ code: 0, stderr: '' });
    expectWholeList(snapshotOf(file), server);
    expect(readdirSync(disk.path)).toEqual(['list.db']);
    expect(runStates(file)).toEqual([
      ['failed', expect.stringMatching(/no space left|disk failed/)],
      ['finished', null],
    ]);
  });

  test('full from the start: exit 5 before any request', async () => {
    await using folder = await listed();
    using disk = smallDisk(1 * MB);
    disk.fill();
    const { code, stderr } = await folder.crawl('--urls', 'list.txt', '-o', join(disk.path, 'data/list.db'));
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringMatching(/no space left|cannot be opened/) });
    expect(server.log).toHaveLength(0);
  });

  test('low: pauses, says so, and goes on by itself when there is space', async () => {
    await using folder = await listed();
    using disk = smallDisk(40 * MB);
    disk.ballast(30 * MB);
    const file = join(disk.path, 'list.db');
    const args = ['--urls', 'list.txt', '-o', file, '--set', 'storage.min-free=20MB'];
    const run = folder.start({}, ...args, '--json');
    await run.saying('"type":"paused"');
    expect(server.log).toHaveLength(0);
    disk.ballast(0);
    const { code, stdout, stderr } = await run.result;
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: only .* are free .* lower the floor with --set storage\.min-free=SIZE/);
    expect(stdout).toContain('"type":"resumed"');
    expectWholeList(snapshotOf(file), server);
  });

  test('low: Ctrl-C ends the pause', async () => {
    await using folder = await listed();
    using disk = smallDisk(10 * MB);
    const run = folder.start({}, '--urls', 'list.txt', '-o', join(disk.path, 'list.db'));
    await run.saying('paused');
    run.child.kill('SIGINT');
    expect(await run.result).toMatchObject({ code: 130 });
    expect(server.log).toHaveLength(0);
  });
});
