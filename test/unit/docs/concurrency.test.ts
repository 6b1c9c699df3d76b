/** docs/concurrency.md: every name of ours in it is exported, and every class and function exported has its line. */
import { expect, test } from 'vitest';
import * as concurrency from '../../../src/concurrency/index.ts';
import { readDocument } from '../../support/documents.ts';

const rows = readDocument('docs/concurrency.md').matchAll(/^\| [^|]+ \| ([^|]+) \|/gm);
const named = new Set(
  Array.from(rows, ([, ours = '']) => ours)
    .slice(1)
    .flatMap((ours) => Array.from(ours.matchAll(/`([A-Za-z]+)`/g), ([, name = '']) => name)),
);
/** Values of the kinds of pools, not exports. */
const KINDS = ['async', 'threads', 'processes'];
/** What a user of the parts needs beside them, or has no counterpart in Python. */
const OTHERS = [
  'ByteBudget',
  'CancelledError',
  'CrawlError',
  'FetchPermits',
  'ManualClock',
  'portEndpoint',
  'processEndpoint',
  'systemClock',
];

test('names only what is exported', () => {
  expect([...named].filter((name) => !KINDS.includes(name) && !(name in concurrency))).toEqual([]);
});

test('leaves out nothing', () => {
  expect(Object.keys(concurrency).filter((name) => !named.has(name) && !OTHERS.includes(name))).toEqual([]);
});

test('says whose property the lock is', () => {
  const [, part = ''] = readDocument('docs/concurrency.md').split('## One lock an interpreter\n');
  for (const word of ['GIL', 'CPython', 'Jython', 'IronPython', 'isolate', 'Node.js', 'Deno', 'Bun']) {
    expect(part).toContain(word);
  }
});
