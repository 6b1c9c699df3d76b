/** As `deadly-pages.test.ts`, for deaths that take seconds. */
import { expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../src/model/error-codes.ts';
import { crawlDeadlyPage } from '../support/deadly-pages.ts';

test.each([
  ['FILL THE MEMORY', 'parse-memory'],
  ['HANG THE THREAD', 'parse-timeout'],
] as const)('a page that says %s is stored with parse_error %s', async (deed, parseError) => {
  const { row, story, requests } = await crawlDeadlyPage(deed);
  expect(row).toMatchObject({ state: 'done', attempts: 1, title: null, parse_error: parseError });
  expect(row['kept']).toBe(row['bytes']);
  expect(requests).toBe(2);
  expect(story).toContain(`but not parsed, ${parseError}: ${ERROR_CLASSES[parseError].remedy}`);
});
