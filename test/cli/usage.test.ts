import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

import { expect, test } from 'vitest';

import { cliFolder, type CliResult } from '../support/cli.ts';

const STACK = /^\s+at .+:\d+/m;

test.each([
  [['--help'], 'Usage: crawl [run]'],
  [['-V'], '.'],
])('crawl %j prints to stdout, exit 0', async (args, text) => {
  await using folder = await cliFolder();
  expectData(await folder.crawl(...args), text);
});

test.each([
  [['-h'], 'Usage: crawl [run]'],
  [['help'], 'Usage: crawl [run]'],
  [['help', 'all'], 'Exit codes:'],
  [['query', '--help'], "Usage: crawl query 'SELECT …'"],
  [['help', 'retry'], 'Usage: crawl retry'],
  [['--version'], '.'],
])('so does crawl %j', async (args, text) => {
  await using folder = await cliFolder();
  expectData(await folder.ask(...args), text);
});

function expectData({ code, stdout, stderr }: CliResult, text: string): void {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(text);
}

test.each([
  [[], /^crawl: nothing to crawl: give a list \(crawl --urls list\.txt\)/],
  [['--tiemout', '5s'], /^crawl: --tiemout is not a flag of this command; did you mean --timeout\?/],
  [['inspct'], /^crawl: unknown command "inspct"; did you mean crawl inspect\?/],
  [['words'], /^crawl: unknown command "words"; crawl --help shows the commands/],
  [['-v', 'inspect'], /^crawl: the command stands first: crawl inspect …/],
  [['--urls', 'missing.txt'], /^crawl: .*missing\.txt/],
  [['-i', 'list', '-c', 'fast'], /^crawl: concurrency must be an integer ≥ 1 or "auto", got "fast" \(--concurrency\)/],
  [['-o', 'none.db'], /^crawl: none\.db does not exist yet, and there is no list to fill it from/],
  [['inspect', 'none.db'], /^crawl: there is no database .*none\.db/],
])('crawl %j is a usage error: one clear line on stderr, exit 2', async (args, message) => {
  await using folder = await cliFolder();
  expectUsageError(await folder.crawl(...args), message);
});

test.each([
  [['config', 'show', '--timeout'], /^crawl: --timeout needs a value: --timeout DUR/],
  [['config', 'show', '--no-timeout'], /^crawl: --no-timeout is not a flag; --timeout takes a value/],
  [['config', 'show', '-Z'], /^crawl: -Z is not a flag of this command; see crawl config --help/],
  [['cat', 'http://a/', 'http://b/'], /^crawl: http:\/\/b\/ is one word too many: crawl cat URL/],
  [['config'], /^crawl: config takes show, check or schema/],
  [['config', 'chekc'], /^crawl: config takes show, check or schema, got chekc; did you mean check\?/],
  [['help', 'quary'], /^crawl: there is no command quary; did you mean query\?/],
  [['inspect'], /^crawl: there is no database in data\/; name one \(--db FILE\)/],
  [['inspect', 'a.db', '--db', 'b.db'], /^crawl: two databases are named/],
  [['query'], /^crawl: which question\?/],
  [['explain'], /^crawl: which URL\?/],
  [['cat'], /^crawl: which URL\?/],
])('so is crawl %j', async (args, message) => {
  await using folder = await cliFolder();
  expectUsageError(await folder.ask(...args), message);
});

test.each([
  [
    ['--error', 'conect-refused'],
    /^crawl: error must be an error class, got "conect-refused"; did you mean connect-refused\?/,
  ],
  [['--status', 'ok'], /^crawl: status must be written 404, 5xx or 500-599, got "ok"/],
])('so is crawl retry %j', async (args, message) => {
  await using folder = await cliFolder();
  expectUsageError(await folder.crawl('retry', ...args), message);
});

function expectUsageError({ code, stdout, stderr }: CliResult, message: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(STACK);
}

test('all problems of a command line come at once', async () => {
  await using folder = await cliFolder();
  const { code, stderr } = await folder.crawl('-i', 'l.txt', '-c', '0', '--retries', 'x', '-q', '-v');
  expect(code).toBe(2);
  expect(stderr.split('\n')).toEqual([
    'crawl: 3 problems:',
    '  - concurrency must be an integer ≥ 1 or "auto", got 0 (--concurrency)',
    '  - retries must be an integer ≥ 0, got "x" (--retries)',
    '  - quiet and verbose contradict each other (--quiet)',
    '',
  ]);
});

test('a word that is a file is not taken for a URL', async () => {
  await using folder = await cliFolder();
  await folder.write('list', 'http://127.0.0.1:1/\n');
  await folder.write('list.txt', 'http://127.0.0.1:1/\n');
  for (const name of ['list', 'list.txt']) {
    const { code, stderr } = await folder.crawl(name);
    expect(code).toBe(2);
    expect(stderr).toContain(`${name} is a file; did you mean --urls ${name}?`);
  }
});

test('a file that is no database is refused with exit 5 and left as it is', async () => {
  await using folder = await cliFolder();
  const file = await folder.write('notes.db', 'These are my notes, not a database.\n'.repeat(100));
  await folder.write('list.txt', 'http://127.0.0.1:1/\n');
  const before = readFileSync(file);
  expect(await folder.ask('inspect', 'notes.db')).toMatchObject({ code: 5, stderr: expect.not.stringMatching(STACK) });
  for (const args of [
    ['-i', 'list.txt', '-o', 'notes.db'],
    ['-i', 'list.txt', '-o', 'notes.db', '--fresh', '--force'],
  ]) {
    const { code, stderr } = await folder.crawl(...args);
    expect({ args, code }).toEqual({ args, code: 5 });
    expect(stderr).not.toMatch(STACK);
  }
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a file that cannot be made is refused with exit 5 before any request', async () => {
  await using folder = await cliFolder();
  await folder.write('list.txt', 'http://127.0.0.1:1/\n');
  const { code, stdout, stderr } = await folder.crawl('-i', 'list.txt', '-o', 'list.txt/run.db', '--json');
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toMatch(/^crawl: .*a file is in the way/);
  expect(stderr).not.toMatch(STACK);
});

test('the launcher can be read by a Node that knows neither modules nor new syntax', () => {
  const source = readFileSync(new URL('../../bin/crawl.js', import.meta.url), 'utf8').replace(/^#!.*/, '');
  // Parsed as a classic script: import.meta or a static import would throw here, as in Node 10.
  expect(() => new Script(source)).not.toThrow();
  expect(source).not.toMatch(/=>|\bconst\b|\blet\b|`[^`\n]*\$\{|\?\./);
});
