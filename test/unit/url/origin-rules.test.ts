import { expect, test } from 'vitest';
import { canonicalOriginPattern, OriginRules } from '../../../src/url/origin-rules.ts';

test.each([
  ['https://API.example.com', 'https://api.example.com'],
  ['https://api.example.com/', 'https://api.example.com'],
  ['https://api.example.com:443', 'https://api.example.com'],
  ['http://api.example.com:8080', 'http://api.example.com:8080'],
  ['api.example.com', 'https://api.example.com'],
  ['https://*.bücher.example', 'https://*.xn--bcher-kva.example'],
  ['http://[::1]:81', 'http://[::1]:81'],
  ['http://127.1', 'http://127.0.0.1'],
  ['https://example.com/path', null],
  ['https://user@example.com', null],
  ['https://a.*.com', null],
  ['*', null],
  ['ftp://example.com', null],
  ['https://example.com:99999', null],
  ['', null],
])('%s', (pattern, canonical) => {
  expect(canonicalOriginPattern(pattern)).toBe(canonical);
});

test('a rule holds for its scheme, host and port; the most specific one decides', () => {
  const rules = new OriginRules<Record<string, string>>({
    'https://a.com': { x: 'one' },
    'https://*.a.com': { x: 'all', y: 'all' },
    'https://b.a.com': { x: 'b' },
    'https://a.com:444': { x: 'port' },
  });
  expect(rules.of('https://a.com')).toEqual({ x: 'one' });
  expect(rules.of('https://b.a.com')).toEqual({ x: 'b', y: 'all' });
  expect(rules.of('https://a.com:444')).toEqual({ x: 'port' });
  for (const origin of ['http://a.com', 'https://xa.com', 'https://a.com.b.com', 'https://b.a.com:444']) {
    expect(rules.of(origin)).toBeUndefined();
  }
});
