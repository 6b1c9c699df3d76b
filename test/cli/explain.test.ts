import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ERROR_CLASSES, type ErrorClass } from '../../src/model/error-codes.ts';
import { type CliFolder, cliFolder } from '../support/cli.ts';
import { type FaultServer, startFaultServer } from '../../src/demo/faults/server.ts';

/** What each fault ends as, with one attempt of at most a second. */
const FAULTS: readonly (readonly [path: string, errorClass: ErrorClass])[] = [
  ['/reset', 'reset'],
  ['/empty', 'empty-response'],
  ['/hang', 'header-timeout'],
  ['/stall', 'body-timeout'],
  ['/truncated', 'truncated'],
  ['/garbage', 'protocol'],
  ['/headers/huge', 'header-overflow'],
  ['/encoded-wrong/garbage', 'decode'],
  ['/length/huge', 'too-large'],
  ['/redirect/12', 'too-many-redirects'],
  ['/redirect-loop', 'redirect-loop'],
  ['/redirect-none', 'bad-redirect'],
  ['/redirect-to?to=mailto:a@b.test', 'blocked-scheme'],
  ['/status/404', 'http-4xx'],
  ['/status/500', 'http-5xx'],
  ['/status/429', 'rate-limited'],
];

let server: FaultServer;
let folder: CliFolder;

beforeAll(async () => {
  server = await startFaultServer();
  folder = await cliFolder();
  const lines = ['id,url', ...FAULTS.map(([path], n) => `${String(n)},${server.url(path)}`)];
  lines.push(
    `90,${server.url('/ok')}`,
    `91,${server.url('/ok')}`,
    '92,mailto:a@b.test',
    '93,http://127.0.0.1:1/closed',
  );
  await folder.write('list.csv', `${lines.join('\n')}\n`);
  await folder.crawl('-i', 'list.csv', '-q', '--retries', '0', '-t', '1s');
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await server.close();
});

describe('crawl explain', () => {
  test('every failed URL of a run: class, reason, remedy and what to type', async () => {
    const faults = FAULTS.map(([path, name]) => [server.url(path), name] as const);
    faults.push(['http://127.0.0.1:1/closed', 'connect-refused']);
    const { code, stdout } = await folder.crawl('explain', ...faults.map(([url]) => url));
    expect(code).toBe(0);
    const stories = stdout.split('\n\n');
    expect(stories).toHaveLength(faults.length);
    for (const [index, [url, errorClass]] of faults.entries()) {
      const story = stories[index] ?? '';
      expect(story).toContain(url);
      expect(story).toContain(`failed, ${errorClass}: ${ERROR_CLASSES[errorClass].remedy}`);
      expect(story).toMatch(/Attempt 1 {3}\d{4}-.+(no answer, \S|HTTP \d{3})/);
      expect(story).toContain('given up');
      expect(story).toContain(`--error ${errorClass}`);
    }
  });

  test('a URL as people write it: not canonical, without its scheme', async () => {
    const word = server.url('/./ok#part').replace('http://', '');
    const { code, stdout } = await folder.ask('explain', word, '--db', 'data/list.db');
    expect(code).toBe(0);
    expect(stdout).toContain(`${server.url('/ok')}\n  State       done, answered with 200`);
    expect(stdout).toContain('list.csv; other columns {"id":"90"}');
    expect(stdout).toContain('again at line');
    expect(stdout).toContain(`at most 16 fetches at a time, no delay`);
  });

  test('what the crawler itself added to the time of a URL: the turn of a redirect', async () => {
    const url = server.url('/redirect/1');
    await folder.crawl(url, '-o', 'held.db', '-q', '--no-robots', '--delay', '500ms');
    const { stdout } = await folder.ask('explain', url, '--db', 'held.db');
    expect(stdout).toMatch(/waited \d+ ms for its turn \(host, permit, window\), .*and \d+ ms held back by this side/);
  });

  test('a line that is no URL', async () => {
    const { code, stdout } = await folder.ask('explain', 'mailto:a@b.test');
    expect(code).toBe(0);
    expect(stdout).toContain(
      'rejected, not a URL of this file, unsupported-scheme: it is neither http:// nor https://',
    );
    expect(stdout).toContain('line 20 of ');
  });

  test('a URL that still waits, of a run without a list: its host, the pause and the time', async () => {
    await using other = await cliFolder();
    const url = server.url('/status/429?retry-after=50');
    const run = other.start({}, '--json', url, '-o', 'x.db');
    // All that is left waits for the server's own time: the run says so at once, not after ten seconds.
    await run.saying('"holding":{"stage":"retry"');
    await run.saying('waiting for 1 URL of 127.0.0.1 until ');
    run.child.kill('SIGINT');
    const { stdout } = await run.result;
    const held = stdout.split('\n').find((line) => line.includes('"holding":{'));
    expect(Object.keys((JSON.parse(held ?? '{}') as { holding: object }).holding)).toEqual([
      'stage',
      'url',
      'host',
      'sinceMs',
      'until',
    ]);
    const story = (await other.ask('explain', url, '--db', 'x.db')).stdout;
    expect(story).toContain('queued after rate-limited: ');
    expect(story).toMatch(/to be tried again from \d{4}-.+Z on/);
    expect(story).toContain('the server said Retry-After: 50');
    expect(story).toMatch(/127\.0\.0\.1; at most 16 fetches at a time, no delay; asked to be left alone until \d{4}-/);
    expect(story).toContain('of URLs given directly');
  });

  test('a URL that is not there: the nearest that are, and exit code 2', async () => {
    const { code, stdout, stderr } = await folder.ask('explain', server.url('/status/405'), 'http://nowhere.test/');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      `${server.url('/status/405')} is not in data/list.db\n  nearest: ${server.url('/status/404')}`,
    );
    expect(stderr).toContain('http://nowhere.test/ is not in data/list.db\n  nor is any other URL of nowhere.test');
  });

  test('--json: one object a URL, also for those that are not there', async () => {
    const words = [server.url('/ok'), 'mailto:a@b.test', server.url('/status/405')];
    const { code, stdout } = await folder.ask('explain', '--json', ...words);
    expect(code).toBe(2);
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects.map(({ state }) => state)).toEqual(['done', 'rejected', 'unknown']);
    expect(objects[0]).toMatchObject({ page: { bytes: 2 }, attempts: [{ status: 200, address: '127.0.0.1' }] });
    expect(objects[2]).toMatchObject({ similar: expect.arrayContaining([server.url('/status/404')]) as unknown });
  });
});
