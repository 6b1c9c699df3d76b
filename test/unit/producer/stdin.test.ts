import { PassThrough, Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { START, brief, linesOf, openOne, problemsOf, stdinOf } from './support.ts';

test('standard input is a source without fingerprint that can be read once', async () => {
  const producer = await openOne({ urls: ['-'] }, stdinOf('http://a.te', 'st/\nb.te', 'st\n'));
  expect(producer.identity).toEqual({ kind: 'stdin', name: '-', fingerprint: null, sizeBytes: null });
  expect(brief(await linesOf(producer))).toEqual(['http://a.test/', 'https://b.test/']);
  await expect(linesOf(producer)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
});

test.each([
  ['gzip', gzipSync('http://a.test/\n')],
  ['zstd', zstdCompressSync('http://a.test/\n')],
  ['UTF-16', Buffer.from('\ufeffhttp://a.test/\n', 'utf16le')],
])('standard input in %s is recognised, however it is cut', async (_name, content) => {
  const bytes = Array.from(content, (byte) => Buffer.from([byte]));
  expect(brief(await linesOf(await openOne({ urls: ['-'] }, stdinOf(...bytes))))).toEqual(['http://a.test/']);
});

test.each([
  ['CSV', 'id,link\n1,http://a.test/\n', 'link', '{"id":"1"}'],
  ['CSV without header', '1,http://a.test/\n', 2, '{"column1":"1"}'],
  ['TSV', 'id\tlink\n1\thttp://a.test/\n', 'link', '{"id":"1"}'],
  ['JSON Lines', '{"id":1,"link":"http://a.test/"}\n', 'link', '{"id":1}'],
])('a table on standard input is recognised by content: %s', async (_name, content, urlColumn, columns) => {
  const lines = await linesOf(await openOne({ urls: ['-'], urlColumn }, stdinOf(content)));
  expect(lines.filter((item) => item.kind !== 'blank')).toMatchObject([
    { kind: 'url', url: 'http://a.test/', columns },
  ]);
});

test.each([
  ['nothing', [], 'standard input is empty'],
  ['blanks', ['\n', '# x\n'], 'standard input holds no URL'],
  ['binary data', ['\0\x01\x02\x03\n'], 'standard input is not text'],
])('%s on standard input is a problem before the run', async (_name, chunks, problem) => {
  expect(await problemsOf({ urls: ['-'] }, stdinOf(...chunks))).toEqual([expect.stringContaining(problem)]);
});

test('what has arrived is handed on at once, without waiting for a full batch', async () => {
  const stdin = new PassThrough();
  stdin.write('http://a.test/\n');
  const batches = (await openOne({ urls: ['-'] }, stdin)).batches(START, 1_000)[Symbol.asyncIterator]();
  const first = await batches.next();
  expect(first.value).toMatchObject({
    lines: [{ url: 'http://a.test/' }],
    position: { byteOffset: 15, line: 1 },
    last: false,
  });
  stdin.write('http://b.te');
  stdin.write('st/\n');
  expect((await batches.next()).value).toMatchObject({ lines: [{ url: 'http://b.test/' }], last: false });
  stdin.end();
  expect((await batches.next()).value).toMatchObject({ lines: [], position: { byteOffset: 30, line: 2 }, last: true });
  expect((await batches.next()).done).toBe(true);
});

test('leaving ends a read that waits for a sender, and does not look like the end of the list', async () => {
  const stdin = new PassThrough();
  stdin.write('http://a.test/\n');
  const batches = (await openOne({ urls: ['-'] }, stdin)).batches(START, 1_000)[Symbol.asyncIterator]();
  await batches.next();
  const waiting = batches.next();
  await batches.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(stdin.destroyed).toBe(true);
});

test('an endless standard input is read no faster than batches are taken', async () => {
  let sent = 0;
  const stdin = new Readable({
    read() {
      sent += 1_000;
      this.push('http://a.test/some/path\n'.repeat(1_000));
    },
  });
  let taken = 0;
  for await (const batch of (await openOne({ urls: ['-'] }, stdin)).batches(START, 1_000)) {
    taken += batch.lines.length;
    // The head, one chunk and the stream's own buffer may be ahead.
    expect(sent - taken).toBeLessThan(20_000);
    if (taken >= 200_000) break;
  }
  expect(stdin.destroyed).toBe(true);
});
