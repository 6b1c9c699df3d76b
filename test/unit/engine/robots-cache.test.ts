import { expect, test } from 'vitest';
import { RobotsCache, type RobotsAnswer } from '../../../src/engine/robots-cache.ts';
import { parseRobots } from '../../../src/robots/parse-robots.ts';
import { ALLOW_ALL } from '../../../src/robots/rules.ts';

const free: RobotsAnswer = { access: 'allow-all', rules: ALLOW_ALL, expiresAt: 1_000, problem: null };

test('forgets the origin that was asked for least recently, and what has expired', () => {
  const cache = new RobotsCache(2);
  cache.set('a', free);
  cache.set('b', free);
  expect(cache.get('a', 0)).toBe(free);
  cache.set('c', { ...free, expiresAt: 10 });
  expect(['a', 'b', 'c'].map((origin) => cache.get(origin, 9) !== undefined)).toEqual([true, false, true]);
  expect(cache.get('c', 10)).toBeUndefined();
});

test('bounds the size of all rules together, and keeps the newest whatever its size', () => {
  const large = parseRobots(Buffer.from(`User-agent: *\n${'Disallow: /x\n'.repeat(100)}`), 'weir').rules;
  const cache = new RobotsCache(10, 2.5 * large.weight);
  for (const origin of ['a', 'b', 'c']) cache.set(origin, { ...free, access: 'rules', rules: large });
  expect(['a', 'b', 'c'].map((origin) => cache.get(origin, 0) !== undefined)).toEqual([false, true, true]);
  const tiny = new RobotsCache(10, 1);
  tiny.set('a', { ...free, rules: large });
  expect(tiny.get('a', 0)).toBeDefined();
});
