import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type CliFolder, cliFolder } from '../support/cli.ts';
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts';
import { listen } from '../support/listen.ts';

const why = whyNoSmallDisk();
if (why !== null) console.warn(`SKIPPED, small disks: ${why}`);

/** Bytes that a detour over text would change: no UTF-8, every value, no text at all, a body of several MB. */
const BODIES: ReadonlyMap<string, Buffer> = new Map([
  ['/', Buffer.from('<title>Start</title>\r\ncaf\u00E9 \u00FF', 'latin1')],
  ['/all', Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n))],
  ['/gzip', Buffer.from(`<title>Start</title>${'packed '.repeat(500)}`)],
  ['/empty', Buffer.alloc(0)],
  ['/big', Buffer.alloc(3_000_000, createHash('sha512').update('big').digest())],
]);
const NAMES = ['google', 'reddit', 'ebay', 'bbc'];

let server: Server;
let base: string;
let folder: CliFolder;

beforeAll(async () => {
  server = createServer((request, response) => {
    const body = BODIES.get(request.url ?? '');
    response.setHeader('Content-Type', request.url === '/all' ? 'image/png' : 'text/html; charset=utf-8');
    if (request.url === '/gzip') response.setHeader('Content-Encoding', 'gzip');
    response.statusCode = body === undefined ? 404 : 200;
    response.end(request.url === '/gzip' ? gzipSync(body ?? '') : (body ?? 'gone'));
  });
  base = `http://127.0.0.1:${await listen(server)}`;
  folder = await cliFolder();
  const rows = [...BODIES.keys()].slice(0, 4).map((where, n) => `${NAMES[n] ?? ''},${base}${where},${n}`);
  await folder.write('pages.csv', `name,url,section\n${rows.join('\n')}\n`);
  const run = await folder.crawl('-i', 'pages.csv', '--url-column', 'url', '-c', '10', '-o', 'x.db', '-q');
  expect(run.code).toBe(0);
  await folder.write(
    'more.csv',
    `name,url\n${rows.map((row) => `../x,${row.split(',')[1] ?? ''}`).join('\n')}\n,${base}/big\nX,${base}/gone\n`,
  );
  await folder.crawl('-i', 'more.csv', '-o', 'more.db', '-q', '--bodies', 'plain');
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  server.close();
});

const inFolder = (...parts: string[]): string => path.join(folder.path, ...parts);
const filesIn = (name: string): string[] => readdirSync(inFolder(name)).sort();

