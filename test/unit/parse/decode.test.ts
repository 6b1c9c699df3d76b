import { brotliCompressSync, crc32, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../src/parse/decode.ts';

const CAP = 10_000_000;
const text = Buffer.from('A weir holds a stream back. '.repeat(200));
const garbage = Buffer.from('garbage, not a member');

function decoded(wire: Uint8Array, coding: string | null, cap = CAP) {
  const result = decodeBody(wire, coding, cap);
  if (!result.ok) throw new Error(`${result.errorClass}: ${result.error}`);
  return result;
}

function failed(wire: Uint8Array, coding: string | null, cap = CAP) {
  const result = decodeBody(wire, coding, cap);
  if (result.ok) throw new Error('decoded');
  return result;
}

/** @param flags as in RFC 1952 §2.3. @param behind what they announce, behind the ten bytes that every header has. */
function memberOf(flags: number, behind: readonly number[]): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3, ...behind]);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(text));
  trailer.writeUInt32LE(text.length, 4);
  return Buffer.concat([header, deflateRawSync(text), trailer]);
}

function withHeaderCrc(flags = 0, fields: readonly number[] = []): Buffer {
  const check = crc32(memberOf(flags | 2, fields).subarray(0, 10 + fields.length));
  return memberOf(flags | 2, [...fields, check & 0xff, (check >> 8) & 0xff]);
}

