import { describe, expect, it } from 'vitest';
import type { ExtractDataset, ExtractRule } from '../../../src/model/extract-rule.ts';
import { checkSelector } from '../../../src/parse/check-selector.ts';
import { PageParser } from '../../../src/parse/parse-page.ts';
import { readablePage } from '../../support/readable-page.ts';
import { fetchedPage, parserOptions } from './fetched-page.ts';

function rule(selector: string, more: Partial<ExtractRule> = {}): ExtractRule {
  return { selector, attribute: null, list: false, ...more };
}

async function extract(body: string, ...datasets: ExtractDataset[]) {
  const parser = await PageParser.create(parserOptions({ extract: datasets }));
  return readablePage(parser.parse(fetchedPage({ body })).page!);
}

const shop = `<base href="/shop/"><ul>
  <li class=item data-id=7><a href="a?x=1"> Red   <b>hat</b></a><i>soft</i><i>warm</i></li>
  <li class=item><a>Blue hat</a></li></ul>`;

describe('extraction rules', () => {
  it('take text, attributes and lists from each row', async () => {
    const page = await extract(shop, {
      name: 'hats',
      rows: 'li.item',
      fields: {
        name: rule('a'),
        url: rule('a', { attribute: 'href' }),
        id: rule(':scope', { attribute: 'data-id' }),
        tags: rule('i', { list: true }),
      },
    });
    expect(page.items).toEqual([
      {
        dataset: 'hats',
        fields: { name: 'Red hat', url: 'http://site.test/shop/a?x=1', id: '7', tags: ['soft', 'warm'] },
      },
      { dataset: 'hats', fields: { name: 'Blue hat', url: null, id: null, tags: [] } },
    ]);
    expect(page.text).toContain('Blue hat');
  });

  it('give one row for a page without rows, and none if nothing matched', async () => {
    const all: ExtractDataset = {
      name: 'page',
      rows: null,
      fields: { first: rule('a'), links: rule('a', { attribute: 'href', list: true }) },
    };
    const none: ExtractDataset = {
      name: 'none',
      rows: null,
      fields: { x: rule('.missing'), y: rule('.missing', { list: true }) },
    };
    expect((await extract(shop, all, none)).items).toEqual([
      { dataset: 'page', fields: { first: 'Red hat', links: ['http://site.test/shop/a?x=1'] } },
    ]);
  });

  it('that fail cost the page its items, nothing else', async () => {
    const page = await extract(shop, { name: 'bad', rows: null, fields: { x: rule('a:no-such-thing') } });
    expect(page).toMatchObject({ parseError: 'extractor-error', items: [], words: 4 });
    expect(page.links!.length).toBe(1);
    expect(page.warning).toContain('no-such-thing');
  });
});

describe('checkSelector', () => {
  it.each(['a', 'ul > li:nth-child(2n+1) a[href^="/"]', 'h1, h2', ':scope', 'a:contains(x)', 'li:eq(1)'])(
    'accepts %s',
    (selector) => {
      expect(checkSelector(selector)).toBeNull();
    },
  );

  it.each(['', '  ', 'a[', 'a:no-such-thing', '>>', 'a{}'])('says what is wrong with %j', (selector) => {
    expect(checkSelector(selector)).toMatch(/\w/);
  });
});
