import { createHash } from 'node:crypto';
import { copyFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';

import { eventsJsonSchema } from '../../src/report/event-schema.ts';
import { cliFolder, type CliFolder, type CliResult } from '../support/cli.ts';
import { type LatencyServer, pageSha256, startLatencyServer } from '../support/latency-server.ts';
import { listen } from '../support/listen.ts';

let server: LatencyServer;
/** A run of two pages and a URL that fails, in `x.db`: told as events, with a secret header. What only reads may read it. */
let folder: CliFolder;
let run: CliResult;

beforeAll(async () => {
  server = await startLatencyServer({ pages: 60, latencyMs: 20 });
  folder = await cliFolder();
  const secret = ['-H', 'Authorization: Bearer s3cret'];
  run = await folder.crawl(server.url(1), server.url(2), missing(), '-o', 'x.db', '--json', '-v', ...secret);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await server.close();
});

/** A URL that the server answers with 404. */
function missing(): string {
  return server.url(9999);
}

test('a small list: a line per URL, sizes of what was fetched, total time last, one database', async () => {
  await using folder = await cliFolder();
  await folder.write('list.txt', `${server.url(1)}\n${server.url(2)}\n# a comment\n${missing()}\n`);
  const { code, stdout, stderr } = await folder.crawl('--urls', 'list.txt');
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const lines = stderr.trimEnd().split('\n');
  for (const n of [1, 2]) {
    const url = server.url(n);
    const finished = lines.find((line) => line.startsWith(`Finished download ${url} (size: `));
    const size = /size: (\d+) bytes, \d+ ms\)/.exec(finished ?? '')?.[1];
    expect(lines).toContain(`Starting download ${url}`);
    expect(lines).toContain(`${url}: ${String(size)} bytes`);
  }
  expect(lines.some((line) => line.startsWith(`Error downloading ${missing()}: http-4xx`))).toBe(true);
  expect(lines.some((line) => line.startsWith(`${missing()}: `))).toBe(false);
  expect(stderr).toContain('3 known = 0 queued + 2 done + 1 failed + 0 skipped');
  expect(stderr).toContain('4 lines = 3 new + 0 known before + 0 duplicate + 0 rejected + 1 blank or comment');
  expect(lines.at(-1)).toMatch(/^Total time: \d+\.\d\d seconds$/);
  expect(existsSync(path.join(folder.path, 'data/list.db'))).toBe(true);
});

