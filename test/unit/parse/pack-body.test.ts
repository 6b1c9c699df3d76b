import { createHash, randomBytes } from 'node:crypto';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../src/parse/decode.ts';
import type { Decoded } from '../../../src/parse/decode.ts';
import { packBody } from '../../../src/parse/pack-body.ts';

const text = Buffer.from('A weir holds a stream back. '.repeat(200));

function decoded(wire: Uint8Array, coding: string | null): Decoded {
  const result = decodeBody(wire, coding, 1e7);
  if (!result.ok) throw new Error(result.error);
  return result;
}

describe('packBody', () => {
  it('keeps wire bytes that are exactly one coding', () => {
    const wire = gzipSync(text);
    const body = packBody(wire, decoded(wire, 'gzip'), 'packed', 'text/html');
    expect(body.encoding).toBe('gzip');
    expect(Buffer.compare(body.bytes!, wire)).toBe(0);
    expect(body.decodedBytes).toBe(text.length);
    expect(Buffer.from(body.sha256).toString('hex')).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('packs a plain body by zstd where that saves something', () => {
    const body = packBody(text, decoded(text, null), 'packed', 'text/html');
    expect(body.encoding).toBe('zstd');
    expect(Buffer.compare(zstdDecompressSync(body.bytes!), text)).toBe(0);
  });

  it('packs the decoded bytes where the wire bytes are not clean', () => {
    const wire = Buffer.concat([gzipSync(text), Buffer.from('tail')]);
    const body = packBody(wire, decoded(wire, 'gzip'), 'packed', 'text/html');
    expect(body.encoding).toBe('zstd');
    expect(Buffer.compare(zstdDecompressSync(body.bytes!), text)).toBe(0);
  });

  it('leaves small, incompressible and already compressed bodies as they are', () => {
    const small = Buffer.from('a'.repeat(256));
    const noise = Buffer.concat(Array.from({ length: 100 }, (_, n) => createHash('sha256').update(String(n)).digest()));
    expect(packBody(small, decoded(small, null), 'packed', 'text/html').encoding).toBe('identity');
    expect(packBody(noise, decoded(noise, null), 'packed', 'text/html').encoding).toBe('identity');
    expect(packBody(text, decoded(text, null), 'packed', 'image/png').encoding).toBe('identity');
  });

  it('packs large bodies, too, and leaves those as they are that do not shrink', () => {
    const large = Buffer.concat(Array.from({ length: 100 }, () => text));
    const packed = packBody(large, decoded(large, null), 'packed', 'text/html');
    expect(packed.encoding).toBe('zstd');
    expect(Buffer.compare(zstdDecompressSync(packed.bytes!), large)).toBe(0);
    const noise = randomBytes(1_000_000);
    const left = packBody(noise, decoded(noise, null), 'packed', 'text/html');
    expect(left.encoding).toBe('identity');
    expect(Buffer.compare(left.bytes!, noise)).toBe(0);
  });

  it('gives plain bytes for --bodies plain and none for none', () => {
    const wire = gzipSync(text);
    const plain = packBody(wire, decoded(wire, 'gzip'), 'plain', 'text/html');
    expect(plain.encoding).toBe('identity');
    expect(Buffer.compare(plain.bytes!, text)).toBe(0);
    expect(packBody(wire, decoded(wire, 'gzip'), 'none', 'text/html')).toMatchObject({
      bytes: null,
      decodedBytes: text.length,
    });
  });

  it('never gives away a slice of a buffer that others share', () => {
    const pooled = Buffer.from('<p>small, so it comes from the pool');
    for (const bodies of ['packed', 'plain'] as const) {
      const { bytes, sha256 } = packBody(pooled, decoded(pooled, null), bodies, 'text/html');
      const moved = structuredClone(bytes!, { transfer: [bytes!.buffer as ArrayBuffer] });
      expect(Buffer.from(moved).toString()).toBe('<p>small, so it comes from the pool');
      expect(sha256.buffer.byteLength).toBeLessThanOrEqual(64);
    }
    expect(pooled.toString()).toBe('<p>small, so it comes from the pool');
  });
});
