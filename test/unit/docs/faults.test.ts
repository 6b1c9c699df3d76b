/** docs/faults.md: each fault that a crawl of lists can meet has its row, and each test that a row names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HELD_FAULTS } from '../../support/held-faults.ts';
import { readDocument } from '../../support/documents.ts';

const ROOT = new URL('../../../', import.meta.url);

/** First and last number of each stretch; between them are sitemaps, traps, plug-ins, saved files and the dashboard. */
const STRETCHES = [
  [1, 62],
  [68, 73],
  [76, 76],
  [79, 97],
  [100, 101],
  [103, 103],
  [105, 105],
] as const;

test('no fault is left out', () => {
  const rows = new Set(Array.from(readDocument('docs/faults.md').matchAll(/^\| (\d+) \|/gm), ([, row]) => Number(row)));
  const expected = STRETCHES.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
  expect(expected.filter((row) => !rows.has(row))).toEqual([]);
});

test.each(HELD_FAULTS.flatMap(({ row, tests }) => tests.map(([file, title]) => [row, file, title] as const)))(
  'row %i is held by %s: %s',
  (_row, file, title) => {
    const path = new URL(file, ROOT);
    expect(existsSync(path)).toBe(true);
    // The first argument of a call, or the first cell of a table of cases.
    const text = readFileSync(path, 'utf8').replaceAll(/([([])\s+/g, '$1');
    const written = ['(', '['].flatMap((before) => [`${before}'${title}'`, `${before}"${title}"`]);
    expect(written.some((one) => text.includes(one))).toBe(true);
  },
);
