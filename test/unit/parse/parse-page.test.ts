import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { FetchedPage, PageResult } from '../../../src/model/page.ts';
import type { ParserOptions } from '../../../src/parse/options.ts';
import { PageParser } from '../../../src/parse/parse-page.ts';
import { readablePage } from '../../support/readable-page.ts';
import type { ReadablePage } from '../../support/readable-page.ts';
import { fetchedPage, parserOptions } from './fetched-page.ts';
import type { PageParts } from './fetched-page.ts';

type ReadableResult = Omit<PageResult, 'page'> & { readonly page: ReadablePage | null };

async function parse(parts: PageParts, options: Partial<ParserOptions> = {}): Promise<ReadableResult> {
  const parser = await PageParser.create(parserOptions(options));
  const result = parser.parse(fetchedPage(parts));
  return { ...result, page: result.page === null ? null : readablePage(result.page) };
}

describe('PageParser', () => {
  it('gives the store what it needs of a page, and nothing of the fetch', async () => {
    const page: FetchedPage = fetchedPage({
      body: gzipSync('<html lang=en><title>T</title><link rel=canonical href=/c><p>Two words <a href=next>on</a>'),
      contentEncoding: 'gzip',
      contentType: 'text/html; charset=UTF-8',
    });
    const wire = page.body;
    const parser = await PageParser.create(parserOptions());
    const result = parser.parse(page);
    expect(Object.keys(result).sort()).toEqual(['attempt', 'body', 'hostNote', 'page', 'settlement']);
    expect(result.body).toMatchObject({ encoding: 'gzip', bytes: wire });
    expect(readablePage(result.page!)).toEqual({
      contentType: 'text/html',
      title: 'T',
      description: null,
      h1: null,
      lang: 'en',
      canonical: 'http://site.test/c',
      charset: 'utf-8',
      charsetSource: 'header',
      words: 3,
      text: 'Two words on',
      parseError: null,
      warning: null,
      links: [{ to: 'http://site.test/dir/next', anchor: 'on', rel: null, n: 1 }],
      linksTotal: 1,
      items: [],
    });
  });

  it.each([
    ['application/xhtml+xml', 'A & B', 'c < d'],
    ['text/html', '<![CDATA[A & B]]>', ''],
  ])('takes CDATA sections for what they are in %s', async (contentType, title, text) => {
    const { page } = await parse({
      body: '<html><head><title><![CDATA[A & B]]></title></head><body><![CDATA[c < d]]></body></html>',
      contentType,
    });
    expect(page).toMatchObject({ contentType, title, text });
  });

  it('resolves links and canonical against <base href>', async () => {
    const { page } = await parse({
      body: '<base href="/other/"><base href="/no/"><link rel=canonical href=c><a href=x>x</a><a href="#f">f</a>',
    });
    expect(page).toMatchObject({ canonical: 'http://site.test/other/c' });
    expect(page!.links!.map((link) => link.to)).toEqual(['http://site.test/other/x', 'http://site.test/other/']);
  });

  it.each(['javascript:alert(1)', 'http://[', 'data:text/html,x'])('ignores the base %s', async (base) => {
    const { page } = await parse({ body: `<base href="${base}"><a href=x>x</a>` });
    expect(page!.links![0]!.to).toBe('http://site.test/dir/x');
  });

  it('writes queries of links in the encoding of the page, paths in UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from('<a href="/'),
      Buffer.from([0xe6]),
      Buffer.from('?q='),
      Buffer.from([0xe6, 0x22]),
    ]);
    const { page } = await parse({
      body: Buffer.concat([body, Buffer.from('>x</a>')]),
      contentType: 'text/html; charset=windows-1251',
    });
    expect(page!.links!.map((link) => link.to)).toEqual(['http://site.test/%D0%B6?q=%E6']);
  });

  it('keeps internal links only, by host name, and counts all', async () => {
    const body =
      '<a href="http://site.test:8080/a">a</a><a href="https://SITE.test">b</a><a href="http://site.test./e">e</a><a href="http://www.site.test/">c</a><a href="?q">d</a>';
    const { page } = await parse({ body }, { links: 'internal' });
    expect(page!.links!.map((link) => link.to)).toEqual([
      'http://site.test:8080/a',
      'https://site.test/',
      'http://site.test./e',
      'http://site.test/dir/page.html?q',
    ]);
    expect(page!.linksTotal).toBe(5);
  });

  it('gathers no links with --links none', async () => {
    const { page } = await parse({ body: '<title>t</title><a href=x>x</a>' }, { links: 'none' });
    expect(page).toMatchObject({ title: 't', links: null, linksTotal: 0, text: 'x' });
  });

  it('keeps ten thousand links and says how many there were', async () => {
    const body =
      Array.from({ length: 10_007 }, (_, n) => `<a href=/p${n}>x</a>`).join('') + '<a href=/p10006>again</a>';
    const { page } = await parse({ body });
    expect(page!.links!.length).toBe(10_000);
    expect(page!.linksTotal).toBe(10_007);
    expect(page!.warning).toContain('10007');
  });

  it('keeps two million characters of links, as written and as resolved', async () => {
    const long = 'a'.repeat(1_000);
    const written = await parse({ body: Array.from({ length: 3_000 }, (_, n) => `<a href="/${n}/${long}">`).join('') });
    expect(written.page!.links!.length).toBeLessThan(2_000);
    expect(written.page!.linksTotal).toBe(3_000);
    const han = '水'.repeat(300);
    const resolved = await parse({ body: Array.from({ length: 1_000 }, (_, n) => `<a href="/${n}/${han}">`).join('') });
    expect(resolved.page!.links!.length).toBeLessThan(750);
    expect(resolved.page!.linksTotal).toBe(1_000);
  });

  it('takes no URL from an href of megabytes, but for its fragment', async () => {
    const long = 'a'.repeat(300_000);
    const { page } = await parse({ body: `<base href="/${long}"><a href="/${long}">x</a><a href="/b#${long}">y</a>` });
    expect(page!.links!.map((link) => link.to)).toEqual(['http://site.test/b']);
  });

  it('counts anchors, rels and what JSON escapes in them among those characters', async () => {
    const anchored = async (anchor: string) => {
      const body = Array.from(
        { length: 9_000 },
        (_, n) => `<a href="/${n}" rel="${'r'.repeat(40)}">${anchor}</a>`,
      ).join('');
      const { page } = await parse({ body });
      expect(page!.linksTotal).toBe(9_000);
      return page!.links!;
    };
    expect((await anchored('a'.repeat(130))).length).toBe(9_000);
    expect((await anchored('a'.repeat(200))).length).toBeLessThan(8_000);
    const quoted = await anchored('"'.repeat(120));
    expect(quoted.length).toBeLessThan(8_000);
    expect(JSON.stringify(quoted).length).toBeLessThan(2_600_000);
    expect(quoted[0]!.anchor).toBe('"'.repeat(120));
    expect(JSON.stringify(await anchored('\u0001'.repeat(120))).length).toBeLessThan(2_600_000);
  });

  it('cuts anchors between characters', async () => {
    const { page } = await parse({
      body: `<a href=/a>${'😀'.repeat(150)}</a><a href=/b>x${'😀'.repeat(150)}</a><a href=/c>${'é'.repeat(300)}</a>`,
    });
    expect(page!.links!.map(({ anchor }) => anchor)).toEqual([
      '😀'.repeat(100),
      `x${'😀'.repeat(99)}`,
      'é'.repeat(200),
    ]);
  });

  it('reads a large page in another encoding as a small one, remarks in their order', async () => {
    const filler = '<p>Größe, und noch ein Wort. '.repeat(20_000);
    const html = `<title>Größe</title><h1>Überschrift</h1>${filler}<a href=/ü>Fuß</a>`;
    const latin1 = await parse({ body: Buffer.from(html, 'latin1'), contentType: 'text/html; charset=iso-8859-1' });
    const utf8 = await parse({ body: html, contentType: 'text/html; charset=utf-8' });
    const { charset, ...rest } = latin1.page!;
    expect(charset).toBe('windows-1252');
    expect(rest).toEqual({ ...utf8.page!, charset: undefined });
    const body = Buffer.concat([Buffer.from(filler), Buffer.alloc(8_000_000)]);
    const broken = await parse({ body, contentType: 'text/html; charset=utf-8' }, { maxSize: 10_000_000 });
    expect(broken.page!.warning).toMatch(/^only the beginning was read.*; replaced characters/);
  });

  it('reads large plain text in another encoding', async () => {
    const text = 'Größe und '.repeat(60_000);
    const { page } = await parse({ body: Buffer.from(text, 'utf16le'), contentType: 'text/plain; charset=utf-16le' });
    expect(page).toMatchObject({ words: 120_000, charset: 'utf-16le', warning: null });
    expect(page!.text).toBe(text.trim());
  });

  it('keeps the first 10 MB of text, whole characters, and says so', async () => {
    const { page, body } = await parse({ body: `<p>a${'é'.repeat(5_200_000)}` }, { maxSize: 20_000_000 });
    expect(Buffer.byteLength(page!.text!)).toBe(9_999_999);
    expect(page!.text!.endsWith('éé')).toBe(true);
    expect(page!.warning).toContain('10 MB of text');
    expect(body!.decodedBytes).toBe(10_400_004);
  });

  it('reads title and links, but no text in mode links', async () => {
    const { page } = await parse({ body: '<title>t</title><h1>h</h1>words <a href=x>x</a>' }, { mode: 'links' });
    expect(page).toMatchObject({ title: 't', h1: null, text: null, words: null });
    expect(page!.links!.length).toBe(1);
  });

  it('decodes, measures and digests in mode none', async () => {
    const result = await parse({ body: gzipSync('<title>t</title>'), contentEncoding: 'gzip' }, { mode: 'none' });
    expect(result.body).toMatchObject({ decodedBytes: 16, encoding: 'gzip' });
    expect(result.page).toMatchObject({
      contentType: 'text/html',
      title: null,
      charset: null,
      links: null,
      parseError: null,
    });
  });

  it('does not parse a page that ended a thread before, and records why', async () => {
    const result = await parse({ body: '<title>t</title>', parse: 'none', parseError: 'parse-timeout' });
    expect(result.body!.decodedBytes).toBe(16);
    expect(result.page).toMatchObject({ title: null, links: null, parseError: 'parse-timeout' });
    expect(result.settlement).toEqual({ state: 'done' });
  });

  it('reads words and text of plain text, and nothing of other types', async () => {
    const text = await parse({ body: 'two  words\n', contentType: 'text/plain; charset=utf-8' });
    expect(text.page).toMatchObject({ text: 'two words', words: 2, title: null, links: null, charset: 'utf-8' });
    const json = await parse({ body: '{"a":"<a href=x>"}', contentType: 'application/json' });
    expect(json.page).toMatchObject({
      contentType: 'application/json',
      text: null,
      words: null,
      links: null,
      charset: null,
    });
  });

  it('sniffs a page without a type', async () => {
    const { page } = await parse({ body: '<!doctype html><title>t</title>', contentType: null });
    expect(page).toMatchObject({ contentType: 'text/html', title: 't' });
  });

  it('stores an empty body as an empty page', async () => {
    const result = await parse({ body: '', contentType: null });
    expect(result.body).toMatchObject({ decodedBytes: 0, encoding: 'identity' });
    expect(result.page).toMatchObject({ contentType: null, parseError: null });
    expect((await parse({ body: '' })).page).toMatchObject({ contentType: 'text/html', text: '', words: 0, links: [] });
  });

  it('hands a body that does not decode to the sender’s policy, with nothing stored', async () => {
    const result = await parse({ body: 'not gzip', contentEncoding: 'gzip' });
    expect(result).toMatchObject({
      body: null,
      page: null,
      settlement: { state: 'queued', reason: 'decode', notBefore: 5 },
    });
    expect(result.attempt).toMatchObject({ urlId: 1, status: 200, errorClass: 'decode', errorCode: 'Z_DATA_ERROR' });
    expect(result.attempt.error).toContain('gzip');
  });

  it.each([
    ['decode', 'x-nobody-knows', Buffer.from('busy'), 'unknown content coding "x-nobody-knows"'],
    ['decode', 'gzip', Buffer.from('busy'), 'gzip: incorrect header check'],
    ['bomb', 'gzip, gzip', gzipSync(gzipSync(Buffer.alloc(5_000_000))), '1000 times its size'],
    ['too-large', 'gzip', gzipSync(Buffer.alloc(11_000_000)), 'see --max-size'],
  ] as const)('keeps what the status has settled where the body does not decode: %s of %s', async (...row) => {
    const [parseError, contentEncoding, body, warning] = row;
    const parser = await PageParser.create(parserOptions());
    const page = fetchedPage({ body, contentEncoding, contentType: 'text/html; charset=utf-8' });
    const refused = { status: 503, errorClass: 'http-5xx', error: 'HTTP 503 Service Unavailable' } as const;
    const attempt = { ...page.attempt, ...refused };
    const settlement = { state: 'queued', reason: 'http-5xx', notBefore: 7 } as const;
    const result = parser.parse({ ...page, attempt, settlement });
    expect(result).toMatchObject({ attempt, settlement, body: null });
    expect(result.page).toMatchObject({ parseError, contentType: 'text/html', title: null, links: null, text: null });
    expect(result.page!.warning).toMatch(/^the body was left out: /);
    expect(result.page!.warning).toContain(warning);
  });

  it('fails a page that is too large or a bomb, finally', async () => {
    const large = await parse({ body: 'x'.repeat(101) }, { maxSize: 100 });
    expect(large).toMatchObject({ body: null, settlement: { state: 'failed', reason: 'too-large' } });
    const bomb = await parse({ body: gzipSync(gzipSync(Buffer.alloc(5_000_000))), contentEncoding: 'gzip, gzip' });
    expect(bomb).toMatchObject({
      page: null,
      settlement: { state: 'failed', reason: 'bomb' },
      attempt: { errorClass: 'bomb' },
    });
  });

  it('warns of trailing garbage and replaced characters', async () => {
    const body = Buffer.concat([gzipSync(Buffer.from([0x61, 0xff])), Buffer.from('tail')]);
    const { page } = await parse({ body, contentEncoding: 'gzip', contentType: 'text/html;charset=utf-8' });
    expect(page!.text).toBe('a\ufffd');
    expect(page!.warning).toMatch(/replaced .*; .*gzip/);
  });
});
