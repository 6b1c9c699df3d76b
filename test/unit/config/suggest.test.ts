import { expect, test } from 'vitest';

import { didYouMean, suggest } from '../../../src/config/suggest.ts';

const KNOWN = ['concurrency', 'timeout', 'retries', 'per-host', 'cat', 'run'];

test.each([
  ['concurency', 'concurrency'],
  ['tiemout', 'timeout'],
  ['Timeout', 'timeout'],
  ['retrys', 'retries'],
  ['cta', 'cat'],
  ['perhost', 'per-host'],
])('%s was meant to be %s', (word, meant) => {
  expect(suggest(word, KNOWN)).toBe(meant);
});

test.each(['x', 'zzzzzz', 'dog', ''])('%j is near nothing', (word) => {
  expect(suggest(word, KNOWN)).toBeNull();
  expect(didYouMean(word, KNOWN)).toBe('');
});
