import { expect, test } from 'vitest';
import { Fetchers, type FetchersParts } from '../../../src/engine/fetchers.ts';
import { Semaphore } from '../../../src/concurrency/semaphore.ts';
import { HostSchedule } from '../../../src/frontier/host-schedule.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import type { Lease } from '../../../src/model/lease.ts';
import type { FetchedPage, PageResult } from '../../../src/model/page.ts';
import { until } from '../../support/fetch-harness.ts';

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

test('a page that goes down with the culprits beside it is never suspected', () => {
  const { schedule, fetchers, recorded } = lostPages();
  for (let loss = 0; loss < 50; loss++) fetchers.refetch(LEASE, 'another');
  expect(schedule.length).toBe(50);
  expect(recorded).toEqual([]);
});

/** Parts that are not under test answer everything with `null`. */
function withNothingElse(parts: Partial<FetchersParts>): FetchersParts {
  const nothing: unknown = new Proxy({}, { get: () => () => null });
  return new Proxy(parts, {
    get: (given, name) => (name in given ? given[name as keyof FetchersParts] : nothing),
  }) as FetchersParts;
}

test('a culprit is parsed never again, also when it goes down once more beside another', async () => {
  const clock = new ManualClock();
  const schedule = new HostSchedule({ capacity: 10, clock, paceOf: () => ({ perHost: 4, delayMs: 0 }) });
  const parsed: FetchedPage[] = [];
  const passages: Partial<FetchersParts> = {
    schedule,
    clock,
    permits: new Semaphore({ capacity: 2 }),
    window: {
      enter: () => ({ reservation: null }),
      leave: () => null,
      hasCredit: true,
    } as unknown as FetchersParts['window'],
    fetcher: {
      fetch: () =>
        Promise.resolve({ attempt: { redirects: [], errorClass: null }, body: new Uint8Array(1), retryAfter: null }),
      leave: () => undefined,
    } as unknown as FetchersParts['fetcher'],
    policy: {
      settle: () => ({ settlement: { state: 'done' }, hostNotBefore: 0 }),
    } as unknown as FetchersParts['policy'],
    parse: (page) => void parsed.push(page),
    mayStart: () => true,
    onStart: () => undefined,
    onFailure: (error) => expect.fail(String(error)),
  };
  const fetchers = new Fetchers(withNothingElse(passages));
  const running = fetchers.run();
  for (const culprit of ['parse-timeout', 'another', 'another'] as const) {
    const before = parsed.length;
    fetchers.refetch(LEASE, culprit);
    await until(() => parsed.length > before);
  }
  schedule.close();
  await running;
  expect(parsed.map(({ parse, parseError }) => `${parse} ${parseError}`)).toEqual(Array(3).fill('none parse-timeout'));
});

test('however many may start, the event loop has a turn in between', async () => {
  const clock = new ManualClock();
  const schedule = new HostSchedule({ capacity: 100, clock, paceOf: () => ({ perHost: 100, delayMs: 0 }) });
  const leases = Array.from({ length: 100 }, (_, id) => ({ ...LEASE, id }));
  schedule.offer({ leases, newHosts: [], exhausted: [] });
  let inARow = 0;
  let longest = 0;
  let started = 0;
  const fetchers = new Fetchers(
    withNothingElse({
      schedule,
      clock,
      permits: new Semaphore({ capacity: 200 }),
      window: { enter: () => ({ reservation: null }), hasCredit: true } as unknown as FetchersParts['window'],
      // None of them ends.
      fetcher: { fetch: () => new Promise(() => undefined) } as unknown as FetchersParts['fetcher'],
      mayStart: () => true,
      onStart: () => {
        started++;
        longest = Math.max(longest, ++inARow);
      },
    }),
  );
  const running = fetchers.run();
  await until(() => {
    inARow = 0;
    return started === leases.length;
  });
  schedule.close();
  await running;
  expect(longest).toBeLessThan(40);
});
