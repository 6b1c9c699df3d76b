import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodePrefix } from '../../../src/parse/decode-prefix.ts';

const TEXT = Buffer.from('User-agent: *\nDisallow: /x\n'.repeat(4_000));

function withWrongSum(gzip: Buffer): Buffer {
  return gzip.fill(0, gzip.length - 8, gzip.length - 4);
}

it.each([
  ['gzip', gzipSync(TEXT)],
  ['x-gzip', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['zstd', zstdCompressSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
  ['identity', TEXT],
])('gives the beginning of what is encoded as %s', async (coding, wire) => {
  expect(Buffer.from((await decodePrefix(wire, coding, 1_000)) ?? [])).toEqual(TEXT.subarray(0, 1_000));
  expect(Buffer.from((await decodePrefix(wire, coding, 1_000_000)) ?? [])).toEqual(TEXT);
});

const HALF = TEXT.subarray(0, TEXT.length / 2);
const SKIPPED = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

it.each([
  ['zstd', 'two frames', [zstdCompressSync(HALF), zstdCompressSync(HALF)]],
  ['zstd', 'a skippable frame first', [SKIPPED, zstdCompressSync(TEXT)]],
  ['zstd', 'one in between', [zstdCompressSync(HALF), SKIPPED, zstdCompressSync(HALF), SKIPPED]],
  ['zstd', 'something else behind', [zstdCompressSync(TEXT), Buffer.from('garbage')]],
  ['gzip', 'two members', [gzipSync(HALF), gzipSync(HALF)]],
  ['gzip', 'something else behind', [gzipSync(HALF), gzipSync(HALF), Buffer.from('garbage')]],
  ['gzip', 'zeros behind', [gzipSync(TEXT), Buffer.alloc(100)]],
  ['br', 'something else behind', [brotliCompressSync(TEXT), Buffer.from('garbage')]],
  ['deflate', 'something else behind', [deflateSync(TEXT), Buffer.from('garbage')]],
])('reads all parts of %s, and nothing behind them: %s', async (coding, _name, parts) => {
  const wire = Buffer.concat(parts);
  expect(Buffer.from((await decodePrefix(wire, coding, 1_000_000)) ?? [])).toEqual(TEXT);
  const limit = HALF.length + 10;
  expect(Buffer.from((await decodePrefix(wire, coding, limit)) ?? [])).toEqual(TEXT.subarray(0, limit));
});

it('gives the whole parts of a body that was cut in the next one', async () => {
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7_919) % 251));
  for (const [coding, part] of [
    ['zstd', zstdCompressSync(noise)],
    ['gzip', gzipSync(noise)],
  ] as const) {
    const limit = part.length + 3;
    const decoded = await decodePrefix(Buffer.concat([part, part]).subarray(0, limit), coding, limit);
    expect(Buffer.from(decoded ?? [])).toEqual(noise.subarray(0, limit));
  }
});

it('gives what comes before the end of a body that was cut at the limit', async () => {
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7_919) % 251));
  const wire = gzipSync(noise, { level: 0 });
  const decoded = (await decodePrefix(wire.subarray(0, 15_000), 'gzip', 15_000)) ?? new Uint8Array();
  expect(decoded.length).toBeGreaterThan(10_000);
  expect(Buffer.from(decoded)).toEqual(noise.subarray(0, decoded.length));
});

it.each([
  ['half of the data', gzipSync(TEXT).subarray(0, 100), 'gzip'],
  ['no gzip', TEXT, 'gzip'],
  ['a wrong check sum', withWrongSum(gzipSync(TEXT)), 'gzip'],
  ['a second member with a wrong check sum', Buffer.concat([gzipSync(TEXT), withWrongSum(gzipSync(TEXT))]), 'gzip'],
  ['half of a second frame', Buffer.concat([zstdCompressSync(TEXT), zstdCompressSync(TEXT).subarray(0, 20)]), 'zstd'],
  ['half of a skippable frame', SKIPPED.subarray(0, 9), 'zstd'],
  ['a gzip header that does not end', Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0, 65]), 'gzip'],
  [
    'more frames than anybody sends',
    Buffer.concat(Array<Buffer>(2_000).fill(zstdCompressSync(Buffer.from('#')))),
    'zstd',
  ],
  ['an unknown coding', TEXT, 'x-nobody-knows'],
  ['three codings', gzipSync(TEXT), 'gzip, gzip, gzip'],
])('gives nothing of a damaged body: %s', async (_name, wire, coding) => {
  expect(await decodePrefix(wire, coding, 1_000_000)).toBeNull();
});

it('an empty body has nothing to undo', async () => {
  expect(await decodePrefix(new Uint8Array(), 'gzip', 1_000)).toHaveLength(0);
});
