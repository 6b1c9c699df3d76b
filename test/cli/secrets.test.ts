/**
 * Secrets of the user, given in every way there is, are used and then nowhere to be found: not in the database (whole file,
 * write-ahead log included), not on the screen, not in the events.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliFolder, type CliFolder, type CliResult } from '../support/cli.ts';
import { proxyServer } from '../support/proxy-server.ts';
import { listen, portOf } from '../support/listen.ts';

/** Recognisable in any spelling: as it stands, and inside of `user:…` in base64 (three bytes make four characters). */
const CANARY = 'canary-9f3e7c';
const basic = (user: string): string => `Basic ${Buffer.from(`${user}:${CANARY}`).toString('base64')}`;

let server: Server;
let origin: string;
/** By path: what came with the request. */
let seen: Map<
  string,
  { authorization?: string | undefined; 'x-api-key'?: string | undefined; referer?: string | undefined }
>;

beforeAll(async () => {
  seen = new Map();
  server = createServer((request, response) => {
    const { authorization, referer } = request.headers;
    seen.set(request.url ?? '', { authorization, referer, 'x-api-key': request.headers['x-api-key'] as string });
    // The same password in a Location of the server's choice: followed once, and once into a loop that ends the attempt.
    const port = portOf(server);
    if (request.url === '/redirect')
      response.writeHead(302, { location: `http://u:${CANARY}@localhost:${port}/elsewhere` });
    if (request.url === '/loop') response.writeHead(302, { location: `http://u:${CANARY}@127.0.0.1:${port}/loop` });
    if (request.url === '/bad') response.writeHead(302, { location: `ftp://u:${CANARY}@127.0.0.1/` });
    response.end('<title>page</title>');
  });
  origin = `http://127.0.0.1:${await listen(server)}`;
});

afterAll(() => server.close());

async function expectNoTrace(folder: CliFolder, result: CliResult, inputs: readonly string[] = []): Promise<void> {
  const encoded = Buffer.from(CANARY).toString('base64').replace(/=+$/, '').slice(0, -1);
  const marks = [CANARY, encoded, basic('u').slice(6, -4), basic('someone').slice(6, -4), basic('').slice(6, -4)];
  const texts: [string, Buffer][] = [
    ['stdout', Buffer.from(result.stdout)],
    ['stderr', Buffer.from(result.stderr)],
  ];
  for (const name of await readdir(folder.path, { recursive: true })) {
    const file = path.join(folder.path, name);
    if (inputs.includes(name)) continue;
    const bytes = await readFile(file).catch(() => null);
    if (bytes !== null) texts.push([name, bytes]);
  }
  expect(texts.length).toBeGreaterThan(2);
  expect(texts.filter(([, bytes]) => marks.some((mark) => bytes.includes(mark))).map(([name]) => name)).toEqual([]);
}

const withPassword = (user: string, rest: string): string => origin.replace('//', `//${user}:${CANARY}@`) + rest;

test.each([
  [
    '-H in a row of short flags or without a blank',
    ['-vH', `Authorization: Bearer ${CANARY}`, `-HX-Api-Key:${CANARY}`],
  ],
  ['--set=', [`--set=fetch.headers={"Authorization":"Bearer ${CANARY}","X-Api-Key":"${CANARY}"}`]],
])('%s sends a header, and keeps no trace of it', async (_name, flags) => {
  await using folder = await cliFolder();
  seen.delete('/header');
  const result = await folder.crawl(`${origin}/header`, '--json', '-o', 'out.db', ...flags);
  expect([result.code, seen.get('/header')]).toEqual([0, { authorization: `Bearer ${CANARY}`, 'x-api-key': CANARY }]);
  await expectNoTrace(folder, result);
});

