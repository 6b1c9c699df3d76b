/** The examples of README.md, run as they stand: only the address of the site and the package's name are put in. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemoSite } from '../../../src/demo/server.ts';
import { readDocument } from '../../support/documents.ts';
import { onlyFence } from './snippets.ts';
import { listen } from '../../support/listen.ts';

const README = readDocument('README.md');
const ROOT = new URL('../../../', import.meta.url);
const PAGE = '<title>A page</title><h1>Headline</h1><a href="/next">on</a>';

let folder: string;
let server: Server;
let site: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-readme-'));
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  site = `http://127.0.0.1:${await listen(server)}/`;
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

/** Times and durations differ from run to run. */
function masked(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').replaceAll(/[\d,]+ ms/g, 'N ms');
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

  test('crawl explain tells what the session shows', async () => {
    const demo = await startDemoSite({ port: 0, speed: 1 });
    try {
      const shown = /\$ crawl explain (\S+)\n([^]*?)\n…\n```/.exec(README);
      const [, word = '', story = ''] = shown ?? [];
      // Only that URL, on its own line of the list.
      const list = readFileSync(new URL('data/urls.txt', ROOT), 'utf8').split('\n');
      const lines = list.map((line) => (line === `http://${word}` ? line.replace('8321', String(demo.port)) : ''));
      await mkdir(join(folder, 'data'), { recursive: true });
      await writeFile(join(folder, 'data/urls.txt'), lines.join('\n'));
      const program = fileURLToPath(new URL('bin/crawl.js', ROOT));
      await run(program, '--urls', 'data/urls.txt', '-q');
      const { output } = await run(program, 'explain', word.replace('8321', String(demo.port)), '--db', 'data/urls.db');
      const told = output
        .replaceAll(String(demo.port), '8321')
        .replaceAll(`${folder}/`, '')
        // A connection of its own has to be opened where the session had one.
        .replaceAll(/name [\d,]+ ms, connection [\d,]+ ms, /g, '')
        // A busy machine may have stood still.
        .replaceAll(/, and [\d,]+ ms held back by this side/g, '');
      expect(story).toContain('Robots');
      expect(masked(told)).toContain(masked(story));
    } finally {
      await demo.close();
    }
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
