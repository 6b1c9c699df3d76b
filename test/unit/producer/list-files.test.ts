import { appendFile, copyFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { START, batchesOf, brief, briefly, linesOf, listFile, openOne, problemsOf, tempFolder } from './support.ts';

test('every line of a plain list is one item: URL, bare host, comment, blank or rejected', async () => {
  const path = await listFile(
    'http://a.test/#top\r\n# comment\r\n\r\nb.test/x\n  \nnonsense\n # x\nmailto:a@b\n HTTP://C.test',
  );
  const producer = await openOne({ urls: [path] });
  expect(producer.keepsColumns).toBe(false);
  expect(await linesOf(producer)).toEqual([
    { kind: 'url', line: 1, url: 'http://a.test/', host: 'a.test', bareHost: false, columns: null },
    { kind: 'blank', line: 2 },
    { kind: 'blank', line: 3 },
    { kind: 'url', line: 4, url: 'https://b.test/x', host: 'b.test', bareHost: true, columns: null },
    { kind: 'blank', line: 5 },
    { kind: 'rejected', line: 6, raw: 'nonsense', reason: 'bad-url', columns: null },
    { kind: 'rejected', line: 7, raw: ' # x', reason: 'bad-url', columns: null },
    { kind: 'rejected', line: 8, raw: 'mailto:***@b', reason: 'unsupported-scheme', columns: null },
    { kind: 'url', line: 9, url: 'http://c.test/', host: 'c.test', bareHost: false, columns: null },
  ]);
});

const TEXT = 'http://a.test/ü\r\n\nhttp://b.test/\u0a0a\u010a\n';
/** RFC 8878 §3.1.2. */
const SKIPPABLE = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const EXPECTED = ['http://a.test/%C3%BC', '', 'http://b.test/%E0%A8%8A%C4%8A'];

test.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with BOM', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16 LE', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['UTF-16 BE', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
  ['no final newline', Buffer.from(TEXT.trimEnd())],
  ['gzip', gzipSync(TEXT)],
  ['gzip in two members', Buffer.concat([gzipSync(TEXT.slice(0, 7)), gzipSync(TEXT.slice(7))])],
  ['zstd', zstdCompressSync(TEXT)],
  ['zstd in two frames', Buffer.concat([zstdCompressSync(TEXT.slice(0, 7)), zstdCompressSync(TEXT.slice(7))])],
  ['zstd behind a frame to be skipped', Buffer.concat([SKIPPABLE, zstdCompressSync(TEXT), SKIPPABLE])],
  ['gzipped UTF-16', gzipSync(Buffer.from(`\ufeff${TEXT}`, 'utf16le'))],
])('a list in %s reads the same', async (_name, content) => {
  expect(await briefly(content)).toEqual(EXPECTED);
});

