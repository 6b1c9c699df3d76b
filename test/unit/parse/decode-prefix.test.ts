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
  ['an unknown coding', TEXT, 'x-nobody-knows'],
  ['three codings', gzipSync(TEXT), 'gzip, gzip, gzip'],
])('gives nothing of a damaged body: %s', async (_name, wire, coding) => {
  expect(await decodePrefix(wire, coding, 1_000_000)).toBeNull();
});

it('an empty body has nothing to undo', async () => {
  expect(await decodePrefix(new Uint8Array(), 'gzip', 1_000)).toHaveLength(0);
});
