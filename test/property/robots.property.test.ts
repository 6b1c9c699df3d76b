/** The parser and matcher of robots.txt on hostile input, against a matcher so plain that it cannot be wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRobots } from '../../src/robots/parse-robots.ts';
import { cpuTimeOf } from '../support/cpu-time.ts';

/** Every way to divide the path among the characters of the pattern; exponential, for short ones. */
function naivelyMatches(pattern: string, path: string): boolean {
  if (pattern === '') return true;
  if (pattern === '$') return path === '';
  if (pattern.startsWith('*')) {
    return naivelyMatches(pattern.slice(1), path) || (path !== '' && naivelyMatches(pattern, path.slice(1)));
  }
  return path !== '' && path.startsWith(pattern.charAt(0)) && naivelyMatches(pattern.slice(1), path.slice(1));
}

const short = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 10 });
const value = fc
  .tuple(fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 8 }), fc.constantFrom('', '$'))
  .map(([text, end]) => `/${text}${end}`);
const rules = fc.array(fc.record({ allow: fc.boolean(), value }), { maxLength: 8 });

test('the longest matching rule decides, Allow where two are as long', () => {
  fc.assert(
    fc.property(rules, short, (list, rest) => {
      const path = `/${rest}`;
      const lines = list.map(({ allow, value }) => `${allow ? 'Allow' : 'Disallow'}: ${value}`);
      const matching = list.filter(({ value }) => naivelyMatches(value, path));
      const longest = Math.max(0, ...matching.map(({ value }) => value.length));
      const deciding = matching.filter(({ value }) => value.length === longest);
      const expected = deciding.length === 0 || deciding.some(({ allow }) => allow);
      const file = parseRobots(Buffer.from(`User-agent: *\n${lines.join('\n')}`), 'weir');
      expect(file.rules.isAllowed(path)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('long pieces are found where indexOf finds them', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 250, maxLength: 300 });
  fc.assert(
    fc.property(text, text, fc.nat(40), fc.boolean(), (before, after, cut, isPart) => {
      const path = `/x${before}${after}`;
      const piece = isPart ? path.slice(2 + cut, 2 + cut + 251) : `${before.slice(cut)}${after}b`;
      const file = parseRobots(Buffer.from(`User-agent: *\nDisallow: /x*${piece}`), 'weir');
      expect(file.rules.isAllowed(path)).toBe(path.indexOf(piece, 2) === -1);
    }),
  );
});

test('any octets are read, in any order, without throwing', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'User-agent: *',
      'user-agent:',
      'Disallow: /',
      'Allow /x',
      'Crawl-delay: 1e999',
      'Sitemap:',
      ':',
      '# x',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n', '\n\r')), { maxLength: 30 });
  const body = fc.oneof(
    lines.map((list) => Buffer.from(list.flat().join(''))),
    lines.map((list) => Buffer.from(list.flat().join(''), 'utf16le')),
    fc.uint8Array({ maxLength: 400 }),
  );
  fc.assert(
    fc.property(body, fc.webPath(), fc.string({ maxLength: 4 }), (bytes, path, token) => {
      const { rules } = parseRobots(bytes, token);
      expect(typeof rules.isAllowed(path || '/')).toBe('boolean');
    }),
    { numRuns: 200 },
  );
});

test('hostile patterns take time linear in the path', () => {
  const path = `/${'a'.repeat(60_000)}`;
  const values = ['*a'.repeat(2_000), `*${'a'.repeat(5_000)}b${'a'.repeat(5_000)}`, `*${'ab'.repeat(200)}`.repeat(20)];
  for (const value of values) {
    const { rules } = parseRobots(Buffer.from(`User-agent: *\nDisallow: /${value}b`), 'weir');
    const took = cpuTimeOf(() => expect(rules.isAllowed(path)).toBe(true));
    // A few ms; an exponential or quadratic matcher takes seconds to for ever.
    expect(took).toBeLessThan(1_000);
  }
});
