/**
 * What the web sends must not reach the terminal: a server whose titles, headers, redirects, status lines and robots.txt are
 * full of control characters, a list that is no better, and a database that somebody has tampered with. Every command is
 * run on them, in a pipe and on a pseudo-terminal; of all that they write, only line breaks may be control characters.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFolder, cliFolder } from '../support/cli.ts';
import { listen } from '../support/listen.ts';

/** Colour, window title (OSC), cleared screen, line breaks, NUL, DEL, CSI of C1, bidirectional override, line separator. */
const EVIL = '\u001B[31mred\u001B]0;owned\u0007\u001B[2J\r\nnext\tline\0\u007F\u009B1m\u202Egnp.exe\u2028end';
/** What a header may hold, as UTF-8: nothing below a blank. */
const EVIL_FIELD = 'x\u009B31m\u202Egnp.exe\u2028y';

const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u;

const ANSWERS: Readonly<Record<string, string>> = {
  '/page': answer('200 OK', { 'x-evil': EVIL_FIELD, 'content-type': 'text/html; charset=utf-8' }, html()),
  '/type': answer('200 OK', { 'content-type': `text/html; charset="${EVIL_FIELD}"` }, html()),
  '/status': answer(`404 ${EVIL_FIELD}`, {}, html()),
  '/status-line': answer('404 \u001B[31mred', {}, html()),
  '/field': answer('200 OK', { 'x-evil': '\u001B[31mred' }, html()),
  '/coding': answer('200 OK', { 'content-encoding': EVIL_FIELD }, html()),
  '/to': answer('302 Found', { location: `/page?${EVIL_FIELD}` }, ''),
  '/scheme': answer('302 Found', { location: `mailto:${EVIL_FIELD}` }, ''),
  '/nowhere': answer('302 Found', { location: `http://[${EVIL_FIELD}` }, ''),
  '/busy': answer('503 No', { 'retry-after': EVIL_FIELD }, html()),
  '/robots.txt': answer(
    '200 OK',
    {},
    `User-agent: *\nDisallow: /no/${EVIL.replaceAll(/[\r\n\0]/g, '')}\nDisallow: /no\u202E\n`,
  ),
};

/** As they stand in the list: canonical, the last one is forbidden. */
const PATHS = [...Object.keys(ANSWERS).filter((path) => path !== '/robots.txt'), `/page?q=${encodeURIComponent(EVIL)}`];
const FORBIDDEN = `/no${encodeURIComponent('\u202E')}`;

function html(): string {
  const text = EVIL.replaceAll('\0', '');
  return `<title>${text}</title><meta name="description" content="${text}"><h1>${text}</h1><p>${text}</p><a href="/page?${text}">${text}</a>`;
}

function answer(status: string, fields: Readonly<Record<string, string>>, body: string): string {
  const lines = [`HTTP/1.1 ${status}`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)];
  return [...lines, `content-length: ${String(Buffer.byteLength(body))}`, '', body].join('\r\n');
}

let server: Server;
let base: string;
let folder: CliFolder;
let urls: string[];
const hostileRun: string[] = [];

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      const path = request.toString('latin1').split(' ')[1]?.split('?')[0] ?? '';
      socket.write(ANSWERS[path] ?? answer('404 No', {}, ''));
    });
  });
  base = `http://127.0.0.1:${await listen(server)}`;
  urls = [...PATHS, FORBIDDEN].map((path) => base + path);
  folder = await cliFolder();
  const cell = `"${EVIL.replaceAll('\0', '')}"`;
  const lines = [...urls, `mailto:\u001B[2J\u202Ea@b.test`].map((url) => `"${url}",${cell}`);
  await folder.write('li\u001Bst.csv', `url,note\n${lines.join('\n')}\n`);
  const run = ['-i', 'li\u001Bst.csv', '-o', 'x.db', '--retries', '0', '--extract', 't=title', '-t', '5s'];
  const { code, stdout, stderr } = await folder.crawl(...run, '-v');
  expect(stderr).toContain('Error downloading');
  expect(code).toBe(0);
  hostileRun.push(stdout, stderr);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  server.close();
});

/** Everything a command says that only reads, on a terminal or in a pipe. */
async function said(isTTY: boolean, ...argv: string[]): Promise<string> {
  const { stdout, stderr } = await folder.askWith({ isTTY }, ...argv);
  expect(stdout + stderr, argv.join(' ')).not.toBe('');
  // Between the columns of a query in a pipe, and in the lines of a text.
  return (stdout + stderr).replaceAll('\t', '');
}

/** What a command says on a pseudo-terminal, which makes CR LF of each line break. */
async function shown(...args: string[]): Promise<string> {
  const program = [process.execPath, new URL('../../bin/crawl.js', import.meta.url).pathname, ...args];
  const line = program.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const child = spawn('script', ['-qe', '-E', 'never', '-c', line, '/dev/null'], {
    cwd: folder.path,
    timeout: 100_000,
  });
  child.stdin.end();
  return (await text(child.stdout)).replaceAll('\r\n', '\n');
}

function expectHarmless(text: string, what = ''): void {
  const found = UNSAFE.exec(text.replaceAll('\n', ''));
  const near =
    found === null
      ? ''
      : JSON.stringify(text.replaceAll('\n', '').slice(Math.max(0, found.index - 60), found.index + 20));
  expect(near, what).toBe('');
}

async function expectAllHarmless(): Promise<void> {
  for (const args of commands()) {
    for (const isTTY of [false, true]) expectHarmless(await said(isTTY, ...args), args.join(' '));
  }
}

