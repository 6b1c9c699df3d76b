/** A page that ends the thread that parses it costs that page its parsing, and no other page anything. */
import { test } from 'vitest';
import { survivesPage } from '../support/deadly-pages.ts';

test('a page on which the thread leaves the process', async () => {
  await survivesPage('EXIT THE THREAD', 'worker-crash');
}, 60_000);
