/** The examples of README.md, run as they stand: only the address of the site and the package's name are put in. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDocument } from '../../support/documents.ts';
import { onlyFence } from './snippets.ts';

const README = readDocument('README.md');
const ROOT = new URL('../../../', import.meta.url);
const PAGE = '<title>A page</title><h1>Headline</h1><a href="/next">on</a>';

let folder: string;
let server: Server;
let site: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-readme-'));
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

describe('README', () => {
  test('the library example prints what became of its URL', async () => {
    const snippet = onlyFence(README, 'ts');
    expect(
      snippet
        .trim()
        .split('\n')
        .filter((line) => line !== '').length,
    ).toBeLessThanOrEqual(3);
    const program = snippet
      .replace("'weir-crawl'", JSON.stringify(new URL('src/index.ts', ROOT).href))
      .replace('https://example.com/', site);
    await writeFile(join(folder, 'library.ts'), program);
    expect(await run('library.ts')).toEqual({ code: 0, output: `done ${site}\n` });
  });

  test('the config example is a whole run, and its data set becomes a view', async () => {
    await writeFile(join(folder, 'crawl.yaml'), onlyFence(README, 'yaml'));
    await writeFile(join(folder, 'list.txt'), `${site}a\n${site}b\n`);
    const program = new URL('bin/crawl.js', ROOT).pathname;
    const { code, output } = await run(program, '--config', 'crawl.yaml', '-q');
    expect(output).toBe('');
    expect(code).toBe(0);
    const db = new SQLite(join(folder, 'data', 'crawl.db'), { readonly: true });
    try {
      expect(db.prepare('SELECT url, headline, first_link FROM articles ORDER BY url').all()).toEqual([
        { url: `${site}a`, headline: 'Headline', first_link: `${site}next` },
        { url: `${site}b`, headline: 'Headline', first_link: `${site}next` },
      ]);
      const queries = onlyFence(README, 'sql').trim().split('\n');
      expect(queries).toHaveLength(5);
      const rows = queries.map((query) => db.prepare(query).all());
      // Nothing failed here; all other queries have something to show.
      expect(rows.map((found) => found.length > 0)).toEqual([true, true, false, true, true]);
    } finally {
      db.close();
    }
  });
});
