/** As `deadly-pages.test.ts`, for deaths that take seconds. */
import { test } from 'vitest';
import { survivesPage } from '../support/deadly-pages.ts';

test('a page that fills the memory of its thread', async () => {
  await survivesPage('FILL THE MEMORY', 'parse-memory');
}, 90_000);

test('a page on which the thread never comes to an end', async () => {
  await survivesPage('HANG THE THREAD', 'parse-timeout');
}, 90_000);
