import { expect, test } from 'vitest';
import { urlHash } from '../../../src/url/hash.ts';

test('the hash never changes: databases hold it', () => {
  expect(['', 'https://example.com/', 'https://example.com/\u00fc'].map(urlHash)).toEqual([
    3425130301539985, 1076190460084433, 3315480895036348,
  ]);
});

test('similar URLs have different hashes, all of them 52-bit integers', () => {
  const seen = new Set<number>();
  let count = 0;
  const add = (url: string) => {
    const hash = urlHash(url);
    if (!Number.isSafeInteger(hash) || hash < 0 || hash >= 2 ** 52) throw new Error(`${url} has the hash ${hash}`);
    seen.add(hash);
    count++;
  };
  for (let i = 0; i < 50_000; i++) add(`https://example.com/page-${i}.html`);
  for (let a = 0; a < 200; a++) for (let b = 0; b < 200; b++) add(`http://h${a}.test/${b}`);
  expect(seen.size).toBe(count);
});

test('every bit of the hash is set for about half of all URLs', () => {
  const total = 4_000;
  const ones = Array.from({ length: 52 }, () => 0);
  for (let i = 0; i < total; i++) {
    const bits = urlHash(`http://127.0.0.1:8080/p/${i}`).toString(2).padStart(52, '0');
    for (let bit = 0; bit < 52; bit++) if (bits[bit] === '1') ones[bit] = (ones[bit] ?? 0) + 1;
  }
  // Six standard deviations of a fair coin.
  for (const count of ones) expect(Math.abs(count - total / 2)).toBeLessThan(6 * Math.sqrt(total / 4));
});
