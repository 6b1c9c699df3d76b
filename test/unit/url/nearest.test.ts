import { expect, it } from 'vitest';
import { nearestUrls, spellingsOf } from '../../../src/url/nearest.ts';

it('puts the URL with one slip first', () => {
  const known = ['http://a.test/', 'http://a.test/page/22', 'http://a.test/other', 'http://a.test/page/12?x=1'];
  expect(nearestUrls('http://a.test/pgae/22', known, 2)[0]).toBe('http://a.test/page/22');
  expect(nearestUrls('http://a.test/page/12', known, 1)).toEqual(['http://a.test/page/22']);
});

it('offers no more than asked for, and what there is', () => {
  expect(nearestUrls('http://a.test/x', [], 3)).toEqual([]);
  expect(nearestUrls('http://a.test/x', ['http://a.test/y', 'http://a.test/z'], 1)).toHaveLength(1);
});

it('knows the other spellings of a page, and not the page itself', () => {
  const spellings = spellingsOf('https://www.a.test/x?q=1');
  for (const spelling of ['http://www.a.test/x?q=1', 'https://a.test/x?q=1', 'https://www.a.test/x/?q=1']) {
    expect(spellings).toContain(spelling);
  }
  expect(spellings).not.toContain('https://www.a.test/x?q=1');
});
