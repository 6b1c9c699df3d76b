import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../support/readable-page.ts';
import { decodeText, prescan } from '../../../src/parse/charset.ts';
import { FILL_SLACK } from '../../../src/parse/decode-large.ts';
import { cpuTimeOf } from '../../support/cpu-time.ts';

const latin2 = Buffer.from([0xb1, 0xe6, 0xea]); // ąćę

/** As text, to be read in expectations. */
function decoded(bytes: Uint8Array, label: string | null, html: boolean) {
  const { utf8, ...rest } = readWhole(bytes, label, html);
  return { text: textOf(utf8), ...rest };
}

/** All of it, and what is known then. */
function readWhole(bytes: Uint8Array, label: string | null, html: boolean) {
  const { text, lossy, ...rest } = decodeText(bytes, label, html);
  if (text instanceof Uint8Array) return { utf8: text, ...rest, lossy, isCut: false };
  const utf8 = Buffer.alloc(text.mostLength + FILL_SLACK);
  const length = text.fill(utf8, 0, text.mostLength);
  return { utf8: utf8.subarray(0, length), ...rest, lossy: lossy || text.hasReplaced, isCut: text.isCut };
}

describe('decodeText', () => {
  it('lets the byte-order mark win over header and meta', () => {
    const bytes = Buffer.from('\ufeff<meta charset="big5">é');
    expect(decoded(bytes, 'iso-8859-2', true)).toEqual({
      text: '<meta charset="big5">é',
      charset: 'utf-8',
      source: 'bom',
      lossy: false,
      isCut: false,
    });
  });

  it('reads UTF-16 by its mark', () => {
    const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Żółw', 'utf16le')]);
    expect(decoded(little, null, true)).toMatchObject({ text: 'Żółw', charset: 'utf-16le', source: 'bom' });
    const big = Buffer.from(little).swap16();
    expect(decoded(big, null, true)).toMatchObject({ text: 'Żółw', charset: 'utf-16be', source: 'bom' });
  });

  it('lets the header win over meta', () => {
    const bytes = Buffer.concat([Buffer.from('<meta charset="koi8-r">'), latin2]);
    expect(decoded(bytes, 'ISO-8859-2', true)).toMatchObject({
      text: '<meta charset="koi8-r">ąćę',
      charset: 'iso-8859-2',
      source: 'header',
    });
  });

  it('goes on to meta where the header’s label is unknown', () => {
    const bytes = Buffer.concat([Buffer.from('<meta charset=iso-8859-2>'), latin2]);
    expect(decoded(bytes, 'x-nonsense', true)).toMatchObject({ charset: 'iso-8859-2', source: 'meta' });
  });

  it('finds a meta beyond the first kilobyte', () => {
    const bytes = Buffer.concat([Buffer.from(`<!--${'x'.repeat(5000)}--><META CHARSET=iso-8859-2>`), latin2]);
    expect(decoded(bytes, null, true)).toMatchObject({ charset: 'iso-8859-2', source: 'meta' });
  });

  it('finds a meta that begins in the first kilobyte and ends behind it', () => {
    for (let before = 940; before <= 1030; before++) {
      const head = Buffer.from(`<!--${'x'.repeat(before - 7)}--><meta charset=iso-8859-2>`);
      const found = decoded(Buffer.concat([head, latin2]), null, true);
      expect([before, found.charset, found.source]).toEqual([before, 'iso-8859-2', 'meta']);
    }
  });

  it('does not look for meta in plain text', () => {
    expect(decoded(Buffer.from('<meta charset=koi8-r>'), null, false)).toMatchObject({
      charset: 'utf-8',
      source: 'default',
    });
  });

  it('recognises UTF-8 that nobody declared', () => {
    expect(decoded(Buffer.from('<p>naïve'), null, true)).toMatchObject({
      text: '<p>naïve',
      charset: 'utf-8',
      source: 'detected',
    });
  });

  it('guesses an undeclared legacy encoding from the bytes', () => {
    const russian =
      'Запруда задерживает воду и пускает её дальше ровно настолько, насколько река может принять. '.repeat(8);
    const bytes = Buffer.from(Array.from(russian, (c) => windows1251(c)));
    expect(decoded(bytes, null, true)).toMatchObject({ text: russian, charset: 'windows-1251', source: 'detected' });
  });

  it('decodes windows-1252 as the web means it', () => {
    expect(decoded(Buffer.from([0x80, 0x93, 0xe9]), 'iso-8859-1', true)).toMatchObject({
      text: '€“é',
      charset: 'windows-1252',
    });
  });

  it('says when characters were replaced', () => {
    expect(decoded(Buffer.from([0x61, 0xff, 0x62]), 'utf-8', true)).toMatchObject({ text: 'a\ufffdb', lossy: true });
    expect(decoded(Buffer.from('a\0b'), null, true)).toMatchObject({ text: 'a\ufffdb', lossy: true });
    expect(decoded(Buffer.from('a\ufffdb'), 'utf-8', true)).toMatchObject({ text: 'a\ufffdb', lossy: false });
  });

  it('replaces any number of NULs in bounded memory, of 10 MB up to twice their size', () => {
    const nuls = 10_000_000;
    const before = process.memoryUsage().heapUsed;
    const { utf8, lossy, isCut } = readWhole(
      Buffer.concat([Buffer.from('é'), Buffer.alloc(nuls), Buffer.from('ü')]),
      null,
      true,
    );
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
    expect([lossy, isCut]).toEqual([true, true]);
    expect(2 * (nuls + 4) - utf8.length).toBeLessThan(3);
    expect(Buffer.from(utf8.subarray(0, 8)).toString()).toBe('é\ufffd\ufffd');
    expect(Buffer.from(utf8.subarray(-3)).toString()).toBe('\ufffd');
  });

  it.each([
    ['windows-874', 'ก'.repeat(400_000), 0xa1],
    ['shift_jis', 'ｱ'.repeat(400_000), 0xb1],
    ['koi8-r', '─'.repeat(400_000), 0x80],
  ])('reads a large page in %s to its end, whose characters take three bytes in UTF-8', (charset, text, byte) => {
    const { utf8, isCut } = readWhole(Buffer.alloc(400_000, byte), charset, false);
    expect(isCut).toBe(false);
    expect(Buffer.compare(utf8, Buffer.from(text))).toBe(0);
  });

  it.each(['utf-8', 'utf-16le', 'gb18030', 'shift_jis', 'iso-2022-jp', 'windows-1251'])(
    'reads %s in pieces as in one',
    (charset) => {
      // ASCII and anything else by turns, so that pieces end inside characters.
      const bytes = randomBytes(300_000).map((byte, n) => (n % 7 < 4 ? 97 + (byte % 26) : byte));
      const expected = new TextDecoder(charset).decode(bytes).replaceAll('\0', '\ufffd');
      const { utf8, isCut } = readWhole(bytes, charset, false);
      expect(isCut).toBe(false);
      expect(Buffer.compare(utf8, Buffer.from(expected))).toBe(0);
    },
  );
});