test('a list whose lines end in CR alone is refused, with what to do', async () => {
  for (const content of ['http://a.test/\rhttp://b.test/\r', 'id,url\r1,http://a.test/a\r2,http://a.test/b\r']) {
    const path = await listFile(content, content.startsWith('id') ? 'list.csv' : 'list.txt');
    expect(await problemsOf({ urls: [path] })).toEqual([expect.stringMatching(/carriage returns.*tr '/)]);
  }
  // The rest of a line end.
  expect(await briefly('http://a.test/\r')).toEqual(['http://a.test/']);
});

test('lines that end in CR alone are not joined to one URL', async () => {
  const content = Buffer.from('http://a.test/\rhttp://b.test/\r\nhttp://c.test/\r');
  expect(await briefly(content)).toEqual(['(bad-url)', 'http://c.test/']);
});

test('a row of a table is not taken for a URL with the rest of the row at its end', async () => {
  expect(await briefly('http://a.test/x\t200\tok\nhttp://a.test/y\t\r\n\thttp://a.test/z\n')).toEqual([
    '(bad-url)',
    'http://a.test/y',
    'http://a.test/z',
  ]);
});

test('bytes that are no text are rejected, not fetched under another name', async () => {
  const latin1 = Buffer.from('http://a.test/caf\xe9\nhttp://a.test/\n', 'latin1');
  expect(await briefly(latin1)).toEqual(['(bad-encoding)', 'http://a.test/']);
  expect(await briefly('http://a.test/\ufffd\n')).toEqual(['http://a.test/%EF%BF%BD']);
});

test('a line of more than 64 KB is rejected, whether it ends soon or late', async () => {
  const path = await listFile(
    [
      'http://a.test/',
      `http://a.test/${'x'.repeat(64_000)}`,
      `http://a.test/${'y'.repeat(300_000)}`,
      'http://b.test/',
      'z'.repeat(200_000),
    ].join('\n'),
  );
  const lines = await linesOf(await openOne({ urls: [path] }));
  expect(brief(lines)).toEqual(['http://a.test/', '(too-long)', '(too-long)', 'http://b.test/', '(too-long)']);
  for (const item of lines) if (item.kind === 'rejected') expect(item.raw.length).toBe(500);
});

test('batches hold at most the size asked for, positions count bytes and lines, only the last says so', async () => {
  const path = await listFile('http://a.test/\nhttp://b.test/\n\nhttp://c.test/\n');
  const producer = await openOne({ urls: [path] });
  const batches = await batchesOf(producer, 2);
  expect(batches.map(({ lines, position, last }) => [lines.length, position.byteOffset, position.line, last])).toEqual([
    [2, 30, 2, false],
    [2, 46, 4, false],
    [0, 46, 4, true],
  ]);
  expect(await batchesOf(producer, 2, { byteOffset: 30, line: 2 })).toEqual(batches.slice(1));
});

test('a position in a compressed list counts decompressed bytes', async () => {
  const text = Array.from({ length: 5_000 }, (_, i) => `http://a.test/${i}\n`).join('');
  for (const content of [gzipSync(text), zstdCompressSync(text)]) {
    const producer = await openOne({ urls: [await listFile(content)] });
    const batches = await batchesOf(producer, 1_500);
    const middle = batches[2]?.position;
    expect(middle).toEqual({ byteOffset: text.indexOf('http://a.test/4500\n'), line: 4_500 });
    expect(producer.identity.sizeBytes).toBeNull();
    expect((await linesOf(producer, 100, middle)).map((item) => item.line)[0]).toBe(4_501);
  }
});

test('leaving the loop early closes the list; the producer can be read again', async () => {
  const producer = await openOne({ urls: [await listFile('http://a.test/\n'.repeat(50_000))] });
  for await (const batch of producer.batches({ byteOffset: 0, line: 0 }, 10)) {
    expect(batch.lines.length).toBe(10);
    break;
  }
  expect((await linesOf(producer)).length).toBe(50_000);
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('damage in a list of %s is named with its place', async (_, compress) => {
  const text = Array.from({ length: 50_000 }, (_, i) => `http://a.test/${(i * 7919) % 99_991}\n`).join('');
  const whole = compress(text);
  const path = await listFile(whole.subarray(0, whole.length - 20_000), 'list.txt.gz');
  const producer = await openOne({ urls: [path] });
  let line = 0;
  const reading = (async () => {
    for await (const batch of producer.batches(START, 1_000)) line = batch.position.line;
  })();
  const error: unknown = await reading.catch((reason: unknown) => reason);
  // What came before is not lost, to the last line.
  expect(line % 1_000).toBeGreaterThan(0);
  const message = expect.stringContaining(`${path} cannot be read beyond line ${line} (byte `);
  expect(error).toMatchObject({ code: 'ERR_INPUT', message });
});

test('the fingerprint follows the content: not the path, not the time', async () => {
  const path = await listFile('http://a.test/\n'.repeat(20_000));
  const copy = join(await tempFolder(), 'other-name.txt');
  await copyFile(path, copy);
  await utimes(copy, 1, 1);
  const fingerprint = async (file: string) => (await openOne({ urls: [file] })).identity.fingerprint;
  const before = await fingerprint(path);
  expect(before).toMatch(/^300000-[0-9a-f]{16}$/);
  expect(await fingerprint(copy)).toBe(before);
  await appendFile(copy, 'x');
  expect(await fingerprint(copy)).not.toBe(before);
  expect((await openOne({ urls: [path] })).identity).toMatchObject({ kind: 'file', name: path, sizeBytes: 300_000 });
});
