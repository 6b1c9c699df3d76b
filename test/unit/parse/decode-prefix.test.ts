import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { decodePrefix } from '../../../src/parse/decode-prefix.ts';

const TEXT = Buffer.from('User-agent: *\nDisallow: /x\n'.repeat(4_000));

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
  expect(Buffer.from(await decodePrefix(wire, coding, 1_000))).toEqual(TEXT.subarray(0, 1_000));
  expect(Buffer.from(await decodePrefix(wire, coding, 1_000_000))).toEqual(TEXT);
});

it('gives what comes before the end of a cut or damaged body', async () => {
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7_919) % 251));
  const wire = gzipSync(noise, { level: 0 });
  const decoded = await decodePrefix(wire.subarray(0, 15_000), 'gzip', 1_000_000);
  expect(decoded.length).toBeGreaterThan(10_000);
  expect(Buffer.from(decoded)).toEqual(noise.subarray(0, decoded.length));
  expect(await decodePrefix(TEXT, 'gzip', 1_000)).toHaveLength(0);
});
