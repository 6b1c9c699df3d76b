import { expect, test } from 'vitest';
import { Fetchers, type FetchersParts } from '../../../src/engine/fetchers.ts';
import { HostSchedule } from '../../../src/frontier/host-schedule.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import type { Lease } from '../../../src/model/lease.ts';
import type { PageResult } from '../../../src/model/page.ts';

const LEASE: Lease = {
  id: 7,
  url: 'http://h.test/',
  hostId: 1,
  host: 'h.test',
  attempt: 2,
  round: 2,
  depth: 0,
  spentMs: 0,
};

function lostPages(): { schedule: HostSchedule; fetchers: Fetchers; recorded: PageResult[] } {
  const clock = new ManualClock();
  const schedule = new HostSchedule({ capacity: 10, clock, paceOf: () => ({ perHost: 4, delayMs: 0 }) });
  const recorded: PageResult[] = [];
  // The loop itself is not run: what is under test needs the schedule, the clock and the way to the store.
  const parts = { schedule, clock, record: (result: PageResult) => recorded.push(result) } as unknown as FetchersParts;
  return { schedule, fetchers: new Fetchers(parts), recorded };
}

test('a page that goes down with its parser thread is fetched again without an attempt counted', async () => {
  const { schedule, fetchers, recorded } = lostPages();
  fetchers.refetch(LEASE, null);
  expect(await schedule.take()).toEqual(LEASE);
  expect(recorded).toEqual([]);
});

test('a page that ends its thread even unparsed has failed: it takes no more threads with it', () => {
  const { schedule, fetchers, recorded } = lostPages();
  fetchers.refetch(LEASE, 'parse-memory');
  expect(recorded).toEqual([]);
  fetchers.refetch(LEASE, 'worker-crash');
  expect(schedule.length).toBe(1);
  expect(recorded).toMatchObject([{ attempt: { error: 'a parser thread died with this page 2 times' } }]);
});

test('a page that no parser thread survives ends as failed, it does not go round for ever', () => {
  const { schedule, fetchers, recorded } = lostPages();
  for (let loss = 0; loss < 5; loss++) fetchers.refetch(LEASE, null);
  expect(schedule.length).toBe(4);
  expect(recorded).toMatchObject([
    { attempt: { urlId: 7, attempt: 2, errorClass: 'worker-crash' }, settlement: { state: 'failed' } },
  ]);
});