test('headers of an origin, from a config file and the environment', async () => {
  await using folder = await cliFolder();
  const config = `fetch: { origin-headers: { "${origin}": { X-Api-Key: ${CANARY} } } }`;
  await folder.write('crawl.yaml', config);
  const env = { CRAWL_FETCH__HEADERS: `{"Authorization":"${CANARY}"}` };
  const args = ['--config', 'crawl.yaml', `${origin}/origin`, '-o', 'out.db'];
  const result = await folder.crawlWith({ env }, '-v', ...args);
  expect([result.code, seen.get('/origin')]).toEqual([0, { authorization: CANARY, 'x-api-key': CANARY }]);
  await expectNoTrace(folder, result, ['crawl.yaml']);
  await expectNoTrace(folder, await folder.askWith({ env }, 'config', 'show', 'crawl.yaml'), ['crawl.yaml']);
  // Going on without them would fetch other pages than before.
  const again = await folder.crawl('-o', 'out.db');
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringMatching(/header authorization[^]*headers to http:\/\/127/),
  ]);
});

test('passwords in URLs become Authorization for their origin alone, also where a list is gone on with', async () => {
  await using folder = await cliFolder();
  const elsewhere = origin.replace('127.0.0.1', 'localhost');
  const lines = ['/first', '/redirect', '/loop', '/bad'].map((rest) => withPassword('u', rest));
  await folder.write(
    'list.txt',
    [...lines, `${elsewhere}/other`, `ftp://u:${CANARY}@h/`, `http://u:${CANARY}@/`].join('\n'),
  );
  const args = ['--urls', 'list.txt', '-o', 'out.db', '--delay', '0'];
  const first = await folder.crawl(...args, '--max-pages', '1', '--per-host', '1');
  expect(first.code).toBe(4);
  const result = await folder.crawl(...args, '--json', '--retries', '0');
  const basicOf = (rest: string): string | undefined => seen.get(rest)?.authorization;
  expect(['/first', '/redirect', '/loop', '/bad'].map(basicOf)).toEqual(Array.from({ length: 4 }, () => basic('u')));
  expect([basicOf('/other'), basicOf('/elsewhere')]).toEqual([undefined, undefined]);
  expect([...seen.values()].every(({ referer }) => referer === undefined)).toBe(true);
  await expectNoTrace(folder, first, ['list.txt']);
  await expectNoTrace(folder, result, ['list.txt']);
  const { stdout } = await folder.ask('query', '--json', 'SELECT url FROM urls ORDER BY url LIMIT 1', 'out.db');
  expect(stdout).toContain(`${origin}/bad`);
  // `retry` reads no list, and says what is missing.
  const retry = await folder.crawl('retry', 'out.db');
  expect(retry.stderr).toMatch(/user names or passwords \(.*list\.txt\)/);
  await expectNoTrace(folder, retry, ['list.txt']);
});

test('passwords in URLs of the command line and of patterns', async () => {
  await using folder = await cliFolder();
  const pattern = `${withPassword('someone', '/p')}{1..2}`;
  const result = await folder.crawl(withPassword('someone', '/word'), '--url-pattern', pattern, '-o', 'out.db', '-v');
  expect(result.code).toBe(0);
  for (const rest of ['/word', '/p1', '/p2']) expect(seen.get(rest)?.authorization).toBe(basic('someone'));
  await expectNoTrace(folder, result);
  await expectNoTrace(folder, await folder.ask('inspect', 'out.db'));
});

test('the password of a proxy goes to it alone', async () => {
  await using folder = await cliFolder();
  await using proxy = await proxyServer({ authorization: basic('u') });
  const address = `http://u:${CANARY}@127.0.0.1:${proxy.port}`;
  const result = await folder.crawl(`${origin}/proxied`, '-x', address, '-o', 'out.db', '--json', '--no-robots');
  expect([result.code, proxy.asked]).toEqual([0, [`GET ${origin}/proxied`]]);
  await expectNoTrace(folder, result);
  await expectNoTrace(folder, await folder.ask('config', 'show', `--proxy=${address}`));
  // No proxy is there any more: the message names it, without its password.
  await proxy[Symbol.asyncDispose]();
  const failed = await folder.crawl(
    `${origin}/failed`,
    '-x',
    address,
    '-o',
    'failed.db',
    '--retries',
    '0',
    '--no-robots',
  );
  expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining(`127.0.0.1:${proxy.port}`)]);
  await expectNoTrace(folder, failed);
  const again = await folder.crawl('-o', 'out.db');
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringMatching(/the proxy http:\/\/u:\*\*\*@127.*give it again/),
  ]);
});
