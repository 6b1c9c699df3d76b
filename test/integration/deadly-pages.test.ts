/** A page that ends the thread that parses it costs that page its parsing, and no other page anything. */
import { expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../src/model/error-codes.ts';
import { crawlDeadlyPage } from '../support/deadly-pages.ts';

test('a page on which the thread leaves the process: fetched once more, stored unparsed, explained', async () => {
  const { row, story, requests } = await crawlDeadlyPage('EXIT THE THREAD');
  expect(row).toMatchObject({ state: 'done', attempts: 1, title: null, parse_error: 'worker-crash' });
  expect(row['kept']).toBe(row['bytes']);
  expect(requests).toBe(2);
  expect(story).toContain(`but not parsed, worker-crash: ${ERROR_CLASSES['worker-crash'].remedy}`);
});

test('a page on which the thread leaves even where it does not parse: failed at the second time', async () => {
  const { row, story, requests } = await crawlDeadlyPage('EXIT IN ANY CASE');
  expect(row).toMatchObject({ state: 'failed', reason: 'worker-crash', attempts: 1, kept: null });
  expect(requests).toBe(2);
  expect(story).toContain('a parser thread died with this page 2 times');
});
