import { describe, expect, it } from 'vitest';
import { packLinks } from '../../../src/model/packed-links.ts';
import type { PageLink } from '../../../src/model/page.ts';
import { unpackLinks } from '../../support/readable-page.ts';

const LINKS: readonly PageLink[] = [
  { to: 'http://site.test/a?b=%0A', anchor: 'A place to go', rel: 'nofollow ugc', n: 2 },
  { to: 'http://site.test/', anchor: '', rel: null, n: 10_000 },
  { to: 'https://xn--bcher-kva.test/', anchor: 'Bücher – 本 📚', rel: null, n: 1 },
];

describe('packed links', () => {
  it('come out as they went in, in their order', () => {
    expect(unpackLinks(packLinks(LINKS))).toEqual(LINKS);
  });

  it('are an empty string where there are none', () => {
    expect(packLinks([])).toBe('');
    expect(unpackLinks('')).toEqual([]);
  });
});
