/** What compressed bodies say of their size, held against what made them. */
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcedSize } from '../../../src/parse/announced-size.ts';

test('gzip and zstd announce exactly the size that they decode to', () => {
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 255 }),
    fc.integer({ min: 256, max: 65_791 }),
    fc.integer({ min: 65_792, max: 300_000 }),
  );
  fc.assert(
    fc.property(sizes, (size) => {
      const content = Buffer.alloc(size, 'weir');
      expect(announcedSize(gzipSync(content), 'gzip')).toBe(size);
      expect(announcedSize(zstdCompressSync(content), 'zstd')).toBe(size);
    }),
    { numRuns: 60 },
  );
});

test('a frame without a content size, other codings and damaged bytes announce nothing, and nothing throws', () => {
  const unsized = zstdCompressSync('weir', { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
  expect(announcedSize(unsized, 'zstd')).toBe(0);
  expect(announcedSize(gzipSync('weir'), 'br')).toBe(0);
  expect(announcedSize(gzipSync('weir'), null)).toBe(0);
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.constantFrom('gzip', 'zstd'), (tail, coding) => {
      for (const bytes of [tail, Buffer.concat([magic, tail])]) {
        const size = announcedSize(bytes, coding);
        expect(Number.isFinite(size) && size >= 0).toBe(true);
      }
    }),
  );
});
