import { MessageChannel } from 'node:worker_threads';
import { load } from 'cheerio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { type ResultsMessage, unpackResult } from '../../src/model/packed-pages.ts';
import { readHtml } from '../../src/parse/html.ts';
import { ParserPool } from '../../src/parse/pool.ts';
import { LinkResolver } from '../../src/url/resolve-links.ts';
import { effort } from '../support/effort.ts';
import { textOf } from '../support/readable-page.ts';
import { fetchedPage, parserOptions } from '../unit/parse/fetched-page.ts';

const base = 'http://site.test/dir/page.html';

function read(html: string, xhtml = false) {
  const facts = readHtml(Buffer.from(html), { mode: 'full', text: true, links: true, xhtml });
  return { ...facts, text: textOf(facts.text)! };
}

function linksOf(html: string) {
  return read(html).links.resolve(new LinkResolver(base), null, true).links;
}

/** Well-formed HTML of inline elements, blocks, links and entities, as text. */
const word = fc.stringMatching(/^[a-zA-Z0-9äß€😀.,;'"-]{1,8}$/u);
const entity = fc.constantFrom('&amp;', '&lt;', '&#8217;', '&nbsp;', '&eacute;', '&amp', '&unknown;', '& ');
const space = fc.constantFrom(' ', '\n', '  ', '\t \n');
const text = fc.array(fc.oneof({ weight: 5, arbitrary: word }, entity, { weight: 3, arbitrary: space }), {
  maxLength: 8,
});
const href = fc.constantFrom(
  'a',
  '/b',
  '../c',
  '?q=1&amp;r=2',
  'http://other.test/x',
  '#f',
  'a#g',
  'mailto:x@y',
  '//h.test/z',
  'b%20c',
);

const { body } = fc.letrec<{ body: string; node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text.map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('b', 'i', 'span', 'em'), tie('body'))
      .map(([tag, inner]) => `<${tag} class="x">${inner}</${tag}>`),
    fc
      .tuple(fc.constantFrom('div', 'section', 'ul', 'blockquote'), tie('body'))
      .map(([tag, inner]) => `<${tag}>${inner}</${tag}>`),
    fc.tuple(href, text).map(([to, inner]) => `<a href="${to}">${inner.join('')}</a>`),
    fc.constantFrom(
      '<br>',
      '<hr/>',
      '<!-- no -->',
      '<script>if (a < b) "</p>"</script>',
      '<style>p > a {}</style>',
      '<img alt="x">',
    ),
  ),
  body: fc.array(tie('node'), { maxLength: 5 }).map((nodes) => nodes.join('')),
}));

/** What people see, by a tree: the oracle. */
function visibleByTree(html: string): string {
  const $ = load(html);
  $('script, style, noscript, template, svg').remove();
  $('div, section, ul, blockquote, br, hr, img, h1, body').before(' ').after(' ').prepend(' ').append(' ');
  return collapsed($('body').text());
}

function collapsed(value: string): string {
  return value
    .split(/[ \t\n\r\f\u00a0]+/)
    .filter((part) => part !== '')
    .join(' ');
}

/** What a tokenizer stumbles over. */
const PIECES =
  `< > </ /> <a href= " ' = <!-- --> <! <? & &# ; <svg> </svg> <title> </title> <script> </script <template> <base
  href=x> <h1> 😀 x <p <![CDATA[ ]]> <textarea> </textarea> <style </style> <plaintext> &amp &#60; <a\thref='y' </a`
    .split(/[ \n]+/)
    .concat(' ', '\n', '\0', '\ud800', '<a ', '</p ');

describe('readHtml', () => {
  it('sees the same title and text as a tree does', () => {
    fc.assert(
      fc.property(text, body, (title, content) => {
        const html = `<!doctype html><html><head><title>${title.join('')}</title></head><body>${content}</body></html>`;
        const facts = read(html);
        expect(facts.title ?? '').toBe(collapsed(load(html)('title').text()));
        const visible = visibleByTree(html);
        expect(facts.text).toBe(visible);
        expect(facts.words).toBe(visible === '' ? 0 : visible.split(' ').length);
      }),
      { numRuns: 200 },
    );
  });

  it('sees the same links, in the same order, as often', () => {
    fc.assert(
      fc.property(body, (content) => {
        const resolver = new LinkResolver(base);
        const counts = new Map<string, number>();
        for (const element of load(content)('a[href]').toArray()) {
          const value = element.attribs['href']!;
          const to = value.startsWith('#') ? null : resolver.resolve(value);
          if (to !== null) counts.set(to, (counts.get(to) ?? 0) + 1);
        }
        expect(linksOf(content).map((link) => [link.to, link.n])).toEqual([...counts]);
      }),
      { numRuns: 200 },
    );
  });

  it('reads anything at all without throwing, into well-formed collapsed text', () => {
    const piece = fc.constantFrom(...PIECES);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 40 }),
        fc.boolean(),
        (pieces, xhtml) => {
          const facts = read(pieces.join(''), xhtml);
          expect(facts.text).toBe(collapsed(facts.text));
          expect(facts.words).toBe(facts.text === '' ? 0 : facts.text.split(' ').length);
          for (const link of facts.links.resolve(new LinkResolver(base), null, true).links) {
            expect(URL.parse(link.to)?.href).toBe(link.to);
            expect(link.n).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('ParserPool', () => {
  it('loses no page and doubles none while its threads are ended in the middle of their work', async () => {
    // Pages that take about as long as they are allowed to: verdicts and results race for the gate.
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 12, maxLength: 20 });
    const seen = { stored: 0, lost: 0 };
    await fc.assert(
      fc.asyncProperty(sizes, async (pages) => {
        // One that is quick and one that takes too long on any machine.
        pages = [0, ...pages, 20];
        const stored: number[] = [];
        const lost: number[] = [];
        const done = Promise.withResolvers<void>();
        const check = (): void => {
          if (stored.length + lost.length >= pages.length) done.resolve();
        };
        const pool = new ParserPool({
          threads: 2,
          clock: systemClock,
          options: parserOptions({ pageTimeoutMs: 20 }),
          resultPort: () => {
            const { port1, port2 } = new MessageChannel();
            port1.on('message', ({ results }: ResultsMessage) => {
              stored.push(...results.map((result) => unpackResult(result).attempt.urlId));
              check();
            });
            port1.unref();
            return port2;
          },
          onLost: (gone) => {
            lost.push(...gone.map((page) => page.urlId));
            check();
          },
          onError: (error) => done.reject(error),
        });
        await pool.ready();
        pages.forEach((size, urlId) =>
          pool.submit(fetchedPage({ urlId, body: '<p>word <b>word</b>'.repeat(size * 20_000) })),
        );
        await done.promise;
        await pool.close();
        seen.stored += stored.length;
        seen.lost += lost.length;
        expect([...stored, ...lost].sort((a, b) => a - b)).toEqual(pages.map((_, urlId) => urlId));
      }),
      { numRuns: effort(1, 20) },
    );
    // Else nothing raced.
    expect(Math.min(seen.stored, seen.lost)).toBeGreaterThan(0);
  });
});