/** Each way to look at a database. */
function commands(): string[][] {
  const sql = ['pages', 'errors', 'inputs', 'items', 'redirects', 'links', 'skipped'].map(
    (view) => `SELECT * FROM ${view}`,
  );
  return [
    ['inspect', 'x.db'],
    ['inspect', 'x.db', '--largest', '9', '--errors', '--hosts'],
    ['inspect', 'x.db', '--json'],
    ['inspect', 'x.db', '--largest', '9', '--errors', '--hosts', '--json'],
    ['explain', ...urls, 'mailto:\u001B[2J\u202Ea@b.test', '--db', 'x.db'],
    [
      'explain',
      ...urls,
      'mailto:\u001B[2J\u202Ea@b.test',
      '\u001B[2J\u009B',
      `${base}/${EVIL_FIELD}`,
      '--db',
      'x.db',
      '--json',
    ],
    ...sql.flatMap((text) => [
      ['query', text, 'x.db'],
      ['query', text, 'x.db', '--json'],
    ]),
    ['verify', 'x.db'],
    ['verify', 'x.db', '--json'],
    ['cat', `${base}/page`, '--headers', '--db', 'x.db'],
    ['cat', `${base}/to`, '--headers', '--db', 'x.db'],
  ];
}

describe('control characters from the web', () => {
  test('are stored as they came', async () => {
    const { stdout } = await folder.ask('query', "SELECT title FROM pages WHERE url LIKE '%/page'", 'x.db', '--json');
    // White space is collapsed, as in any title.
    expect(JSON.parse(stdout)).toMatchObject({ title: expect.stringContaining('\u001B[2J next line') as unknown });
    const csv = await folder.ask('query', "SELECT title FROM pages WHERE url LIKE '%/page'", 'x.db', '--csv');
    expect(csv.stdout).toContain('\u202Egnp.exe');
  });

  test('never leave a run: lines per URL, warnings, summary', () => {
    for (const text of hostileRun) expectHarmless(text);
    expect(hostileRun.join('')).toContain('li\\x1bst.csv');
  });

  test('never leave a run as JSON, which means the same without them', async () => {
    const { stdout, stderr } = await folder.crawl('-i', 'li\u001Bst.csv', '-o', 'json.db', '--retries', '0', '--json');
    expectHarmless(stdout + stderr);
    const events = stdout.trimEnd().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('run-ended');
  });

  test('never leave what reads the file, in a pipe or on a terminal', async () => {
    await expectAllHarmless();
    expect(await said(false, 'explain', base + FORBIDDEN, '--db', 'x.db')).toContain(
      String.raw`forbidden by line 3 "Disallow: /no\u202e"`,
    );
  });

  test('nor the bodies and tables for programs, on a terminal', async () => {
    for (const args of [
      ['query', 'SELECT * FROM pages', 'x.db', '--csv'],
      ['cat', `${base}/page`, '--db', 'x.db'],
      ['cat', `${base}/page`, '--text', '--db', 'x.db'],
    ]) {
      // The records of CSV end in CR LF.
      expectHarmless((await said(true, ...args)).replaceAll('\r\n', '\n'), args.join(' '));
    }
  });

  test('never leave a run on a terminal', { skip: spawnSync('script', ['--version']).status !== 0 }, async () => {
    const run = await shown('-i', 'li\u001Bst.csv', '-o', 'tty.db', '--retries', '0', '-v');
    // The progress line is erased by the program itself.
    expectHarmless(run.replaceAll('\r\u001B[K', ''));
    expect(run).toContain('Total time');
  });

  test('never leave an error message', async () => {
    const evil = EVIL.replaceAll('\0', '');
    for (const args of [
      ['cat', `${base}/${EVIL_FIELD}`, '--db', 'x.db'],
      ['explain', `${base}/${evil}`, '--db', 'x.db'],
      ['query', `SELECT ${evil}`, 'x.db'],
      ['config', 'show', `--${evil}`],
      ['config', 'check', `no${evil}.yaml`],
      ['run', '-i', `no${evil}.txt`],
    ]) {
      // Messages of several lines are indented by blanks; tabs are layout too.
      const { code, stdout, stderr } = await (args[0] === 'run' ? folder.crawl(...args) : folder.ask(...args));
      expect(code, stderr).toBe(2);
      expectHarmless((stdout + stderr).replaceAll('\t', ''), JSON.stringify(args));
    }
  });

  test('never leave a database that somebody has tampered with', async () => {
    const db = new Database(`${folder.path}/x.db`);
    db.prepare('UPDATE fetch SET error = @t, error_code = @t, final_url = @t, address = @t, http_version = @t').run({
      t: EVIL,
    });
    db.prepare('UPDATE fetch SET error_class = ? WHERE error_class IS NOT NULL').run(EVIL);
    db.prepare("UPDATE fetch SET headers = json_array(json_array(@t, @t), json_array('retry-after', @t))").run({
      t: EVIL,
    });
    db.prepare(
      'UPDATE page SET content_type = @t, charset = @t, charset_source = @t, warning = @t, parse_error = @t',
    ).run({ t: EVIL });
    db.prepare("UPDATE url SET reason = ? WHERE state <> 'done'").run(EVIL);
    db.prepare('UPDATE source SET name = ?').run(EVIL);
    db.prepare('UPDATE host SET name = ?').run(EVIL);
    db.prepare('UPDATE run SET reason = ?').run(EVIL);
    db.prepare('UPDATE body SET sha256 = zeroblob(32) WHERE id = 1').run();
    db.close();
    await expectAllHarmless();
  });
});
