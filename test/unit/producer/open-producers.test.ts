import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { brief, linesOf, listFile, openAll, openOne, problemsOf, stdinOf, tempFolder } from './support.ts';

test.each([
  ['no bytes', '', 'is empty'],
  ['only a BOM', '\ufeff', 'holds no URL'],
  ['blanks and comments', '\n  \n# http://a.test/\n', 'holds no URL'],
  ['a megabyte of comments', '# comment\n'.repeat(100_000), 'holds no URL'],
  ['NUL bytes', 'http://a.test/\n\0\0\0', 'is not text'],
  ['a NUL byte after 50 KB', `${'http://a.test/\n'.repeat(3_500)}\0`, 'is not text'],
  ['nothing in gzip', gzipSync(''), 'is empty'],
  ['binary data in gzip', gzipSync(Buffer.alloc(1_000)), 'is not text'],
  ['damaged gzip', gzipSync('http://a.test/\n'.repeat(1_000)).subarray(0, 40), 'is damaged'],
  ['gzip that is none', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), 'is damaged'],
  ['damaged zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff]), 'is damaged'],
  ['a database', 'SQLite format 3\0rest', 'is a SQLite database'],
  ['a spreadsheet', 'PK\x03\x04rest', 'is a ZIP archive or a spreadsheet'],
])('a list of %s is refused before anything runs', async (_name, content, problem) => {
  const path = await listFile(content);
  expect(await problemsOf({ urls: [path] })).toEqual([expect.stringContaining(`${path} ${problem}`)]);
});

test('all problems come at once, one line each', async () => {
  const folder = await tempFolder();
  const missing = join(folder, 'missing.txt');
  const problems = await problemsOf({
    urls: [missing, folder, await listFile('http://fine.test/\n')],
    seeds: ['nonsense', 'http://fine.test/', 'ftp://u:hunter2@a.test/'],
    urlPattern: ['http://h/{0..}', 'ftp://h/{0..9}'],
  });
  expect(problems.length).toBe(6);
  for (const problem of problems) expect(problem).not.toMatch(/\n|hunter2/);
  expect(problems.join('\n')).toMatch(/nonsense/);
  expect(problems).toContainEqual(expect.stringContaining(`${missing} does not exist`));
  expect(problems).toContainEqual(expect.stringContaining(`${folder} is a directory`));
  expect(problems).toContainEqual(expect.stringContaining("--url-pattern 'http://h/{0..}': at character 10"));
  expect(problems).toContainEqual(expect.stringMatching(/ftp:.*neither http/));
});

test('a list that may not be read is a problem', async () => {
  const path = await listFile('http://a.test/\n');
  await chmod(path, 0o000);
  // The superuser may read anything.
  const expected = process.getuid?.() === 0 ? [] : [expect.stringContaining(`${path} may not be read by you`)];
  expect(await problemsOf({ urls: [path] })).toEqual(expected);
});

test('standard input is not touched while anything else is wrong', async () => {
  const stdin = stdinOf('http://a.test/\n');
  expect((await problemsOf({ urls: ['-', '/does/not/exist'] }, stdin)).length).toBe(1);
  expect(stdin.readableDidRead).toBe(false);
});

test('a list named twice, by whatever path, is read once', async () => {
  const path = await listFile('http://a.test/\n');
  const link = join(await tempFolder(), 'link.txt');
  await symlink(path, link);
  const producers = await openAll({ urls: [path, link, path, '-', '-'] }, stdinOf('http://b.test/\n'));
  expect(producers.map((producer) => producer.identity.name)).toEqual([path, '-']);
});

test('an argument that is a file asks whether --urls was meant; a folder of that name does not matter', async () => {
  const path = await listFile('http://a.test/\n', 'list.txt');
  expect(await problemsOf({ seeds: [path] })).toEqual([expect.stringContaining(`did you mean --urls ${path}?`)]);
  const before = process.cwd();
  const folder = await tempFolder();
  await mkdir(join(folder, 'example.com'));
  await writeFile(join(folder, 'urls.txt'), 'http://a.test/\n');
  process.chdir(folder);
  try {
    expect(await problemsOf({ seeds: ['urls.txt'] })).toEqual([
      expect.stringContaining('did you mean --urls urls.txt?'),
    ]);
    expect(await problemsOf({ seeds: ['example.com'] })).toEqual([]);
  } finally {
    process.chdir(before);
  }
});

test('arguments are a source of their own, in order, resumable by index, named by their digest', async () => {
  const seeds = ['http://a.test/', 'b.test', 'http://a.test/'];
  const producer = await openOne({ seeds });
  expect(producer.identity).toMatchObject({ kind: 'arguments', sizeBytes: 3 });
  expect(producer.identity.name).toMatch(/^[0-9a-f]{16}$/);
  expect(await linesOf(producer, 2)).toMatchObject([
    { line: 1, url: 'http://a.test/', bareHost: false },
    { line: 2, url: 'https://b.test/', bareHost: true },
    { line: 3, url: 'http://a.test/', bareHost: false },
  ]);
  expect(brief(await linesOf(producer, 2, { byteOffset: 1, line: 1 }))).toEqual(['https://b.test/', 'http://a.test/']);
  expect((await openOne({ seeds })).identity).toEqual(producer.identity);
  expect((await openOne({ seeds: seeds.slice(1) })).identity.name).not.toBe(producer.identity.name);
});

test('without input there are no producers', async () => {
  expect(await openAll({})).toEqual([]);
});
