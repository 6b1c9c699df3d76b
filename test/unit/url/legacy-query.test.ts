import { expect, test } from 'vitest';
import { queryEncoderOf } from '../../../src/url/legacy-query.ts';
import { LinkResolver } from '../../../src/url/resolve-links.ts';

function resolved(charset: string, href: string): string | null {
  return new LinkResolver('http://site.test/dir/page', queryEncoderOf(charset)).resolve(href);
}

test.each([
  ['windows-1251', '?q=Привет', '?q=%CF%F0%E8%E2%E5%F2'],
  ['windows-1252', '?q=café €', '?q=caf%E9%20%80'],
  ['iso-8859-2', '?ł=ą', '?%B3=%B1'],
  ['shift_jis', '?日本', '?%93%FA%96{'],
  ['shift_jis', '?ｱ①纊', '?%B1%87@%FA\\'],
  ['euc-jp', '?日本ｱ', '?%C6%FC%CB%DC%8E%B1'],
  ['euc-kr', '?한글', '?%C7%D1%B1%DB'],
  ['gbk', '?中文€', '?%D6%D0%CE%C4%80'],
  ['gb18030', '?中文€', '?%D6%D0%CE%C4%A2%E3'],
  ['big5', '?中十', '?%A4%A4%A4Q'],
  ['windows-1251', '?日&ж=%ff+a', '?%26%2326085%3B&%E6=%ff+a'],
  ['windows-1251', 'ж?ж#ж', '%D0%B6?%E6'],
  ['windows-1251', '#?ж', ''],
  ['windows-1251', 'https://other.test/?ж', 'https://other.test/?%E6'],
  ['utf-8', '?ж', '?%D0%B6'],
  ['utf-16le', '?ж', '?%D0%B6'],
  ['x-user-defined', '?ж\uf7ff', '?%26%231078%3B%FF'],
  ['gb18030', '?é😀\u00a5\ue5e5', '?%A8%A6%949%FC6%810%846%26%2358853%3B'],
  ['shift_jis', '?¥‾−', '?\\~%81|'],
  ['euc-jp', '?¥‾−', '?\\~%A1%DD'],
  ['iso-2022-jp', '?q=日本 go', '?q=%1B$BF|K\\%1B(B%20go'],
  ['iso-2022-jp', '?日&b=本', '?%1B$BF|%1B(B&b=%1B$BK\\%1B(B'],
  ['iso-2022-jp', '?あ"\'ア', '?%1B$B$%22%1B(B%22%27%1B$B%%22%1B(B'],
  ['iso-2022-jp', '?ｱﾞﾟ−', '?%1B$B%%22!+!,!]%1B(B'],
  ['iso-2022-jp', '?¥5‾\\x~日', '?%1B(J\\5~%1B(B\\x~%1B$BF|%1B(B'],
  ['iso-2022-jp', '?日é本', '?%1B$BF|%1B(B%26%23233%3B%1B$BK\\%1B(B'],
  ['iso-2022-jp', '?日\n本', '?%1B$BF|K\\%1B(B'],
  ['iso-2022-jp', '?日\u001b本', '?%1B$BF|%1B(B%26%2365533%3B%1B$BK\\%1B(B'],
  ['iso-2022-jp', 'https://other.test/日?日#日', 'https://other.test/%E6%97%A5?%1B$BF|%1B(B'],
])('a page in %s links by %j to %j', (charset, href, expected) => {
  const base = expected.startsWith('?') || expected === '' ? 'http://site.test/dir/page' : 'http://site.test/dir/';
  expect(resolved(charset, href)).toBe(expected.startsWith('http') ? expected : base + expected);
});

/** Of Japanese encodings some characters are written as others that look alike. */
function readBack(charset: string, character: string): string {
  if (charset === 'iso-2022-jp' && /[\uff61-\uff9d]/.test(character)) return character.normalize('NFKC');
  const alike: Readonly<Record<string, string>> =
    charset === 'iso-2022-jp' ? { '−': '－', ﾞ: '゛', ﾟ: '゜' } : { '−': '－', '¥': '\\', '‾': '~' };
  const isJapanese = charset.endsWith('jp') || charset === 'shift_jis';
  return (isJapanese ? alike[character] : undefined) ?? character;
}

test.each([
  'windows-1252',
  'koi8-r',
  'windows-874',
  'x-user-defined',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'gbk',
  'gb18030',
  'big5',
  'iso-2022-jp',
])('whatever %s can write is read back as the same', (charset) => {
  const encode = queryEncoderOf(charset)!;
  const decoder = new TextDecoder(charset);
  let written = 0;
  for (let code = 0x80; code < 0x10000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCharCode(code);
    const query = encode(`?${character}`).slice(1);
    if (query.startsWith('%26%23')) continue;
    written++;
    const bytes = Buffer.from(
      query.replaceAll(/%([\dA-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    );
    expect(decoder.decode(bytes)).toBe(readBack(charset, character));
  }
  expect(written).toBeGreaterThan(80);
});