describe('decodeBody', () => {
  it.each([
    ['gzip', gzipSync(text), 'gzip'],
    ['GZIP', gzipSync(text), 'gzip'],
    ['x-gzip', gzipSync(text), 'gzip'],
    ['deflate', deflateSync(text), 'deflate'],
    ['br', brotliCompressSync(text), 'br'],
    ['zstd', zstdCompressSync(text), 'zstd'],
    [' identity , gzip ', gzipSync(text), 'gzip'],
  ])('undoes %s and lets the wire bytes be stored', (coding, wire, encoding) => {
    const result = decoded(wire, coding);
    expect(Buffer.compare(result.bytes, text)).toBe(0);
    expect(result.wireEncoding).toBe(encoding);
    expect(result.warning).toBeNull();
  });

  it('undoes a raw deflate stream that is labelled deflate', () => {
    const result = decoded(deflateRawSync(text), 'deflate');
    expect(Buffer.compare(result.bytes, text)).toBe(0);
    expect(result.wireEncoding).toBe('deflate-raw');
  });

  it('leaves a body without coding as it is', () => {
    for (const coding of [null, '', 'identity', ' , ', 'None']) {
      expect(decoded(text, coding)).toEqual({ ok: true, bytes: text, wireEncoding: 'identity', warning: null });
    }
  });

  it('takes an empty body for empty, whatever the header says', () => {
    expect(decoded(Buffer.alloc(0), 'gzip').bytes.length).toBe(0);
  });

  it('joins the members of a gzip body', () => {
    const result = decoded(Buffer.concat([gzipSync('one '), gzipSync('two')]), 'gzip');
    expect(Buffer.from(result.bytes).toString()).toBe('one two');
    expect(result.wireEncoding).toBe('gzip');
  });

  it('joins the frames of a zstd body', () => {
    const result = decoded(Buffer.concat([zstdCompressSync('one '), zstdCompressSync('two')]), 'zstd');
    expect(Buffer.from(result.bytes).toString()).toBe('one two');
    // Whoever reads it back from the file undoes one frame.
    expect(result.wireEncoding).toBeNull();
    expect(decoded(zstdCompressSync('one'), 'zstd').wireEncoding).toBe('zstd');
  });

  it('takes parts that fill the limit exactly, empty ones behind them, and no byte more', () => {
    const full = Array.from({ length: 100 }, () => zstdCompressSync(Buffer.alloc(100, 'a')));
    const members = Array.from({ length: 100 }, () => gzipSync(Buffer.alloc(100, 'a')));
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
    for (const [coding, parts] of [
      ['zstd', [...full, skippable]],
      ['zstd', [...full, zstdCompressSync('')]],
      ['gzip', [...members, gzipSync(''), Buffer.from('tail')]],
    ] as const) {
      expect(decodeBody(Buffer.concat(parts), coding, 10_000)).toMatchObject({ ok: true });
      const more = decodeBody(Buffer.concat([...parts.slice(0, 100), parts[0], Buffer.from('tail')]), coding, 10_000);
      expect(more).toMatchObject({ ok: false, errorClass: 'too-large', isFinal: true });
    }
  });

  it.each([
    ['zstd', zstdCompressSync('ab'), ''],
    ['gzip', gzipSync('ab'), 'garbage'],
  ])('joins ten thousand parts of a %s body, and refuses more', (coding, part, tail) => {
    const parts = (count: number) => Buffer.concat([...Array.from({ length: count }, () => part), Buffer.from(tail)]);
    expect(Buffer.from(decoded(parts(10_000), coding).bytes).toString()).toBe('ab'.repeat(10_000));
    expect(decodeBody(parts(10_001), coding, 1e7)).toMatchObject({
      ok: false,
      errorClass: 'decode',
      isFinal: true,
    });
  });

  it.each([
    ['gzip', gzipSync(text), garbage],
    ['gzip', Buffer.concat([gzipSync(text.subarray(0, 100)), gzipSync(text.subarray(100))]), garbage],
    ['gzip', gzipSync(text), Buffer.alloc(12)],
    ['gzip', gzipSync(text), Buffer.from([0x1f])],
    ['deflate', deflateSync(text), garbage],
    ['deflate', deflateRawSync(text), garbage],
    ['br', brotliCompressSync(text), garbage],
    ['zstd', zstdCompressSync(text), garbage],
  ])(
    'ignores bytes after the end of %s data with a warning and does not store the wire bytes',
    (coding, wire, tail) => {
      const result = decoded(Buffer.concat([wire, tail]), coding);
      expect(Buffer.compare(result.bytes, text)).toBe(0);
      expect(result.wireEncoding).toBeNull();
      expect(result.warning).toContain(coding);
    },
  );

  it('reads the optional fields of a gzip header before trailing garbage', () => {
    const fields = [3, 0, 1, 2, 3, ...Buffer.from('name\0comment\0')];
    const result = decoded(Buffer.concat([withHeaderCrc(4 | 8 | 16, fields), garbage]), 'gzip');
    expect(Buffer.compare(result.bytes, text)).toBe(0);
    expect(result.wireEncoding).toBeNull();
  });

  it('undoes stacked codings in reverse order', () => {
    const result = decoded(brotliCompressSync(gzipSync(text)), 'gzip, br');
    expect(Buffer.compare(result.bytes, text)).toBe(0);
    expect(result.wireEncoding).toBeNull();
  });

  it('refuses two hundred stacked codings without trying', () => {
    expect(failed(gzipSync(text), Array.from({ length: 200 }, () => 'gzip').join(',')).errorClass).toBe('decode');
  });

  it.each(['utf-8', 'compress', 'aws-chunked', 'constructor', '__proto__'])(
    'refuses the unknown coding %s by name',
    (coding) => {
      const failure = failed(text, coding);
      expect(failure.errorClass).toBe('decode');
      expect(failure.error).toContain(coding);
    },
  );

  it('calls a body with a wrong check sum undecodable', () => {
    const wire = Buffer.from(gzipSync(text));
    wire[wire.length - 6]! ^= 1;
    expect(failed(wire, 'gzip')).toMatchObject({ errorClass: 'decode', errorCode: 'ERR_CONTENT_CODING' });
  });

  it.each([
    ['a wrong check sum', memberOf(2, [1, 2])],
    ['a reserved flag', memberOf(0x20, [])],
    ['all reserved flags', memberOf(0xe0, [])],
  ])('calls a gzip header with %s damaged, as whoever reads a stored body does', (_, member) => {
    const tail = Buffer.from('tail');
    for (const wire of [[member], [withHeaderCrc(), member], [member, tail], [gzipSync(text), member, tail]]) {
      const failure = failed(Buffer.concat(wire), 'gzip');
      expect(failure).toMatchObject({ errorClass: 'decode', errorCode: 'ERR_CONTENT_CODING', isFinal: false });
    }
  });

  it('accepts a gzip header with its own check sum', () => {
    expect(decoded(withHeaderCrc(), 'gzip').wireEncoding).toBe('gzip');
    const followed = decoded(Buffer.concat([withHeaderCrc(), withHeaderCrc(), garbage]), 'gzip');
    expect(followed.bytes.length).toBe(2 * text.length);
    expect(followed.wireEncoding).toBeNull();
  });

  it('does not pass a truncated second member or frame on as whole', () => {
    const gzip = Buffer.concat([gzipSync(text), gzipSync(text).subarray(0, -4)]);
    const zstd = Buffer.concat([zstdCompressSync(text), zstdCompressSync(text).subarray(0, -2)]);
    expect(failed(gzip, 'gzip').errorClass).toBe('decode');
    expect(failed(zstd, 'zstd').errorClass).toBe('decode');
  });

  it('applies the size cap to plain and to decoded bodies', () => {
    expect(failed(text, null, text.length - 1).errorClass).toBe('too-large');
    expect(failed(gzipSync(text), 'gzip', text.length - 1).errorClass).toBe('too-large');
    expect(decoded(text, null, text.length).bytes.length).toBe(text.length);
    expect(decoded(gzipSync(text), 'gzip', text.length).bytes.length).toBe(text.length);
  });

  it.each([
    ['br', brotliCompressSync(Buffer.alloc(8_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(8_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(8_000_000)))],
  ])('calls more than a thousandfold growth past 1 MB a bomb: %s', (coding, wire) => {
    expect(failed(wire, coding).errorClass).toBe('bomb');
    expect(failed(wire, coding, 500_000).errorClass).toBe('too-large');
  });

  it('lets a small body grow more than a thousandfold', () => {
    expect(decoded(brotliCompressSync(Buffer.alloc(900_000)), 'br').bytes.length).toBe(900_000);
  });

  it('does not believe a gzip trailer that announces gigabytes', () => {
    const wire = Buffer.from(gzipSync(text));
    wire.writeUInt32LE(0xfffffff0, wire.length - 4);
    expect(failed(wire, 'gzip').errorClass).toBe('decode');
  });
});
