/** Every call that a small crawl makes on its files fails once: no crash, no false success, and the same command mends all. */
import { describe, expect, test } from 'vitest';
import { injectedRuns, STORAGE_CALLS, whyNoInjection } from '../support/storage-inject.ts';

const why = whyNoInjection();
if (why !== null) console.warn(`SKIPPED, failing storage calls: ${why}`);

/**
 * Each call with each fault once. `--durable` adds syncs and changes no other call, so what is not a sync fails in one of the two modes.
 * Two crawls at a time: each spends half its time starting and waiting.
 */
describe.skipIf(why !== null)('one failing call', { concurrent: true, timeout: 1_800_000 }, () => {
  test.each([
    ['an I/O error, --durable', 'error=EIO', ['--durable'], STORAGE_CALLS, 100],
    ['a full disk', 'error=ENOSPC', [], STORAGE_CALLS, 100],
    ['a write that takes nothing', 'retval=0', [], ['pwrite64'], 100],
    ['a sync with an I/O error', 'error=EIO', [], ['fsync', 'fdatasync'], 5],
    ['a sync on a full disk, --durable', 'error=ENOSPC', ['--durable'], ['fsync', 'fdatasync'], 10],
  ] as const)('%s', async (_, fault, flags, calls, least) => {
    const { runs, refused } = await injectedRuns({ fault, flags, calls, every: 1 });
    expect(runs).toBeGreaterThan(least);
    expect(refused).toBeGreaterThan(least / 2);
  });
});
