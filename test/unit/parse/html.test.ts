import { describe, expect, it } from 'vitest';
import { readHtml } from '../../../src/parse/html.ts';
import type { HtmlRequest } from '../../../src/parse/html.ts';
import { textOf } from '../../support/readable-page.ts';
import { LinkResolver } from '../../../src/url/resolve-links.ts';
import { cpuTimeOf } from '../../support/cpu-time.ts';

function read(html: string, request: Partial<HtmlRequest> = {}) {
  const facts = readHtml(Buffer.from(html), { mode: 'full', text: true, links: true, xhtml: false, ...request });
  return { ...facts, text: textOf(facts.text) };
}

function links(html: string, request: Partial<HtmlRequest> = {}) {
  return read(html, request).links.resolve(new LinkResolver('http://site.test/dir/page.html'), null, true).links;
}

describe('a link with a fragment', () => {
  it.each([
    'page #top',
    'page\t#top',
    ' page#top ',
    'page  ',
    'page\u0001#top',
    '?a #x',
    'page# ',
    'http://x.test/a b #c',
    '/ #',
  ])('leads where the URL standard says: %j', (href) => {
    const expected = new URL(href, 'http://site.test/dir/page.html');
    expected.hash = '';
    expect(links(`<a href="${href}">x</a>`).map(({ to }) => to)).toEqual([expected.href]);
  });

  it('is the page itself where nothing stands before it', () => {
    expect(links('<a href=" \t#top">x</a><a href=" # ">x</a>')).toEqual([]);
  });
});

describe('readHtml, metadata', () => {
  it('finds title, description, h1, language, canonical and base', () => {
    const facts = read(`<!doctype html><HTML LANG=en-GB><head><base href="/b/"><title> A &amp;
      B </title><META NAME=Description CONTENT="it&#39;s
      short"><link rel="shortcut Canonical" href=/x?a=1&amp;b=2></head><body><h1>One <b>big</b><br>thing</h1><h1>Two</h1>`);
    expect(facts).toMatchObject({
      title: 'A & B',
      description: "it's short",
      h1: 'One big thing',
      lang: 'en-GB',
      canonical: '/x?a=1&b=2',
      base: '/b/',
    });
  });

  it('compares what attributes mean, not how they are written', () => {
    const facts = read('<link rel="can&#111;nical" href=/c><meta name="&#x64;escription " content=d>');
    expect(facts).toMatchObject({ canonical: '/c', description: 'd' });
    expect(links('<a rel="n&#111;follow" href=/a>x</a>')).toMatchObject([{ rel: 'nofollow' }]);
  });

  it('has null where the page has nothing', () => {
    expect(read('<title> </title><h1></h1><meta name=description>just text')).toMatchObject({
      title: null,
      description: null,
      h1: null,
      lang: null,
      canonical: null,
      base: null,
      text: 'just text',
    });
  });

  it('takes the first title, and not the one of a drawing', () => {
    expect(read('<svg><title>drawing</title></svg><title>page</title><title>again</title>').title).toBe('page');
  });

  it('reads a title as text, tags in it included', () => {
    expect(read('<title>Using <b> &lt;and&gt; <!-- x --></title>').title).toBe('Using <b> <and> <!-- x -->');
  });

  it('reads what stands in an unclosed title as its text', () => {
    expect(read('<title>open ended').title).toBe('open ended');
  });

  it('bounds every field and never cuts a character in two', () => {
    const facts = read(
      `<title>${'😀'.repeat(5000)}</title><meta name=description content="${'ä '.repeat(9000)}"><h1>${'x'.repeat(9000)}</h1>`,
    );
    expect(facts.title).toBe('😀'.repeat(2048));
    expect(facts.description!.length).toBeLessThanOrEqual(8192);
    expect(facts.h1!.length).toBe(4096);
    const odd = read(`<title>x${'😀'.repeat(5000)}</title>`).title!;
    expect(odd.isWellFormed()).toBe(true);
  });

  it('carries nothing from one page to the next', () => {
    read('<title>one</title><svg><a href=x>open');
    expect(read('<p>two')).toMatchObject({ title: null, text: 'two', words: 1 });
  });
});