/** Enough of windows-1251 for the sentence above. */
function windows1251(char: string): number {
  const code = char.codePointAt(0)!;
  if (code < 128) return code;
  if (char === 'ё') return 0xb8;
  return code - 0x410 + 0xc0;
}

describe('prescan', () => {
  const folder = join(import.meta.dirname, '../../../../shared/suites/html5lib/encoding');
  const cases = existsSync(folder) ? ['tests1.dat', 'tests2.dat', 'test-yahoo-jp.dat'].flatMap(readCases) : [];
  if (cases.length === 0)
    console.warn(`\n### html5lib encoding suite NOT FOUND at ${folder}: its cases were not run ###\n`);

  it(`agrees with the html5lib encoding suite (${cases.length} cases found)`, () => {
    const wrong = cases.filter(({ data, encoding }) => {
      const { charset, source } = decodeText(data, null, true);
      const found = source === 'bom' ? charset : (prescan(data) ?? 'windows-1252');
      return found !== encoding;
    });
    expect(wrong.map(({ data, encoding }) => ({ data: data.toString('latin1').slice(0, 200), encoding }))).toEqual([]);
  });

  function readCases(file: string): { data: Buffer; encoding: string }[] {
    const parts = readFileSync(join(folder, file), 'latin1')
      .split(/^#data\n/m)
      .slice(1);
    return parts.map((part) => {
      const at = part.lastIndexOf('#encoding\n');
      const data = Buffer.from(part.slice(0, at).replace(/\n$/, ''), 'latin1');
      return {
        data,
        encoding: part
          .slice(at + '#encoding\n'.length)
          .trim()
          .toLowerCase(),
      };
    });
  }

  it('finds a declaration in each of the standard’s two forms', () => {
    expect(prescan(Buffer.from('<meta charset="iso8859-2">'))).toBe('iso-8859-2');
    expect(prescan(Buffer.from('<meta content="text/html; charset=iso8859-2" http-equiv=content-type>'))).toBe(
      'iso-8859-2',
    );
    expect(prescan(Buffer.from('<!-- <meta charset="iso8859-2"> -->'))).toBeNull();
  });

  it.each([
    ['a slash instead of a blank', '<meta/charset=koi8-r>'],
    ['slashes between attributes', '<meta http-equiv="content-type"/content="a;charset=koi8-r"/>'],
    ['references in charset', '<meta charset="koi&#56;&#x2d;r">'],
    [
      'references in http-equiv and content',
      '<meta http-equiv=content&#45;type content="text/html; ch&#97;rset=koi8-r">',
    ],
    ['a comment that ends at once', '<!--><meta charset=koi8-r>'],
    ['a quoted end of a tag before', '<html title=">"><meta charset=koi8-r>'],
    ['an XML declaration', '<?xml version="1.0" encoding="koi8-r"?><p>'],
    ['a meta behind an XML declaration', '<?xml version="1.0" encoding="big5"?><meta charset=koi8-r>'],
    ['a meta behind one without a known label', '<meta charset=nonsense><meta charset=koi8-r>'],
    ['the first of two attributes of one name', '<meta charset=koi8-r charset=big5>'],
  ])('reads %s', (_name, html) => {
    expect(prescan(Buffer.from(html))).toBe('koi8-r');
  });

  it.each([
    '<metal charset=koi8-r>',
    '<p title="<meta charset=koi8-r>">',
    '<meta charset=koi8-r',
    '<meta charset="koi8-r>',
    '<meta content="text/html; charset=koi8-r">',
    '<meta name=x content="charset">',
    '<!x <meta charset=koi8-r>',
  ])('finds nothing in %s', (html) => {
    expect(prescan(Buffer.from(html))).toBeNull();
  });

  it('reads any beginning in time that grows with its length', () => {
    const pieces = [
      '<',
      '<!--',
      '<a ',
      '<a b="',
      '=',
      '<meta ',
      "<meta charset='",
      '<meta content=charset ',
      '&',
      '<!',
    ];
    const took = cpuTimeOf(() => {
      for (const piece of pieces) prescan(Buffer.from(`${piece.repeat(16_000 / piece.length)}charset`));
    });
    // Squared it would be a billion steps.
    expect(took).toBeLessThan(1_000);
  });
});
