import { expect, test } from 'vitest';

import { bytes, clockTime, count, percent, plural, rate, seconds } from '../../../src/report/numbers.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
  [-1234, '-1,234'],
])('%d is counted %s', (n, text) => {
  expect(count(n)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KB'],
  [12_345, '12.3 KB'],
  [123_456, '123 KB'],
  [999_499, '999 KB'],
  [999_500, '1.0 MB'],
  [2_500_000_000, '2.5 GB'],
])('%d bytes are %s', (n, text) => {
  expect(bytes(n)).toBe(text);
});

test.each([
  [0, '0:00'],
  [59_999, '0:59'],
  [61_000, '1:01'],
  [3_661_000, '1:01:01'],
  [-5, '0:00'],
])('%d ms are %s on the clock', (ms, text) => {
  expect(clockTime(ms)).toBe(text);
});

test('rates lose their decimals where they do not matter', () => {
  expect([rate(0.44), rate(12.34), rate(1234.5)]).toEqual(['0.4', '12.3', '1,235']);
});

test('seconds, percent and plurals', () => {
  expect(seconds(12_345)).toBe('12.35');
  expect([percent(1, 3), percent(0, 0)]).toEqual(['33%', '0%']);
  expect([plural(1, 'URL'), plural(2, 'URL'), plural(2, 'fetch', 'fetches')]).toEqual(['1 URL', '2 URLs', '2 fetches']);
});
