import { expect, test } from 'vitest';
import { parseUrlPattern } from '../../../src/producer/url-pattern.ts';
import { brief, batchesOf, linesOf, openOne } from './support.ts';

function expand(pattern: string): string[] {
  const parsed = parseUrlPattern(pattern);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return Array.from({ length: parsed.count }, (_, index) => parsed.at(index));
}

test.each([
  ['p{0..3}', ['p0', 'p1', 'p2', 'p3']],
  ['p{3..1}', ['p3', 'p2', 'p1']],
  ['p{8..11}', ['p8', 'p9', 'p10', 'p11']],
  ['p{08..11}', ['p08', 'p09', 'p10', 'p11']],
  ['p{1..003}', ['p001', 'p002', 'p003']],
  ['p{0..10..5}', ['p0', 'p5', 'p10']],
  ['p{0..9..4}', ['p0', 'p4', 'p8']],
  ['p{-1..1}', ['p-1', 'p0', 'p1']],
  ['p{-01..1}', ['p-01', 'p000', 'p001']],
  ['{a..c}', ['a', 'b', 'c']],
  ['{x,,zz}.html', ['x.html', '.html', 'zz.html']],
  ['{a,b}{1..2}-{x,y}', ['a1-x', 'a1-y', 'a2-x', 'a2-y', 'b1-x', 'b1-y', 'b2-x', 'b2-y']],
])('%s stands for %j', (pattern, texts) => {
  expect(expand(pattern)).toEqual(texts);
});

test.each([
  ['h/{', 3, 'never closed'],
  ['h/{a,b}}', 8, 'no "{" before it'],
  ['}', 1, 'no "{" before it'],
  ['h/{}', 3, 'neither a range'],
  ['h/{a}', 3, 'neither a range'],
  ['h/{0..}', 3, 'is no range'],
  ['h/{a..9}', 3, 'mixes a letter and a number'],
  ['h/{a..Z}', 3, 'mixes upper and lower case'],
  ['{0..1}/{0..9..0}', 8, 'step'],
  ['h/{0..9..x}', 3, 'step'],
  ['h/{0..9..-1}', 3, 'step'],
  ['h/{a,{b,c}}', 3, 'braces inside braces'],
  ['h/{0..99999999999999999999}', 3, 'too large'],
  ['{1..999999999}{1..999999999}', 15, 'more combinations'],
  ['h/page1', 1, 'single quotes'],
])('%s is refused at its character %i', (pattern, column, problem) => {
  expect(parseUrlPattern(pattern)).toEqual({ column, problem: expect.stringContaining(problem) });
});

test('a billion combinations cost nothing and can be entered anywhere', async () => {
  const producer = await openOne({ urlPattern: ['http://h.test/{000..999}/{000..999}/{000..999}'] });
  expect(producer.identity).toMatchObject({ kind: 'pattern', sizeBytes: 1e9 });
  const end = await batchesOf(producer, 2, { byteOffset: 999_999_997, line: 999_999_997 });
  expect(end.map((batch) => brief(batch.lines))).toEqual([
    ['http://h.test/999/999/997', 'http://h.test/999/999/998'],
    ['http://h.test/999/999/999'],
  ]);
  expect(end.map((batch) => batch.last)).toEqual([false, true]);
  expect(await linesOf(producer, 2, { byteOffset: 1e9, line: 1e9 })).toEqual([]);
});

test('a combination that is no URL is rejected like a line of a list', async () => {
  expect(brief(await linesOf(await openOne({ urlPattern: ['http://h.test{:80,:99999}/'] })))).toEqual([
    'http://h.test/',
    '(bad-url)',
  ]);
});
