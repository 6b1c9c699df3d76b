/** Connections of the fetch stage: how many, to whom, reused, given up; and bodies that wait for bytes of the budget. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROOFS } from '../../src/fetch/answer-trust.ts';
import { QUIET_MS } from '../../src/fetch/quiet-watch.ts';
import type { FetchEnd } from '../../src/fetch/fetcher.ts';
import { ManualClock, READ_MS } from '../../src/model/clock.ts';
import { pageBody } from '../../src/demo/faults/routes-pages.ts';
import { startFaultServer, type FaultServer } from '../../src/demo/faults/server.ts';
import { fetchHarness, leaseOf, rested, until, type FetchHarness } from '../support/fetch-harness.ts';

let server: FaultServer;
let harness: FetchHarness;

beforeEach(async () => {
  server = await startFaultServer();
});

afterEach(async () => {
  await harness.fetcher.close();
  await server.close();
});

test('requests one after the other share one connection', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock });
  for (let i = 0; i < 20; i++) await rested(clock, harness.get(server.url(`/page/${i}`)));
  expect(server.connections).toBe(1);
});

test('no more connections are opened than allowed; the others wait', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock, connectionsPerOrigin: () => 3 });
  const asked = (count: number): Promise<FetchEnd[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => harness.get(server.url(`/delay?ms=5&n=${i}`))));
  // Until the origin is proven.
  for (let i = 0; i < PROOFS; i++) await rested(clock, asked(3));
  const ends = await rested(clock, asked(12));
  expect(ends.every((end) => end.attempt.status === 200)).toBe(true);
  expect([server.connections, server.maxInFlight]).toEqual([3, 3]);
});

test.each(['', '?reset=1', '?notice=1'])(
  'a kept-alive connection that dies at its reuse costs no attempt (%s)',
  async (query) => {
    const clock = new ManualClock();
    harness = fetchHarness({ clock });
    for (let i = 1; i <= 4; i++) {
      const { attempt, body } = await rested(clock, harness.get(server.url(`/stale${query}`)));
      expect([attempt.errorClass, Buffer.from(body ?? []).toString()]).toEqual([null, 'fresh']);
    }
    // One request each on a first connection, and for each of the other three one that died and one that was repeated.
    expect([server.hits.get(`/stale${query}`), server.connections]).toEqual([7, 4]);
  },
);

test('as long as a connection is watched no limit runs, and no other one is opened where one is allowed', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock, timeoutMs: QUIET_MS / 2, connectionsPerOrigin: () => 1 });
  await harness.get(server.url('/page/1'));
  const asked = harness.get(server.url('/page/2'));
  clock.advance(QUIET_MS);
  clock.advance(1);
  // Its answer is held for a moment, and until what came meanwhile was read.
  await until(() => (clock.nextTimerAt() ?? Infinity) - clock.now() <= 5);
  clock.advance(5 + READ_MS);
  const { attempt } = await asked;
  expect([attempt.errorClass, attempt.totalMs, attempt.heldMs, server.connections]).toEqual([
    null,
    0,
    QUIET_MS + 1 + 5 + READ_MS,
    1,
  ]);
});

test('an answer that comes before ours over a used connection is not taken for ours', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock });
  await rested(clock, harness.get(server.url('/page/1')));
  const asked = harness.get(server.url('/poison/late?ms=1&again'));
  // It is held, while our clock stands still, until what comes behind it has closed the connection.
  await until(() => server.openConnections === 0);
  clock.advance(10);
  const { attempt, body } = await asked;
  expect([attempt.errorClass, Buffer.from(body ?? []).toString()]).toEqual([null, 'its own']);
  expect(server.connections).toBe(2);
  // That origin keeps no connection for a while.
  for (let i = 0; i < 3; i++) await harness.get(server.url(`/page/${i}`));
  expect([server.connections, harness.budget.used]).toEqual([5, 0]);
});

test.each([429, 503])(
  'an answer of %d over a used connection is not held: its host is to be left alone at once',
  async (status) => {
    const clock = new ManualClock();
    harness = fetchHarness({ clock });
    await rested(clock, harness.get(server.url('/page/1')));
    // The clock stands still: what is held would never come.
    const { attempt } = await harness.get(server.url(`/status/${status}`));
    expect([attempt.status, server.connections]).toEqual([status, 1]);
  },
);

test('what is no HTTP is asked for again where the connection was used before, and is a failure where it was not', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock });
  await rested(clock, harness.get(server.url('/page/1')));
  const { attempt } = await harness.get(server.url('/garbage'));
  expect([attempt.errorClass, server.hits.get('/garbage'), server.connections]).toEqual(['protocol', 2, 2]);
});

test('a new connection that is closed without an answer is an attempt', async () => {
  harness = fetchHarness();
  const { attempt } = await harness.get(server.url('/empty'));
  expect(attempt.errorClass).toBe('empty-response');
  expect(server.hits.get('/empty')).toBe(1);
});

test('a fault on one connection leaves the others alone', async () => {
  harness = fetchHarness();
  const good = Array.from({ length: 4 }, (_, i) => harness.get(server.url(`/delay?ms=30&n=${i}`)));
  const bad = ['/reset', '/garbage', '/truncated'].map((path) => harness.get(server.url(path)));
  await Promise.all(bad);
  expect((await Promise.all(good)).map((end) => end.attempt.status)).toEqual([200, 200, 200, 200]);
});

test('the origin that was used longest ago is closed for a new one', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock, maxOrigins: 3 });
  const names = ['a', 'b', 'c', 'a', 'd'];
  for (const name of names) await rested(clock, harness.get(server.url('/ok', `${name}.localhost`)));
  expect(harness.fetcher.openOrigins).toBe(3);
  await until(() => server.openConnections === 3);
  // a was used again, so b had to go.
  await rested(clock, harness.get(server.url('/ok', 'a.localhost')));
  expect(server.connections).toBe(4);
  await harness.get(server.url('/ok', 'b.localhost'));
  expect(server.connections).toBe(5);
});

test('the connections of a host that is done with are closed, those in use are not', async () => {
  harness = fetchHarness();
  const url = server.url('/delay?ms=40', 'busy.localhost');
  const busy = harness.get(url);
  const done = server.url('/ok', 'done.localhost');
  await harness.get(done);
  harness.fetcher.leave(done);
  harness.fetcher.leave(url);
  expect(harness.fetcher.openOrigins).toBe(1);
  expect((await busy).attempt.status).toBe(200);
  await until(() => server.openConnections === 1);
});

test('an origin in use is not closed, even if there are more of them than allowed', async () => {
  harness = fetchHarness({ maxOrigins: 2 });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const ends = await Promise.all(names.map((name) => harness.get(server.url('/delay?ms=20', `${name}.localhost`))));
  expect(ends.map((end) => end.attempt.status)).toEqual([200, 200, 200, 200, 200]);
  await harness.get(server.url('/ok', 'f.localhost'));
  expect(harness.fetcher.openOrigins).toBe(2);
  await until(() => server.openConnections === 2);
});

test('a body without bytes waits, and that time is nobody’s timeout', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock, timeoutMs: 60, deadlineMs: 100, maxSize: 200_000 }, 100_000);
  // Someone else has the whole budget, and more: nothing is granted before it gives bytes back.
  const other = harness.budget.open();
  await other.grow(300_000);
  const waits = harness.budget.gauge().producerWaits;
  const page = harness.get(server.url('/page/1?size=90000'));
  await until(() => harness.budget.gauge().producerWaits > waits);
  clock.advance(1_000_000);
  other.release();
  const { attempt, body } = await page;
  expect([attempt.errorClass, body?.length, attempt.totalMs]).toEqual([null, 90_000, 0]);
});

test('many bodies through a small budget all arrive, and never exceed it by more than one body', async () => {
  harness = fetchHarness({ maxSize: 300_000, connectionsPerOrigin: () => 12 }, 200_000);
  const size = 150_000;
  const paths = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? `/page/${i}?size=${size}` : `/encoded/br?n=${i}`));
  const ends = await Promise.all(paths.map((path) => harness.get(server.url(path))));
  expect(ends.every((end) => end.body !== null && end.attempt.errorClass === null)).toBe(true);
  expect(ends[0]?.body?.length).toBe(size);
  expect(harness.budget.gauge().highWater).toBeLessThanOrEqual(200_000 + 300_000);
  expect(harness.budget.used).toBe(0);
});

test('a signal ends what is in flight at any stage, with CancelledError and nothing recorded', async () => {
  harness = fetchHarness({ connectionsPerOrigin: () => 2, lookup: () => undefined }, 10_000);
  const paths = ['/hang', '/stall', '/slow-header', '/page/1'];
  const all = paths.map((path) => harness.get(server.url(path, path === '/page/1' ? 'never.test' : '127.0.0.1')));
  await until(() => server.inFlight === 2);
  harness.abort.abort();
  const results = await Promise.allSettled(all);
  expect(results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'fulfilled'))).toEqual(
    paths.map(() => 'CancelledError: cancelled'),
  );
  expect(harness.budget.used).toBe(0);
  await until(() => server.inFlight === 0);
});

test('destroy ends everything at once; close waits for what is running', async () => {
  harness = fetchHarness();
  const late = harness.get(server.url('/delay?ms=30'));
  await until(() => server.inFlight === 1);
  const closed = harness.fetcher.close();
  expect((await late).attempt.status).toBe(200);
  await closed;
  await until(() => server.openConnections === 0);
  await expect(harness.get(server.url('/ok'))).rejects.toMatchObject({ code: 'ERR_CLOSED' });

  harness = fetchHarness();
  const never = harness.get(server.url('/hang'));
  await until(() => server.inFlight === 1);
  harness.fetcher.destroy();
  await expect(never).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  await until(() => server.openConnections === 0);
});

test('a hop waits for its turn without a connection, and that time is not the attempt’s', async () => {
  const clock = new ManualClock();
  harness = fetchHarness({ clock, timeoutMs: 50, deadlineMs: 100 });
  const hops: string[] = [];
  const url = server.url(`/redirect-to?to=${encodeURIComponent(server.url('/ok', 'b.localhost'))}`, 'a.localhost');
  const { attempt } = await harness.fetcher.fetch(leaseOf(url), {
    reservation: harness.budget.open(),
    signal: harness.abort.signal,
    claimedAt: clock.now(),
    turn: {
      hop: (from, to) => {
        hops.push(`${from.hostname} ${to.hostname}: ${server.inFlight} in flight`);
        clock.advance(1_000_000);
        return Promise.resolve(null);
      },
      connecting: () => undefined,
      sent: () => undefined,
    },
  });
  expect(hops).toEqual(['a.localhost b.localhost: 0 in flight']);
  expect(attempt).toMatchObject({
    status: 200,
    errorClass: null,
    finalUrl: server.url('/ok', 'b.localhost'),
    totalMs: 0,
  });
});

test('a body can be transferred to another thread', async () => {
  harness = fetchHarness();
  for (const path of ['/ok', '/page/1?size=17000', '/chunked/ok', '/empty-body']) {
    const { body } = await harness.get(server.url(path));
    if (body === null) throw new Error(`${path} has no body`);
    expect(body.byteLength).toBe(body.buffer.byteLength);
    const { length } = body;
    const moved = structuredClone(body, { transfer: [body.buffer] });
    expect([moved.length, body.byteLength]).toEqual([length, 0]);
  }
});

test('healthy pages among all kinds of faults arrive whole, and nothing is left behind', async () => {
  harness = fetchHarness({ timeoutMs: 1_000, maxSize: 500_000, connectionsPerOrigin: () => 8 }, 2_000_000);
  const faults = [
    '/reset /empty /reset-header /reset-body /truncated /chunked/truncated /chunked/bad-size /garbage /http09 /stall /hang',
    '/headers/huge /headers/endless /length/huge /length/more /endless /endless-chunked /poison /1xx/100 /1xx/flood',
    '/stale /close /until-close /redirect-loop /redirect/3 /drip /slow-header /204-body /status/500 /bomb/gzip?size=1000000',
  ]
    .join(' ')
    .split(' ');
  const jobs = Array.from({ length: 400 }, (_, i) => (i % 4 === 3 ? (faults[(i >> 2) % faults.length] ?? '/ok') : i));
  let next = 0;
  const damaged: number[] = [];
  const worker = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      if (typeof job === 'string') {
        await harness.get(server.url(job));
        continue;
      }
      const size = 1_000 + 173 * job;
      const url = server.url(`/page/${job}?size=${size}`);
      let { body, attempt } = await harness.get(url);
      // On a busy machine a page may not come within its second; what comes must be whole.
      for (let again = 0; attempt.errorClass?.includes('timeout') === true && again < 20; again++)
        ({ body, attempt } = await harness.get(url));
      if (body === null || Buffer.compare(body, pageBody(job, size)) !== 0) damaged.push(job);
    }
  };
  await Promise.all(Array.from({ length: 12 }, worker));
  expect(damaged).toEqual([]);
  expect(harness.budget.used).toBe(0);
  expect(server.maxInFlight).toBeLessThanOrEqual(12);
  await harness.fetcher.close();
  await until(() => server.openConnections === 0);
});
