/** Text that is decoded while it is read is what `TextDecoder` makes of the whole, whatever the encoding and the portions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { release } from '../../src/model/large-memory.ts';
import { FILL_SLACK, LargeText } from '../../src/parse/decode-large.ts';

/** What breaks a decoder, in Latin-1: beginnings, ends and middles of characters, NUL, marks, what no encoding has. */
const BREAKING =
  `a < \0 \x80 \xbf \xc0\x80 \xc2 \xdf\xbf \xe0\x80\x80 \xe0\xa0 \xed\x9f\xbf \xed\xa0\x80 \xef\xbb\xbf \xef\xbf\xbd
  \xf0\x8f \xf0\x90\x80 \xf4\x8f\xbf\xbf \xf4\x90 \xf5 \xff \xfe\xff \x1b$B`.split(/[ \n]+/);
const piece = fc.oneof(
  fc.constantFrom(...BREAKING),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const page = fc
  .tuple(fc.array(piece, { maxLength: 30 }), fc.nat(9_000), fc.array(piece, { maxLength: 30 }))
  .map(([head, filler, tail]) => Buffer.from(`${head.join('')}${'x'.repeat(filler)}${tail.join('')}`, 'latin1'));

const ENCODINGS =
  `utf-8 utf-16le utf-16be gb18030 gbk big5 shift_jis euc-jp euc-kr iso-2022-jp ibm866 koi8-r koi8-u macintosh x-mac-cyrillic
  windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257
  windows-1258 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10
  iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16`.split(/\s+/);

describe('LargeText', () => {
  it('reads the same in portions as the platform does at once', () => {
    let tripled = 0;
    fc.assert(
      fc.property(
        page,
        fc.constantFrom(...ENCODINGS),
        fc.integer({ min: 1, max: 9_000 }),
        (bytes, charset, portion) => {
          const whole = Buffer.from(new TextDecoder(charset).decode(bytes).replaceAll('\0', '\ufffd'));
          const text = new LargeText(bytes, charset);
          const read: Buffer[] = [];
          while (!text.isOver) {
            const out = Buffer.alloc(portion + FILL_SLACK);
            read.push(out.subarray(0, text.fill(out, 0, portion)));
            expect(new TextDecoder('utf-8', { fatal: true }).decode(read.at(-1))).toBeDefined();
          }
          const utf8 = Buffer.concat(read);
          if (utf8.length > 2 * bytes.length) tripled++;
          expect(text.isCut).toBe(false);
          expect(utf8.equals(whole)).toBe(true);
          const again = text.whole();
          expect(utf8.equals(again)).toBe(true);
          release(again);
          expect(text.hasReplaced).toBe(whole.includes('\ufffd'));
        },
      ),
      { numRuns: 500 },
    );
    expect(tripled).toBeGreaterThan(0);
  });

  it.each([
    ['windows-874', 6_600_000, 19_800_000],
    ['windows-874', 6_700_000, 20_000_000],
    ['windows-874', 9_999_999, 20_000_000],
    ['windows-874', 11_000_000, 22_000_000],
    ['shift_jis', 400_000, 1_200_000],
    ['koi8-r', 400_000, 1_200_000],
  ])('reads of %s in %i bytes that triple no more than %i, whole characters', (charset, length, most) => {
    const text = new LargeText(Buffer.alloc(length, charset === 'koi8-r' ? 0x80 : 0xb1), charset);
    const whole = text.whole();
    text.forEach(() => {});
    expect(text.isCut).toBe(most < 3 * length);
    expect(text.mostLength).toBe(most);
    expect(whole.length).toBe(most - (most % 3));
    release(whole);
  });

  it('hands on all of itself, in portions of whole characters', () => {
    const text = new LargeText(Buffer.from('é水😀\0'.repeat(40_000), 'utf16le'), 'utf-16le');
    const read: string[] = [];
    text.forEach((utf8, length) => read.push(Buffer.from(utf8.subarray(0, length)).toString()));
    expect(read.length).toBeGreaterThan(3);
    expect(read.join('')).toBe('é水😀\ufffd'.repeat(40_000));
  });
});
