/** What `pages` says of a URL that was answered more than once: it tells of the latest answer, however that one ended. */
import { createServer } from 'node:http';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { cliFolder } from '../support/cli.ts';
import { listen } from '../support/listen.ts';

const LARGE = 'x'.repeat(200_000);

test('an answer that cannot be kept leaves no earlier page in its place, one that is too large keeps its status', async () => {
  const hits = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const hit = (hits.get(path) ?? 0) + 1;
    hits.set(path, hit);
    const [name, first] = path.slice(1).split('-');
    response.on('error', () => undefined).setHeader('content-type', 'text/plain');
    if (path === '/robots.txt') response.writeHead(404).end();
    else if (first !== undefined && hit === 1) response.writeHead(500).end(first === 'large' ? LARGE : 'oops');
    else if (name === 'undecodable') response.setHeader('content-encoding', 'gzip').end('no gzip');
    else if (name === 'cut')
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    else if (name === 'large') response.writeHead(500).end(LARGE);
    else response.end('fine');
  });
  const port = await listen(server);
  await using folder = await cliFolder();
  const paths = ['undecodable-small', 'cut-small', 'fine-small', 'fine-large', 'large'];
  await folder.write('list.txt', paths.map((path) => `http://127.0.0.1:${port}/${path}\n`).join(''));
  const flags = ['-o', 'list.db', '-q', '--retries', '1', '--max-size', '100kB'];
  expect(await folder.crawl('--urls', 'list.txt', ...flags)).toMatchObject({ code: 0 });
  server.close();

  const db = new Database(`${folder.path}/list.db`, { readonly: true });
  const rows = (sql: string): unknown[] => db.prepare(sql).raw().all();
  const name = `substr(url, ${`http://127.0.0.1:${port}/`.length + 1})`;
  expect(rows(`SELECT ${name} AS name, state, reason, attempts FROM urls ORDER BY name`)).toEqual([
    ['cut-small', 'failed', 'truncated', 2],
    ['fine-large', 'done', null, 2],
    ['fine-small', 'done', null, 2],
    ['large', 'failed', 'http-5xx', 2],
    ['undecodable-small', 'failed', 'decode', 2],
  ]);
  expect(rows(`SELECT ${name} AS name, status, bytes, parse_error FROM pages ORDER BY name`)).toEqual([
    ['fine-large', 200, 4, null],
    ['fine-small', 200, 4, null],
    ['large', 500, null, 'too-large'],
  ]);
  expect(rows("SELECT content_type, warning FROM pages WHERE url LIKE '%/large'")).toEqual([
    ['text/plain', expect.stringMatching(/^the body was left out: .*100000 bytes.*--max-size$/)],
  ]);
  expect(
    rows(`SELECT ${name} AS name, attempt, error_class FROM errors WHERE name LIKE '%large' ORDER BY 1, 2`),
  ).toEqual([
    ['fine-large', 1, 'http-5xx'],
    ['large', 1, 'http-5xx'],
    ['large', 2, 'http-5xx'],
  ]);
  db.close();
});
