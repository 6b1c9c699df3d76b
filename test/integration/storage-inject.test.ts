/** A sample of `storage-inject.long.ts`: some of the calls that a crawl makes on its files fail. */
import { expect, test } from 'vitest';
import { injectedRuns, whyNoInjection } from '../support/storage-inject.ts';

const why = whyNoInjection();
if (why !== null) console.warn(`SKIPPED, failing storage calls: ${why}`);

test.skipIf(why !== null)('failing writes and syncs end with exit 5, and the same command goes on', async () => {
  const { runs, refused } = await injectedRuns({
    fault: 'error=EIO',
    flags: ['--durable'],
    calls: ['pwrite64', 'fsync'],
    every: 85,
  });
  expect(runs).toBe(2);
  expect(refused).toBeGreaterThan(0);
});
