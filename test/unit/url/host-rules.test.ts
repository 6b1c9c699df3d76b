import { expect, test } from 'vitest';
import { canonicalHostPattern, HostRules } from '../../../src/url/host-rules.ts';

const RULES = new HostRules<{ a?: number; b?: number; c?: number }>({
  '*.com': { a: 1, b: 1, c: 1 },
  '*.example.com': { a: 2, b: 2 },
  'www.example.com': { a: 3 },
  'example.com': { c: 4 },
  '*.localhost': { c: 5 },
});

test.each([
  ['www.example.com', { a: 3, b: 2, c: 1 }],
  ['deep.www.example.com', { a: 2, b: 2, c: 1 }],
  ['example.com', { a: 1, b: 1, c: 4 }],
  ['notexample.com', { a: 1, b: 1, c: 1 }],
  ['localhost', undefined],
  ['com', undefined],
  ['example.org', undefined],
])('of %s: the most specific pattern decides, key by key', (host, rule) => {
  expect(RULES.of(host)).toEqual(rule);
});

test.each([
  ['Example.COM', 'example.com'],
  ['*.Example.COM', '*.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['127.1', '127.0.0.1'],
  ['[0:0::1]', '[::1]'],
  ['example.com:80', null],
  ['[::1]:8080', null],
  ['https://example.com', null],
  ['example.com/path', null],
  ['*', null],
  ['*.', null],
  ['www.*.com', null],
  ['user@example.com', null],
  ['', null],
])('the pattern %s is %s', (pattern, canonical) => {
  expect(canonicalHostPattern(pattern)).toBe(canonical);
});
