import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isZstdFrame, ZstdFrameEnd } from '../../../src/model/zstd-frame.ts';

const { ZSTD_c_checksumFlag, ZSTD_c_compressionLevel, ZSTD_c_contentSizeFlag, ZSTD_c_windowLog } = constants;

const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.nat(400_000).map((length) => new Uint8Array(length)),
  fc.nat(400_000).map((length) => Uint8Array.from({ length }, (_, n) => (n * n) >> 3)),
);

const frame = fc.oneof(
  fc
    .record({
      content,
      level: fc.constantFrom(1, 3, 19),
      checksum: fc.nat(1),
      size: fc.nat(1),
      window: fc.constantFrom(10, 17),
    })
    .map(({ content, level, checksum, size, window }) =>
      zstdCompressSync(content, {
        params: {
          [ZSTD_c_compressionLevel]: level,
          [ZSTD_c_checksumFlag]: checksum,
          [ZSTD_c_contentSizeFlag]: size,
          [ZSTD_c_windowLog]: window,
        },
      }),
    ),
  fc.tuple(fc.nat(15), fc.uint8Array({ maxLength: 50 })).map(([kind, data]) => {
    return Buffer.from([0x50 + kind, 0x2a, 0x4d, 0x18, data.length, 0, 0, 0, ...data]);
  }),
);

test('a frame ends where the next one begins, in whatever pieces they come', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 5_000 }), (frames, size) => {
      let bytes: Uint8Array = Buffer.concat(frames);
      for (const frame of frames) {
        expect(isZstdFrame(bytes)).toBe(true);
        const end = endIn(bytes, size);
        expect(end).toBe(frame.length);
        bytes = bytes.subarray(frame.length);
      }
    }),
    { numRuns: 60 },
  );
});

test('a frame that is cut off does not end', () => {
  fc.assert(
    fc.property(frame, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frame, share) => {
      expect(new ZstdFrameEnd().push(frame.subarray(0, Math.floor(frame.length * share)))).toBe(null);
    }),
    { numRuns: 60 },
  );
});

/** Where a frame ends that comes in pieces of `size` bytes. */
function endIn(bytes: Uint8Array, size: number): number | null {
  const frame = new ZstdFrameEnd();
  for (let at = 0; at < bytes.length; at += size) {
    const end = frame.push(bytes.subarray(at, at + size));
    if (end !== null) return at + end;
  }
  return null;
}
