import { expect, test } from 'vitest';

import { parseDuration, parseRate, parseSize, writeDuration, writeSize } from '../../../src/config/units.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1500],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  [' 30 s ', 30_000],
  ['0', 0],
  [0, 0],
])('the duration %j is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['fast', '', '-5s', '5 minutes', '5S', null, true, '1e3s', 'Infinitys', '99999999999999d'])(
  '%j is no duration',
  (value) => {
    expect(() => parseDuration(value)).toThrow(/must be a duration such as 500ms, 30s, 5m or 2h, got /);
  },
);

test('a duration without a unit is refused with the two ways to write it', () => {
  expect(() => parseDuration(30)).toThrow('a number needs its unit: 30s or 30ms');
  expect(() => parseDuration('30')).toThrow('a number needs its unit: 30s or 30ms');
});

test.each([
  ['10MB', 10_000_000],
  ['10mb', 10_000_000],
  ['1GiB', 2 ** 30],
  ['64 KiB', 65_536],
  ['1.5KB', 1500],
  ['512B', 512],
  ['512', 512],
  [512, 512],
])('the size %j is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['ten', '', '-1MB', '10MiBB', '0.5B', 1.5, null, {}])('%j is no size', (value) => {
  expect(() => parseSize(value)).toThrow(/must be a size such as 500KB, 10MB or 1GiB, got /);
});

test('a bare letter is refused with the two units it may mean', () => {
  expect(() => parseSize('10M')).toThrow('write MB (1,000s) or MiB (1,024s)');
});

test.each([
  ['2/s', 2],
  ['0.5/s', 0.5],
  ['30/m', 0.5],
  ['3600/h', 1],
  [5, 5],
])('the rate %j is %d a second', (text, perSecond) => {
  expect(parseRate(text)).toBeCloseTo(perSecond, 12);
});

test.each(['0/s', 0, '2/d', 'fast', -1])('%j is no rate', (value) => {
  expect(() => parseRate(value)).toThrow(/must be a rate above 0 such as 2\/s or 30\/m, got /);
});

test.each([0, 1, 999, 1000, 1500, 60_000, 90_000, 86_400_000])(
  '%i ms is written so that it reads back the same',
  (ms) => {
    expect(parseDuration(writeDuration(ms))).toBe(ms);
  },
);

test.each([0, 1, 999, 1000, 1024, 1_048_576, 64_000_000, 10_000_001])(
  '%i bytes are written so that they read back the same',
  (bytes) => {
    expect(parseSize(writeSize(bytes))).toBe(bytes);
  },
);

test('durations and sizes are written in their largest whole unit', () => {
  expect([writeDuration(120_000), writeDuration(90_000), writeDuration(1500)]).toEqual(['2m', '90s', '1500ms']);
  expect([writeSize(10_000_000), writeSize(2 ** 20), writeSize(1234)]).toEqual(['10MB', '1MiB', '1234B']);
});