describe('crawl export files', () => {
  test('a list with names: one file each, bytes identical to what the server sent', async () => {
    const { code, stdout, stderr } = await folder.crawl(
      'export',
      'files',
      '--name',
      '{name}.html',
      '-o',
      'pages/',
      'x.db',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^Exported {6}4 of 4 pages, .* → pages\n$/);
    expect(filesIn('pages')).toEqual(NAMES.map((name) => `${name}.html`).sort());
    for (const [n, body] of [...BODIES.values()].slice(0, 4).entries()) {
      expect(readFileSync(inFolder('pages', `${NAMES[n] ?? ''}.html`)).equals(body)).toBe(true);
    }
  });

  test('has the recorded digest; the time of a file is that of its fetch', async () => {
    await folder.ask('export', 'files', '--name', '{sha256}.{ext}', '-o', 'digests', '--db', 'x.db');
    const { stdout } = await folder.ask('query', 'SELECT sha256, fetched_at, url FROM pages', 'x.db', '--json');
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(rows).toHaveLength(4);
    for (const { sha256 = '', fetched_at: at = '', url = '' } of rows) {
      const file = inFolder('digests', `${sha256}.${url.endsWith('/all') ? 'png' : 'html'}`);
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
      expect(Math.abs(statSync(file).mtimeMs - Date.parse(at))).toBeLessThanOrEqual(1);
    }
  });

  test('every page is accounted for: names taken, missing or dangerous, pages that failed', async () => {
    const run = (...more: string[]) =>
      folder.ask('export', 'files', '--name', '{name}.html', '-o', 'more', 'more.db', '--json', ...more);
    const first = await run('--list');
    expect(first.code).toBe(0);
    const lines = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const counts = lines.at(-1);
    expect(counts).toMatchObject({
      pages: 6,
      written: 5,
      leftOut: 1,
      numbered: 3,
      withoutField: { name: 1 },
      problems: [],
    });
    expect(filesIn('more')).toEqual(['.._x (2).html', '.._x (3).html', '.._x (4).html', '.._x.html', '5.html']);
    for (const { url, file } of lines.slice(0, -1)) {
      const body = BODIES.get(String(url).slice(base.length));
      expect(readFileSync(inFolder('more', String(file))).equals(body ?? Buffer.from('?'))).toBe(true);
    }
    // The same again changes nothing; a file of other content stays until force.
    expect(JSON.parse((await run()).stdout)).toMatchObject({ written: 0, same: 5, kept: 0 });
    await folder.write('more/.._x.html', 'mine');
    expect(JSON.parse((await run()).stdout)).toMatchObject({ written: 0, same: 4, kept: 1 });
    expect(readFileSync(inFolder('more', '.._x.html'), 'utf8')).toBe('mine');
    expect(JSON.parse((await run('--force')).stdout)).toMatchObject({ written: 1, same: 4, kept: 0 });
    expect(readFileSync(inFolder('more', '.._x.html')).equals(BODIES.get('/') ?? Buffer.from('?'))).toBe(true);
  });

  test('--status picks pages by their answer, failed ones too', async () => {
    const { code, stdout } = await folder.ask(
      'export',
      'files',
      '-o',
      'failed',
      'more.db',
      '--status',
      '4xx',
      '--list',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: `127.0.0.1/gone.html\t${base}/gone\n` });
    expect(readFileSync(inFolder('failed', '127.0.0.1', 'gone.html'), 'utf8')).toBe('gone');
  });

  test('a link in the way is not followed: exit 5, the other files are written', async () => {
    mkdirSync(inFolder('linked'));
    mkdirSync(inFolder('elsewhere'));
    symlinkSync(inFolder('elsewhere'), inFolder('linked', 'google'));
    const { code, stderr } = await folder.ask(
      'export',
      'files',
      '--name',
      '{name}/{id}',
      '-o',
      'linked',
      'x.db',
      '--force',
    );
    expect(code).toBe(5);
    expect(stderr).toMatch(/Blocked +1 page: a link/);
    expect(filesIn('elsewhere')).toEqual([]);
    expect(filesIn('linked')).toEqual(['bbc', 'ebay', 'google', 'reddit']);
  });

  test('a damaged body gives no file and exit 5; all others are exported', async () => {
    await copyFile(inFolder('x.db'), inFolder('damaged.db'));
    const db = new SQLite(inFolder('damaged.db'));
    db.exec(
      "UPDATE content SET content = x'00' WHERE body_id = (SELECT body_id FROM page JOIN url ON url.id = url_id WHERE url LIKE '%/gzip')",
    );
    db.exec(
      "UPDATE content SET content = zeroblob(256) WHERE body_id = (SELECT body_id FROM page JOIN url ON url.id = url_id WHERE url LIKE '%/all')",
    );
    db.close();
    const { code, stderr } = await folder.ask('export', 'files', '--name', '{name}', '-o', 'sound', 'damaged.db');
    expect(code).toBe(5);
    expect(stderr).toMatch(/Damaged +2 pages: crawl verify/);
    expect(stderr).toContain(`ebay: a stored body does not decode as gzip`);
    expect(filesIn('sound')).toEqual(['bbc', 'google']);
  });

  test.skipIf(why !== null)('a full disk: exit 5, one line, no partial file; the same command goes on', async () => {
    using disk = smallDisk(1_000_000);
    const args = ['export', 'files', '--name', '{id}', '-o', disk.path, 'more.db'];
    const full = await folder.crawl(...args);
    expect(full.code).toBe(5);
    expect(full.stderr).toMatch(/^crawl: no space left on the disk of .*\/5\. .*same command again \(ENOSPC: .*\)\n$/);
    expect(readdirSync(disk.path).sort()).toEqual(['1', '2', '3', '4']);
    disk.resize(8_000_000);
    expect((await folder.ask(...args)).code).toBe(0);
    expect(readFileSync(path.join(disk.path, '5')).equals(BODIES.get('/big') ?? Buffer.from('?'))).toBe(true);
  });

  test.each([
    [['export'], /crawl export takes files$/m],
    [['export', 'fils'], /crawl export takes files, got fils; did you mean files\?/],
    [['export', 'files'], /files need a folder: crawl export files --output DIR/],
    [
      ['export', 'files', '-o', 'no', '--name', '{nmae}', 'x.db'],
      /unknown field \{nmae\}.*did you mean name\?.*\{host\} \{path\} \{title\} \{sha256\} \{id\} \{ext\}; columns of the list: \{name\} \{section\}/,
    ],
    [['export', 'files', '-o', 'no', '--status', 'ok', 'x.db'], /a status is given as 404, 5xx or 500-503, got "ok"/],
    [['export', 'files', '-o', 'x.db', 'x.db'], /x\.db is not a folder/],
  ])('crawl %j is a usage error, and nothing is made', async (args, message) => {
    const { code, stderr } = await folder.ask(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(inFolder('no'))).toBe(false);
  });
});
