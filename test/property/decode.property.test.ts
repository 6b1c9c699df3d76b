import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../src/parse/decode.ts';

const CAP = 5_000_000;

const fastBrotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } };
const encoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  'x-gzip': (bytes) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes) => deflateSync(bytes),
  DEFLATE: (bytes) => deflateRawSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, fastBrotli),
  zstd: (bytes) => zstdCompressSync(bytes),
};

const coding = fc.constantFrom(...Object.keys(encoders));
const codings = fc.array(coding, { minLength: 1, maxLength: 4 });

/** Bytes as pages have them (repetitive) and as images have them (not). */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.tuple(fc.string({ maxLength: 60 }), fc.nat(400)).map(([text, n]) => new Uint8Array(Buffer.from(text.repeat(n)))),
);

function encode(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  return names.reduce((result, name) => encoders[name]!(result), bytes);
}

describe('decodeBody', () => {
  it('gives back what was encoded, whatever the codings and their order', () => {
    fc.assert(
      fc.property(content, codings, (bytes, names) => {
        const result = decodeBody(encode(bytes, names), names.join(', '), CAP);
        expect(result.ok && Buffer.compare(result.bytes, bytes)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('marks wire bytes for storage only if one coding gives the body back', () => {
    fc.assert(
      fc.property(content, codings, fc.uint8Array({ maxLength: 3 }), (bytes, names, tail) => {
        const wire = Buffer.concat([encode(bytes, names), tail]);
        const result = decodeBody(wire, names.join(','), CAP);
        if (!result.ok || result.wireEncoding === null) return;
        expect(names.length).toBe(1);
        expect(tail.length).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('never passes a truncated body on as whole', () => {
    fc.assert(
      fc.property(
        content,
        coding,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (bytes, name, share) => {
          const whole = encode(bytes, [name]);
          // One byte at least: an empty body is a body without anything to undo.
          const wire = whole.subarray(0, Math.max(1, Math.floor(whole.length * share)));
          fc.pre(wire.length < whole.length);
          expect(decodeBody(wire, name, CAP)).toMatchObject({ ok: false, errorClass: 'decode' });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never throws and never exceeds the cap, whatever it is given', () => {
    const header = fc.oneof(
      coding,
      codings.map((names) => names.join(',')),
      fc.string({ maxLength: 20 }),
      fc.constant(null),
    );
    const magic = fc.constantFrom(
      [],
      [0x1f, 0x8b, 8, 0],
      [0x1f, 0x8b, 8, 0xff],
      [0x78, 0x9c],
      [0x28, 0xb5, 0x2f, 0xfd],
      [0x50, 0x2a, 0x4d, 0x18],
    );
    const garbage = fc
      .tuple(magic, fc.uint8Array({ maxLength: 300 }))
      .map(([start, rest]) => new Uint8Array([...start, ...rest]));
    fc.assert(
      fc.property(garbage, header, fc.nat(2000), (wire, value, cap) => {
        const result = decodeBody(wire, value, cap);
        expect(result.ok ? result.bytes.length : 0).toBeLessThanOrEqual(cap);
      }),
      { numRuns: 500 },
    );
  });

  it('never takes a damaged gzip body for a whole one of other content', () => {
    // deflate, br and zstd without check sum carry no proof of their content; gzip does.
    fc.assert(
      fc.property(content, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, position, flip) => {
        const wire = Buffer.from(gzipSync(bytes));
        // Behind the header, whose time, system and name fields say nothing about the content.
        const at = 10 + (position % (wire.length - 10));
        wire[at]! ^= flip;
        const result = decodeBody(wire, 'gzip', CAP);
        expect(!result.ok || Buffer.compare(result.bytes, bytes) === 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
