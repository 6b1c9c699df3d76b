import { expect, test } from 'vitest';
import { LinkResolver } from '../../../src/url/resolve-links.ts';

const page = new LinkResolver('https://docs.example.org/a/b/page.html?v=1#here');

test.each([
  ['next.html', 'https://docs.example.org/a/b/next.html'],
  ['next.html#part', 'https://docs.example.org/a/b/next.html'],
  ['../up.html', 'https://docs.example.org/a/up.html'],
  ['../../../../over.html', 'https://docs.example.org/over.html'],
  ['../', 'https://docs.example.org/a/'],
  ['..', 'https://docs.example.org/a/'],
  ['/', 'https://docs.example.org/'],
  ['/root/x?y=1&z=a/b', 'https://docs.example.org/root/x?y=1&z=a/b'],
  ['?q=1', 'https://docs.example.org/a/b/page.html?q=1'],
  ['?', 'https://docs.example.org/a/b/page.html?'],
  ['', 'https://docs.example.org/a/b/page.html?v=1'],
  ['#top', 'https://docs.example.org/a/b/page.html?v=1'],
  ['//cdn.example.org/x', 'https://cdn.example.org/x'],
  ['HTTP://Other.example', 'http://other.example/'],
  ['https:relative', 'https://docs.example.org/a/b/relative'],
  ['a/%2e%2e/b', 'https://docs.example.org/a/b/b'],
  ['page.html #x', 'https://docs.example.org/a/b/page.html%20'],
  [' pa\tge.html ', 'https://docs.example.org/a/b/page.html'],
])('%j leads to %s', (href, url) => {
  expect(page.resolve(href)).toBe(url);
});

test.each(['mailto:a@b', 'javascript:void(0)', 'data:text/plain,x', 'tel:1', 'http://', 'ftp://h/', 'http://u:p@h/'])(
  '%j leads nowhere',
  (href) => {
    expect(page.resolve(href)).toBeNull();
  },
);

test('credentials of the base are not passed on to links', () => {
  const resolver = new LinkResolver('https://user:secret@example.com/a/');
  expect(resolver.resolve('b')).toBe('https://example.com/a/b');
  expect(resolver.resolve('b c')).toBe('https://example.com/a/b%20c');
});

test('without a usable base only absolute links resolve, and nothing throws', () => {
  for (const base of ['', 'nonsense', 'mailto:a@b', 'data:text/html,x']) {
    const resolver = new LinkResolver(base);
    expect(resolver.resolve('page.html')).toBeNull();
    expect(resolver.resolve('')).toBeNull();
    expect(resolver.resolve('https://example.com/x#y')).toBe('https://example.com/x');
  }
});

test('a link that joining would make longer than a URL may be leads nowhere', () => {
  expect(page.resolve('a'.repeat(63_990))).toBeNull();
  expect(page.resolve('a'.repeat(1_000_000))).toBeNull();
});
