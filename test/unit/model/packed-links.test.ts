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

  it('are bytes of the same where there are very many', () => {
    const anchor = 'a "quoted" \u0001 text, 本 and 📚 \\ '.repeat(5);
    const many = Array.from({ length: 3_000 }, (_, n) => ({
      to: `http://x.test/${n}`,
      anchor,
      rel: n % 2 ? 'me' : null,
      n,
    }));
    const characters = JSON.stringify(many).length;
    const packed = packLinks(many, characters);
    expect(packed).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(packed as Uint8Array).toString()).toBe(packLinks(many));
    expect(unpackLinks(packed)).toEqual(many);
  });

  it('are an empty string where there are none', () => {
    expect(packLinks([])).toBe('');
    expect(unpackLinks('')).toEqual([]);
  });
});