describe('readHtml, text', () => {
  it.each([
    ['<p>a<p>b', 'a b', 2],
    ['<b>bo</b>ld <i>it</i>alic', 'bold italic', 2],
    ['a<br>b<hr>c', 'a b c', 3],
    ['<td>1</td><td>2</td>', '1 2', 2],
    ['  a \n\t b&nbsp;&#160;c\u00a0d  ', 'a b c d', 4],
    ['a<script>no()</script>b<style>p{}</style>c', 'abc', 1],
    ['<noscript>no <b>no</b></noscript>yes', 'yes', 1],
    ['<template><p>no</template>yes', 'yes', 1],
    ['a <svg><text>no</text><svg></svg><path/>no</svg> b', 'a b', 2],
    ['a<svg><rect>no<p>yes', 'a yes', 2],
    ['<iframe>no</iframe>yes', 'yes', 1],
    ['a<!-- no -->b<!no>c<?no>d', 'abcd', 1],
    ['1 < 2 && 3 > 2', '1 < 2 && 3 > 2', 7],
    ['&lt;p&gt; &copy &notit; &#x1F600; &#0; &#xD800;', '<p> © ¬it; 😀 \ufffd \ufffd', 6],
    ['a <&nbsp;b <&#39;c &&amp;&; &thetasym;&ThickSpace;&amp', "a < b <'c &&&; ϑ\u205f\u200a&", 6],
    ['<textarea>in <b></textarea>', 'in <b>', 2],
    ['<textarea>a &amp; </title> b</textarea>', 'a & </title> b', 4],
    ['<!-->a<!--->b<!-- --!>c<!-- > --->d<!', 'abcd', 1],
    ['<p title="a > b" data-x=\'"\'>a</p b="c">d', 'a d', 2],
    ['<style><!-- </style>a<script>"</scripty>"</SCRIPT >b', 'ab', 1],
    ['a<plaintext>b</plaintext><p>', 'a b</plaintext><p>', 2],
    ['日本語 テキスト', '日本語 テキスト', 2],
    ['', '', 0],
  ])('of %j is %j', (html, text, words) => {
    expect(read(html)).toMatchObject({ text, words });
  });

  it.each(['<', '</', '< p>', '<1>'])('keeps %j, which is no tag', (text) => {
    expect(read(`a ${text}`).text).toBe(`a ${text}`);
  });

  it.each(['<p', '<p ', '<a href', '<a href="x>y', '<a href=x', '</p', '</p ', '<!--x', '<!doctype', '<?x', '</1'])(
    'drops %j, a tag that the page ends in',
    (tag) => {
      const facts = read(`<b>a</b>${tag}`);
      expect(facts.text).toBe('a');
      expect(links(`<b>a</b>${tag}`)).toEqual([]);
    },
  );

  it('is not gathered, but counted, with --no-text', () => {
    expect(read('<p>a b <b>c</b>', { text: false })).toMatchObject({ text: null, words: 3 });
  });

  it('is not looked at in mode links', () => {
    expect(read('<h1>x</h1><p>a b <a href=/x>c</a>', { mode: 'links' })).toMatchObject({ text: null, h1: null });
  });

  it('takes the self-closing slash seriously in XHTML only', () => {
    expect(read('<script src="x"/><p>text</p>', { xhtml: true }).text).toBe('text');
    expect(read('<script src="x"/><p>text</p>').text).toBe('');
    expect(read('<title/><p>text</p>', { xhtml: true })).toMatchObject({ title: null, text: 'text' });
  });

  it.each([
    ['<title><![CDATA[A & B <i>]]></title>', { title: 'A & B <i>', text: '' }],
    ['<title>A <![CDATA[&amp;]]> B</title>', { title: 'A &amp; B', text: '' }],
    ['<title>A <!-- B --> C</title>', { title: 'A C', text: '' }],
    ['<p><![CDATA[1 < 2 &lt; 3]]> &lt; 4</p>', { text: '1 < 2 &lt; 3 < 4' }],
    ['<textarea><![CDATA[<b>]]></textarea>', { text: '<b>' }],
    ['<script>//<![CDATA[\n"</script>"\n//]]></script><p>text</p>', { text: 'text' }],
    ['<style><![CDATA[</style>]]>a<![CDATA[</style>]]></style><p>text</p>', { text: 'text' }],
    ['<script>for (i=0;i<n;i++)</script><p>text <![CDATA[</p>]]>', { text: 'text </p>' }],
  ])('of XHTML holds what stands in CDATA sections, as it stands there: %s', (page, expected) => {
    expect(read(page, { xhtml: true })).toMatchObject(expected);
  });

  it('of HTML holds no CDATA sections, which are comments or text there', () => {
    expect(read('<title><![CDATA[A]]></title><p>b<![CDATA[c > d]]></p>')).toMatchObject({
      title: '<![CDATA[A]]>',
      text: 'b d]]>',
    });
  });
});

