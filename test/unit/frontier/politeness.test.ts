import { expect, test } from 'vitest';
import { paceFor } from '../../../src/frontier/politeness.ts';

const UNSET = { perHost: null, delayMs: null, rate: null };

test.each([
  { host: 'example.com', isPrivate: null, pace: { perHost: 2, delayMs: 100 } },
  { host: 'example.com', isPrivate: false, pace: { perHost: 2, delayMs: 100 } },
  { host: 'intranet', isPrivate: true, pace: { perHost: 16, delayMs: 0 } },
  { host: 'localhost', isPrivate: null, pace: { perHost: 16, delayMs: 0 } },
  { host: '127.0.0.1', isPrivate: null, pace: { perHost: 16, delayMs: 0 } },
  { host: '8.8.8.8', isPrivate: null, pace: { perHost: 2, delayMs: 100 } },
])(
  '$host, private: $isPrivate, is asked $pace.perHost at a time every $pace.delayMs ms',
  ({ host, isPrivate, pace }) => {
    expect(paceFor(host, UNSET, isPrivate)).toEqual(pace);
  },
);

test('settings that are given win, each for itself', () => {
  expect(paceFor('localhost', { perHost: 3, delayMs: null, rate: null }, null)).toEqual({ perHost: 3, delayMs: 0 });
  expect(paceFor('example.com', { perHost: null, delayMs: 0, rate: null }, null)).toEqual({ perHost: 2, delayMs: 0 });
});

test('a rate is a delay, and the stricter of the two holds', () => {
  expect(paceFor('localhost', { ...UNSET, rate: 4 }, null).delayMs).toBe(250);
  expect(paceFor('example.com', { ...UNSET, rate: 50 }, null).delayMs).toBe(100);
  expect(paceFor('example.com', { ...UNSET, delayMs: 10, rate: 50 }, null).delayMs).toBe(20);
});
