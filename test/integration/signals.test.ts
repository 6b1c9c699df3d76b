/**
 * Ends that come from outside: Ctrl-C once and twice, SIGTERM, SIGHUP, a reader of the output that goes away, outputs that fail, a second run on the
 * same file. After each of them the same command ends in exactly the set of the list. The server holds its answers back, so
 * that each signal finds the same fetches in flight.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliFolder, type CliFolder, type RunningCli } from '../support/cli.ts';
import { expectWholeList, snapshotOf } from '../support/database-snapshot.ts';
import { startLatencyServer, type LatencyServer } from '../support/latency-server.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));
const PAGES = 40;
const IN_FLIGHT = 4;
const ARGS = ['--urls', 'list.txt', '-o', 'list.db', '-c', `${IN_FLIGHT}`];

interface Scene extends AsyncDisposable {
  readonly folder: CliFolder;
  readonly server: LatencyServer;
  readonly file: string;
}

async function scene(): Promise<Scene> {
  const folder = await cliFolder();
  const server = await startLatencyServer({ pages: PAGES });
  await folder.write('list.txt', server.urls().join('\n'));
  return {
    folder,
    server,
    file: `${folder.path}/list.db`,
    [Symbol.asyncDispose]: async () => {
      await folder[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** Starts the crawl and waits until `IN_FLIGHT` more requests are with the server, which does not answer them. */
async function startHeld({ folder, server }: Scene): Promise<RunningCli> {
  server.hold();
  const crawl = folder.start({}, ...ARGS);
  await server.arrived(server.log.length + IN_FLIGHT);
  return crawl;
}

/** The same command again: every URL of the list in the end, and `requests` at the server in all. */
async function expectExactEnd({ folder, server, file }: Scene, requests: number): Promise<void> {
  server.release();
  expect(await folder.crawl(...ARGS)).toMatchObject({ code: 0 });
  expectWholeList(snapshotOf(file), server);
  expect(server.log).toHaveLength(requests);
}

describe('a signal', () => {
  // Each of them stops what the one before it has left.
  let at: Scene;
  beforeAll(async () => void (at = await scene()));
  afterAll(() => at[Symbol.asyncDispose]());

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s lets what is in flight finish, saves it and exits with %i', async (signal, code) => {
    const done = at.server.log.length + IN_FLIGHT;
    const crawl = await startHeld(at);
    crawl.child.kill(signal);
    await crawl.saying(`${signal}: finishing what is in flight`);
    expect(at.server.log).toHaveLength(done);
    at.server.release();
    expect(await crawl.result).toMatchObject({
      code,
      signal: null,
      stderr: expect.stringContaining(`Stopped (${signal}): list.db; `),
    });
    const { books, differences } = snapshotOf(at.file);
    expect(differences).toEqual([]);
    expect(books.urls).toEqual({ known: PAGES, queued: PAGES - done, done, failed: 0, skipped: 0 });
  });

  test('leaves what the same command finishes: one page for each URL of the list, with its digest', async () => {
    await expectExactEnd(at, PAGES);
  });
});

test('a second SIGINT stops at once: what was in flight is asked again by the next run', async () => {
  await using at = await scene();
  const crawl = await startHeld(at);
  crawl.child.kill('SIGINT');
  await crawl.saying('finishing what is in flight');
  crawl.child.kill('SIGINT');
  // The server still holds its answers: the end cannot have waited for them.
  expect(await crawl.result).toMatchObject({
    code: 130,
    signal: null,
    stderr: expect.stringContaining('SIGINT: stopping now'),
  });
  expect(snapshotOf(at.file).books.urls).toMatchObject({ known: PAGES, queued: PAGES });
  await at.server.idle();
  await expectExactEnd(at, PAGES + IN_FLIGHT);
});

test('crawl --json | head -1 ends quietly, with work left, and resumes', async () => {
  await using at = await scene();
  at.server.setLatency(5);
  expect(await readFirstLine(at.folder)).toEqual({
    line: expect.stringContaining('"type":"run-started"'),
    code: '4',
    stderr: '',
  });
  const { books, differences } = snapshotOf(at.file);
  expect({ differences, done: books.urls.done, queued: books.urls.queued }).toEqual({
    differences: [],
    done: at.server.log.length,
    queued: PAGES - at.server.log.length,
  });
  expect(books.urls.queued).toBeGreaterThan(0);
  await expectExactEnd(at, PAGES);
});

test.each([
  ['messages do not fit on their disk: the run goes on', '2>/dev/full', [], 0, ''],
  [
    'events do not fit on theirs: the run stops and says that some are missing',
    '>/dev/full',
    ['--json', '-q'],
    5,
    /^crawl: standard output could not be written.*ENOSPC/,
  ],
])('%s', async (_, redirection, flags, code, said) => {
  await using at = await scene();
  const script = `"$@" ${redirection}`;
  const end = await inShell(at.folder, script, flags);
  expect(end).toEqual({ code, stderr: expect.stringMatching(said) });
  const left = snapshotOf(at.file);
  expect(left.differences).toEqual([]);
  if (code === 0) expectWholeList(left, at.server);
  else await expectExactEnd(at, PAGES);
});

test('output that does not fit on its disk is exit 5, however little it is', async () => {
  await using folder = await cliFolder();
  const end = await inShell(folder, '"$1" "$2" --help >/dev/full', []);
  expect(end).toEqual({ code: 5, stderr: expect.stringMatching(/^crawl: standard output could not be written/) });
});

test('a second run on the same file is refused at once, and may follow when the first has been killed', async () => {
  await using at = await scene();
  const first = await startHeld(at);
  const second = await at.folder.crawl(...ARGS);
  expect(second.code).toBe(5);
  expect(second.stderr).toContain(`process ${first.child.pid} on `);
  expect(at.server.log).toHaveLength(IN_FLIGHT);
  first.child.kill('SIGKILL');
  await first.result;
  await at.server.idle();
  await expectExactEnd(at, PAGES + IN_FLIGHT);
});

/** Runs `script` in a shell, with the crawl's command line as its arguments. */
async function inShell(
  folder: CliFolder,
  script: string,
  flags: readonly string[],
): Promise<{ code: number | null; stderr: string }> {
  const shell = spawn('bash', ['-c', script, 'bash', process.execPath, PROGRAM, ...ARGS, ...flags], {
    cwd: folder.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return await new Promise((resolve) => shell.once('close', (code) => resolve({ code, stderr })));
}

/** `crawl … --json | head -1` in a shell: what head printed, the exit code of the crawl, what it said on stderr. */
async function readFirstLine(folder: CliFolder): Promise<{ line: string; code: string; stderr: string }> {
  const script = '"$@" 2>stderr.txt | head -1; echo "${PIPESTATUS[0]}"; cat stderr.txt';
  const command = [process.execPath, PROGRAM, ...ARGS, '--json', '--progress', 'none'];
  const shell = spawn('bash', ['-c', script, 'bash', ...command], { cwd: folder.path });
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await new Promise((resolve) => shell.once('close', resolve));
  const [line = '', code = '', ...stderr] = output.split('\n');
  return { line, code, stderr: stderr.join('\n') };
}
