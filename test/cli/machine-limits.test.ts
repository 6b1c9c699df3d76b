/** A machine that has no more to give, or that stood still: no URL is lost, and nothing is blamed on a server. */
import { execFileSync } from 'node:child_process';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { effort } from '../support/effort.ts';
import { type LatencyServer, startLatencyServer } from '../support/latency-server.ts';

let server: LatencyServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Class and code of every attempt that got no answer. */
function failed(folder: CliFolder): unknown[] {
  const db = new Database(`${folder.path}/data/list.db`, { readonly: true });
  try {
    return db.prepare('SELECT DISTINCT error_class, error_code FROM fetch WHERE status IS NULL').raw().all();
  } finally {
    db.close();
  }
}

/** A list of 400 pages, each on a host of its own if there are 400: each leaves an idle connection behind. */
async function manyHosts(folder: CliFolder, hosts: number, latencyMs = 5): Promise<void> {
  server = await startLatencyServer({ pages: 400, latencyMs });
  const urls = server.urls().map((url, i) => url.replace('127.0.0.1', `h${String(i % hosts)}.localhost`));
  await folder.write('list.txt', `${urls.join('\n')}\n`);
}

test.each([400, 40])(
  'few file descriptors and %i hosts: what nobody uses is closed in time, so none is ever missing',
  async (hosts) => {
    await using folder = await cliFolder();
    await manyHosts(folder, hosts);
    const flags = ['-i', 'list.txt', '-c', '200', '--per-host', '200'];
    const { code, stderr } = await folder.crawlWith({ openFiles: 110 }, ...flags);
    expect(stderr).toContain('400 known = 0 queued + 400 done + 0 failed');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: the limit of open files leaves room for ');
    expect(stderr).not.toContain('no file descriptor left');
    expect(failed(folder)).toEqual([]);
  },
);

test('out of file descriptors: every URL is fetched in the end, with fewer at a time, and the run says so once', async () => {
  await using folder = await cliFolder();
  await manyHosts(folder, 400, 100);
  server?.hold();
  // Without robots.txt a host has no connection before its page is asked for.
  const flags = ['-c', '200', '--per-host', '200', '--parsers', '1', '--no-robots'];
  const run = folder.start({}, '-i', 'list.txt', ...flags);
  await server?.arrived(200);
  // More are open than may be from now on, and 200 hosts are still to come.
  execFileSync('prlimit', ['--nofile=64', '--pid', `${run.child.pid}`]);
  server?.release();
  const { code, stderr } = await run.result;
  expect(stderr).toContain('400 known = 0 queued + 400 done + 0 failed');
  expect(code).toBe(0);
  expect(stderr.match(/no file descriptor left .*: fetches in flight were lowered from \d+ to \d+/g)).toHaveLength(1);
  expect(failed(folder)).toEqual([['connect-refused', 'EMFILE']]);
});

test('too few open files to start at all is one line with its remedy, never a stack trace', async () => {
  await using folder = await cliFolder();
  server = await startLatencyServer({ pages: 1, latencyMs: 1 });
  const [url = ''] = server.urls();
  const codes = new Set<number | null>();
  for (let openFiles = 24; openFiles <= 36; openFiles += effort(3, 1)) {
    const { code, stderr } = await folder.crawlWith({ openFiles }, url, '-q', '-o', `${openFiles}.db`);
    codes.add(code);
    if (code === 0) continue;
    // Node itself warns where it cannot open what NODE_EXTRA_CA_CERTS names.
    expect(stderr.replace(/^Warning: .*\n/gm, '')).toMatch(/^crawl: [^\n]+\n$/);
    // Or 5: it is the database that cannot be opened.
    expect([2, 5]).toContain(code);
  }
  expect(codes.has(2)).toBe(true);
});

test('a process that was stopped for longer than its timeout fetches everything without a failed attempt', async () => {
  await using folder = await cliFolder();
  server = await startLatencyServer({ pages: 60, latencyMs: 300 });
  await folder.write('list.txt', `${server.urls().join('\n')}\n`);
  const run = folder.start({}, '-i', 'list.txt', '-c', '16', '-t', '1s', '--retries', '0');
  await server.arrived(server.log.length + 10);
  run.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  run.child.kill('SIGCONT');
  const { code, stderr } = await run.result;
  expect(stderr).toContain('60 known = 0 queued + 60 done + 0 failed');
  expect(code).toBe(0);
});