describe('readHtml, links', () => {
  it('gives each target once, with its first anchor, rel and number', () => {
    expect(
      links(
        '<a href="a.html"> First <b>anchor</b></a><a href=a.html#x>second</a><a rel="NoFollow  ugc" href="/dir/a.html">3</a><a href=b?x=1&amp;y=2>b</a>',
      ),
    ).toEqual([
      { to: 'http://site.test/dir/a.html', anchor: 'First anchor', rel: null, n: 3 },
      { to: 'http://site.test/dir/b?x=1&y=2', anchor: 'b', rel: null, n: 1 },
    ]);
    expect(links('<a rel="NoFollow  ugc" href="/x">3</a>')[0]!.rel).toBe('nofollow ugc');
  });

  it('strips the ends of an href as the URL parser does: no-break spaces stay', () => {
    const hrefs = [' \n/a ', '/c\u00a0', '\u0001/d\u0001'];
    const html = hrefs.map((href) => `<a href="${href}">x</a>`).join('');
    expect(links(html).map((link) => link.to)).toEqual(hrefs.map((href) => new URL(href, 'http://site.test/').href));
  });

  it('leaves out what cannot be fetched and what points to the page itself', () => {
    expect(
      links(
        '<a href="#top">x</a><a href="">x</a><a href=" ">x</a><a href="mailto:a@b">x</a><a href="javascript:x()">x</a><a name=x>x</a>',
      ),
    ).toEqual([]);
  });

  it('sees links in areas and in noscript, not in templates, comments and scripts', () => {
    const html = `<map><area href=/area></map><noscript><a href=/noscript>x</a></noscript><template><a href=/t>x</a></template>
      <!-- <a href=/c>x</a> --><script>"<a href=/s>x</a>"</script><svg><a href=/svg><text>x</text></a></svg>`;
    expect(links(html).map((link) => link.to)).toEqual([
      'http://site.test/area',
      'http://site.test/noscript',
      'http://site.test/svg',
    ]);
  });

  it('ends an anchor at the next one and at the end of the page', () => {
    expect(links('<a href=/1>one<a href=/2>two').map((link) => link.anchor)).toEqual(['one', 'two']);
  });

  it('keeps the text of an anchor that holds an area', () => {
    expect(links('<a href=/1>one<area href=/2> more</a>').map((link) => link.anchor)).toEqual(['one more', '']);
  });

  it('cuts anchors at 200 characters', () => {
    expect(links(`<a href=/x>${'word '.repeat(100)}</a>`)[0]!.anchor.length).toBe(200);
  });

  it('takes the first of two attributes of the same name, in any quotes and case', () => {
    expect(links(`<A HREF='/1' href="/2">x</A><a\nhref = /3>y</a>`).map((link) => link.to)).toEqual([
      'http://site.test/1',
      'http://site.test/3',
    ]);
  });

  it('gathers anchors in mode links too', () => {
    expect(links('<p>x <a href=/x>the <i>anchor</i></a> y', { mode: 'links' })).toEqual([
      { to: 'http://site.test/x', anchor: 'the anchor', rel: null, n: 1 },
    ]);
  });
});

describe('readHtml, hostile pages', () => {
  const long = 200_000;
  it.each([
    ['nested elements', '<div>'.repeat(long)],
    ['nested formatting', '<b><i><u><font>'.repeat(long / 4)],
    ['nested anchors', '<a href=x>'.repeat(long)],
    ['attributes', `<a ${'x=1 '.repeat(long)}href=/x>y`],
    ['an attribute without end', `<a href="${'x'.repeat(long * 5)}`],
    ['a comment without end', `<!--${'-'.repeat(long * 5)}`],
    ['white space', `a${' \n'.repeat(long)}b`],
    ['ampersands', '&'.repeat(long)],
    ['single characters without ampersand', '<i>x</i>'.repeat(long)],
    ['angle brackets', '<'.repeat(long)],
    ['end tags', '</p></b>'.repeat(long)],
    ['a long line', 'x'.repeat(long * 20)],
  ])('takes time in proportion to the size: %s', (_, html) => {
    const half = timed(html.slice(0, html.length / 4));
    const whole = timed(html);
    // Four times the page takes four times as long; quadratic work would take sixteen.
    expect(whole).toBeLessThan(Math.max(half * 10, 400));
  });

  function timed(html: string): number {
    return cpuTimeOf(() => read(html).links.resolve(new LinkResolver('http://site.test/'), null, true));
  }
});