test.each([
  [
    ['verify', 'x.db'],
    /^x\.db is sound: URLs: 3 known = 0 queued \+ 2 done \+ 1 failed \+ 0 skipped; both books balance/,
  ],
  [['inspect', 'x.db'], /3 known = 0 queued \+ 2 done \+ 1 failed \+ 0 skipped/],
  [['help'], /^crawl fetches every URL of a list/],
  [['config', 'schema'], /^\{[^]*"\$schema"/],
])('crawl %j as a process of its own: its answer on stdout, nothing else', async (args, answer) => {
  const { code, stdout, stderr } = await folder.crawl(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(answer);
});

test('-q is silent, --fail-on-error makes one failure exit 3, and so does a file where all failed', async () => {
  await using folder = await cliFolder();
  const some = await folder.crawl(server.url(1), missing(), '-q', '--fail-on-error', '-o', 'some.db');
  expect(some).toMatchObject({ code: 3, stdout: '', stderr: '' });
  const all = await folder.crawl(missing(), '-q', '-o', 'all.db');
  expect(all).toMatchObject({ code: 3, stdout: '', stderr: '' });
});

test('--json writes events that fit the published schema, and nothing else, to stdout', () => {
  expect(run.code).toBe(0);
  const events = run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(events[0]?.type).toBe('run-started');
  expect(events.at(-1)?.type).toBe('run-ended');
  expect(events.filter(({ type }) => type === 'url')).toHaveLength(3);
  const schema = z.fromJSONSchema(eventsJsonSchema());
  for (const event of events) expect(schema.safeParse(event).error?.issues ?? []).toEqual([]);
});

test('URLs come from stdin, and a file is named after it', async () => {
  await using folder = await cliFolder();
  const { code } = await folder.crawlWith({ stdin: `${server.url(1)}\n${server.url(2)}\n` }, '-i', '-', '-q');
  expect(code).toBe(0);
  const { stdout } = await folder.ask('query', 'SELECT count(*) FROM sizes', 'data/stdin.db');
  expect(stdout).toBe('2\n');
});

test('--fresh asks for --force where a run would be lost', async () => {
  copyFileSync(path.join(folder.path, 'x.db'), path.join(folder.path, 'old.db'));
  const refused = await folder.crawl(server.url(3), '-o', 'old.db', '--fresh');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('old.db holds a run with 3 URLs, which --fresh would remove; add --force');
  const stored = ['query', 'SELECT url FROM sizes ORDER BY url', 'old.db'];
  expect((await folder.ask(...stored)).stdout).toBe(`${server.url(1)}\n${server.url(2)}\n`);
  expect((await folder.crawl(server.url(3), '-o', 'old.db', '--fresh', '--force', '-q')).code).toBe(0);
  expect((await folder.ask(...stored)).stdout).toBe(`${server.url(3)}\n`);
});

test('a file whose run was killed before its first commit is filled by the same command, or started over', async () => {
  await using folder = await cliFolder();
  await folder.write('x.db', '');
  const inspected = await folder.ask('inspect', 'x.db');
  expect(inspected.code).toBe(2);
  expect(inspected.stderr).toContain('x.db holds no run yet: run the same command again');
  expect((await folder.crawl(server.url(1), '-o', 'x.db', '--fresh', '-q')).code).toBe(0);
  await folder.write('y.db', '');
  expect((await folder.crawl(server.url(1), '-o', 'y.db', '-q')).code).toBe(0);
});

test('--strict names the lines of standard input as such', async () => {
  await using folder = await cliFolder();
  const { code, stderr } = await folder.crawlWith({ stdin: 'no url\n' }, '-i', '-', '-o', 'x.db', '--strict');
  expect(code).toBe(2);
  expect(stderr).toContain('stdin:1: ');
});

test('a secret header is sent, and is neither in the file nor on the screen', async () => {
  const { stdout } = await folder.ask('query', 'SELECT argv, config FROM run', 'x.db');
  expect(stdout).toContain('***');
  expect(run.stdout + run.stderr + stdout).not.toContain('s3cret');
});

test('cat says why an error page has no body: it did not decode, or none is kept', async () => {
  await using folder = await cliFolder();
  const odd = createServer((request, response) => {
    response.writeHead(404, request.url === '/odd' ? { 'content-encoding': 'x-nobody-knows' } : {}).end('not here');
  });
  const origin = `http://127.0.0.1:${await listen(odd)}`;
  try {
    await folder.crawl(`${origin}/odd`, `${origin}/plain`, '--bodies', 'none', '--no-robots', '-o', 'x.db', '-q');
  } finally {
    odd.close();
  }
  const undecoded = await folder.ask('cat', `${origin}/odd`, '--db', 'x.db');
  expect(undecoded.stderr).toBe(`crawl: ${origin}/odd: its body was left out, because it did not decode\n`);
  const unkept = await folder.ask('cat', `${origin}/plain`, '--db', 'x.db');
  expect(unkept.stderr).toBe(`crawl: ${origin}/plain: its body is not stored (--bodies none)\n`);
});

test('inspect, cat and query read what was stored', async () => {
  const body = await folder.crawl('cat', server.url(2), '--db', 'x.db');
  expect(createHash('sha256').update(body.stdout).digest('hex')).toBe(pageSha256(2));
  expect((await folder.ask('cat', server.url(2), '--db', 'x.db', '--text')).stdout).toContain(
    'Page 2 of the latency server.',
  );
  expect((await folder.ask('cat', server.url(2), '--db', 'x.db', '--headers')).stdout).toMatch(
    /^200 http[^\n]+\n(?:.+: .+\n)+$/,
  );
  const unknown = await folder.ask('cat', server.url(50), '--db', 'x.db');
  expect(unknown).toMatchObject({ code: 2, stderr: `crawl: ${server.url(50)} is not in x.db\n` });

  const inspected = await folder.crawlWith({ env: { CRAWL_DB: 'x.db' } }, 'inspect');
  expect(inspected.stdout).toContain('URLs       3 known = 0 queued + 2 done + 1 failed + 0 skipped');
  const tables = JSON.parse(
    (await folder.crawl('inspect', 'x.db', '--errors', '--largest', '1', '--json')).stdout,
  ) as Record<string, object[]>;
  expect(tables['largest']).toHaveLength(1);
  expect(tables['errors']).toMatchObject([{ url: missing(), status: 404, errorClass: 'http-4xx' }]);

  const csv = await folder.crawl('query', 'SELECT \'a,b\' AS "x y", \'say "hi"\' AS q, NULL AS n', 'x.db', '--csv');
  expect(csv.stdout).toBe('x y,q,n\r\n"a,b","say ""hi""",\r\n');
  const json = await folder.crawl(
    'query',
    'SELECT url, length(content(url)) AS n FROM sizes ORDER BY url',
    'x.db',
    '--json',
  );
  expect(
    json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([{ url: server.url(1) }, { url: server.url(2) }]);
  const wrong = await folder.ask('query', 'DELETE FROM url', 'x.db');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
});

test('a reader of query results that goes away ends the query quietly', async () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000) SELECT i FROM n';
  const query = folder.start({}, 'query', endless, 'x.db');
  await query.saying('1000\n');
  query.child.stdout?.destroy();
  const { code, stderr } = await query.result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
