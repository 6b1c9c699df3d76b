import { expect, test } from 'vitest';
import { firstWindow, nextWindow } from '../../../src/frontier/host-window.ts';

test.each([
  { perHost: 1, capacity: 1_000, window: 2 },
  { perHost: 16, capacity: 1_000, window: 16 },
  { perHost: 16, capacity: 20, window: 10 },
  { perHost: 16, capacity: 1, window: 1 },
])('begins with $window leases for $perHost slots and a capacity of $capacity', ({ perHost, capacity, window }) => {
  expect(firstWindow(perHost, capacity)).toBe(window);
});

test.each([
  { name: 'doubles when it ran dry at once', lastedMs: 100, isStarved: true, window: 32 },
  { name: 'stays when it ran dry after more than a second', lastedMs: 1_000, isStarved: true, window: 16 },
  { name: 'stays when the refill came in time', lastedMs: 100, isStarved: false, window: 16 },
  { name: 'halves when it lasted for long', lastedMs: 6_000, isStarved: false, window: 8 },
])('$name', ({ lastedMs, isStarved, window }) => {
  expect(nextWindow({ window: 16, lastedMs, isStarved }, 2, 1_000)).toBe(window);
});

test('never grows beyond half of all leases, nor shrinks below what it began with', () => {
  expect(nextWindow({ window: 300, lastedMs: 1, isStarved: true }, 2, 1_000)).toBe(500);
  expect(nextWindow({ window: 3, lastedMs: 9_000, isStarved: false }, 2, 1_000)).toBe(2);
});
