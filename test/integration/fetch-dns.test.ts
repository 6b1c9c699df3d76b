/** Names resolved by a real name server, which this file plays: what its answers, and its silence, make of a URL. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FetcherOptions } from '../../src/fetch/fetcher.ts';
import { systemClock } from '../../src/model/clock.ts';
import { type DnsAnswer, type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { startFaultServer, type FaultServer } from '../../src/demo/faults/server.ts';
import { fetchHarness, type FetchHarness } from '../support/fetch-harness.ts';

let server: FaultServer;
let dns: DnsServer;
let harness: FetchHarness;
let aheadMs = 0;

const HERE = ['127.0.0.1'];

function answer(name: string, before: number): DnsAnswer | undefined {
  switch (name) {
    case 'here.test':
      return { addresses: HERE, ttl: 20 };
    case 'flip.test':
      return { addresses: before === 0 ? HERE : ['192.0.2.1'], ttl: 0 };
    case 'mixed.test':
      return { addresses: ['203.0.114.1', '127.0.0.1'] };
    case 'fail.test':
      return { rcode: 2 };
    case 'refused.test':
      return { rcode: 5 };
    case 'silent.test':
      return { silent: true };
    case 'cut.test':
      return { truncated: true, addresses: ['127.0.0.1', '127.0.0.2'] };
    case 'late.test':
      return before === 0 ? undefined : { addresses: HERE };
    case 'nodata.test':
      return {};
    default:
      return undefined;
  }
}

function start(options: Partial<FetcherOptions> = {}): FetchHarness {
  return fetchHarness({
    // The real clock, which a test can put forward.
    clock: { ...systemClock, now: () => performance.now() + aheadMs },
    nameServers: [dns.server],
    ...options,
  });
}

beforeAll(async () => {
  server = await startFaultServer();
  dns = await startDnsServer(answer);
  harness = start();
});

afterEach(() => {
  aheadMs = 0;
});

afterAll(async () => {
  await harness.fetcher.close();
  await server.close();
  await dns.close();
});

test('a name is asked for once as long as the answer is valid, and its time is recorded', async () => {
  const first = await harness.get(server.url('/close', 'here.test'));
  expect(first.attempt).toMatchObject({ status: 200, address: '127.0.0.1' });
  expect(first.attempt.dnsMs).not.toBeNull();
  await harness.get(server.url('/close', 'here.test'));
  expect(dns.asked('here.test')).toBe(1);
  aheadMs = 20_001;
  await harness.get(server.url('/close', 'here.test'));
  expect(dns.asked('here.test')).toBe(2);
});

test('the connection goes to the address that was checked, whatever the name server says next', async () => {
  const { attempt } = await harness.get(server.url('/ok', 'flip.test'));
  expect(attempt).toMatchObject({ status: 200, address: '127.0.0.1' });
  expect(dns.asked('flip.test')).toBe(1);
});

test('one private address among public ones is enough to refuse a redirect', async () => {
  const careful = start({ allowPrivate: false });
  const to = encodeURIComponent(server.url('/secret', 'mixed.test'));
  const { attempt } = await careful.get(server.url(`/redirect-to?to=${to}`, 'here.test'));
  expect(attempt).toMatchObject({ errorClass: 'blocked-address', address: '127.0.0.1' });
  expect(server.hits.get('/secret')).toBeUndefined();
  await careful.fetcher.close();
});

test('an answer that was cut off is asked for again over TCP', async () => {
  const { attempt } = await harness.get(server.url('/ok', 'cut.test'));
  expect(attempt).toMatchObject({ status: 200, address: '127.0.0.1' });
  expect(dns.asked('cut.test')).toBe(2);
});

test.each([
  ['nowhere.test', 'ENOTFOUND'],
  ['nodata.test', 'ENODATA'],
  ['fail.test', 'ESERVFAIL'],
  ['refused.test', 'EREFUSED'],
])('%s is a failure of class dns with code %s', async (name, errorCode) => {
  const { attempt, wasAsked } = await harness.get(`http://${name}/`);
  expect(attempt).toMatchObject({ errorClass: 'dns', errorCode, status: null, address: null });
  expect(wasAsked).toBe(false);
});

test('a name that is there at the second question is fetched', async () => {
  expect((await harness.get(server.url('/ok', 'late.test'))).attempt.errorCode).toBe('ENOTFOUND');
  expect((await harness.get(server.url('/ok', 'late.test'))).attempt.status).toBe(200);
});

test('a name server that is silent, or not there, is a failure of class dns', async () => {
  const hasty = start({ timeoutMs: 600 });
  expect((await hasty.get('http://silent.test/')).attempt).toMatchObject({ errorClass: 'dns', errorCode: 'ETIMEOUT' });
  await hasty.fetcher.close();
  const gone = await startDnsServer(() => undefined);
  await gone.close();
  const alone = start({ nameServers: [gone.server] });
  expect((await alone.get('http://here.test/')).attempt).toMatchObject({
    errorClass: 'dns',
    errorCode: 'ECONNREFUSED',
  });
  await alone.fetcher.close();
});

test('many names at a time do not wait for each other', async () => {
  const slow = await startDnsServer(() => ({ addresses: HERE }), 50);
  const said: string[] = [];
  const many = start({ nameServers: [slow.server], warn: (key) => said.push(key) });
  const ends = await Promise.all(
    Array.from({ length: 60 }, (_, i) => many.get(server.url('/ok', `h${String(i)}.test`))),
  );
  expect(ends.filter((end) => end.attempt.status === 200)).toHaveLength(60);
  // Far more than threads could ask.
  expect(slow.mostPending()).toBeGreaterThan(30);
  expect(said).toEqual([]);
  await many.fetcher.close();
  await slow.close();
});
