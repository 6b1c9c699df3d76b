/**
 * Redirects between sites, over many host names without a name server or a certificate: nock answers at the level of sockets
 * (it replaces `net.connect` and `tls.connect`), so everything of the fetch stage above them is the real thing. nock must be
 * imported first, and is used for plain answers only: it neither delays nor damages (see the fault server for that).
 */
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/model/clock.ts';
import { fetchHarness, type FetchHarness } from '../../support/fetch-harness.ts';

let harness: FetchHarness;
const SECRETS = { Authorization: 'Bearer secret', Cookie: 'id=1', 'Proxy-Authorization': 'p', 'X-Harmless': 'yes' };

beforeAll(() => nock.disableNetConnect());

beforeEach(() => {
  harness = fetchHarness({
    headers: SECRETS,
    // Documentation addresses (RFC 5737): should nock let a socket out, it would lead nowhere.
    lookup: (_hostname, callback) => callback(null, [{ address: '192.0.2.1', family: 4 }]),
  });
});

afterEach(async () => {
  harness.fetcher.destroy();
  await harness.fetcher.close();
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

afterAll(() => nock.restore());

/** Answers `GET path` and notes which of the secret headers came with it. */
function site(origin: string, path: string, status: number, headers: Record<string, string>, seen: string[]): void {
  nock(origin)
    .get(path)
    .reply((request: Request) => {
      const names = Object.keys(SECRETS).filter((name) => request.headers.has(name));
      seen.push(`${origin}${path}: ${names.join(' ')}`);
      return [status, `body of ${origin}${path}`, headers];
    });
}

test('a chain over three sites ends with the body of the last one, each hop at its turn', async () => {
  const seen: string[] = [];
  site('http://a.test', '/', 301, { location: 'http://b.test/next' }, seen);
  site('http://b.test', '/next', 302, { location: 'https://c.test/end?x=1' }, seen);
  site('https://c.test', '/end?x=1', 200, { 'content-type': 'text/plain' }, seen);
  const end = await harness.get('http://a.test/');
  expect(Buffer.from(end.body ?? []).toString()).toBe('body of https://c.test/end?x=1');
  expect(end.attempt).toMatchObject({
    status: 200,
    errorClass: null,
    finalUrl: 'https://c.test/end?x=1',
    redirects: [
      { url: 'http://a.test/', status: 301, location: 'http://b.test/next' },
      { url: 'http://b.test/next', status: 302, location: 'https://c.test/end?x=1' },
    ],
  });
  expect(harness.hops).toEqual(['a.test b.test', 'b.test c.test']);
});

test('credentials go to the requested origin only, other headers everywhere', async () => {
  const seen: string[] = [];
  site('http://a.test', '/', 302, { location: '/again' }, seen);
  site('http://a.test', '/again', 302, { location: 'http://b.test/' }, seen);
  site('http://b.test', '/', 302, { location: 'http://a.test/back' }, seen);
  site('http://a.test', '/back', 200, {}, seen);
  await harness.get('http://a.test/');
  expect(seen).toEqual([
    'http://a.test/: Authorization Cookie Proxy-Authorization X-Harmless',
    'http://a.test/again: Authorization Cookie Proxy-Authorization X-Harmless',
    'http://b.test/: X-Harmless',
    // Back where they belong, but a foreign server has chosen the URL.
    'http://a.test/back: X-Harmless',
  ]);
});

test.each([
  ['another scheme', 'http://a.test/', 'https://a.test/x'],
  ['another port', 'http://a.test/', 'http://a.test:8080/x'],
  ['another host', 'http://a.test/', 'http://www.a.test/x'],
])('%s is another origin', async (_name, from, to) => {
  const seen: string[] = [];
  const target = new URL(to);
  site(new URL(from).origin, '/', 302, { location: to }, seen);
  site(target.origin, '/x', 200, {}, seen);
  await harness.get(from);
  expect(seen[1]).toBe(`${to}: X-Harmless`);
});

test('a downgrade from https to http is followed, flagged, and without credentials', async () => {
  const seen: string[] = [];
  site('https://a.test', '/', 302, { location: 'http://a.test/plain' }, seen);
  site('http://a.test', '/plain', 200, {}, seen);
  const { attempt } = await harness.get('https://a.test/');
  expect(attempt.redirects).toMatchObject([{ url: 'https://a.test/', downgrade: true }]);
  expect(seen[1]).toBe('http://a.test/plain: X-Harmless');
});

test('two sites that redirect to each other are a loop, with the chain recorded', async () => {
  const seen: string[] = [];
  site('http://a.test', '/', 302, { location: 'http://b.test/' }, seen);
  site('http://b.test', '/', 302, { location: 'http://a.test/' }, seen);
  const { attempt, body } = await harness.get('http://a.test/');
  expect(attempt).toMatchObject({ status: 302, errorClass: 'redirect-loop' });
  expect(attempt.redirects.map((hop) => hop.url)).toEqual(['http://a.test/', 'http://b.test/']);
  expect(Buffer.from(body ?? []).toString()).toBe('body of http://b.test/');
});

test('a host that was public when its listed URL was fetched does not turn private for a redirect', async () => {
  let asked = 0;
  let aheadMs = 0;
  const careful = fetchHarness({
    allowPrivate: false,
    isListed: () => Promise.resolve(true),
    clock: { ...systemClock, now: () => performance.now() + aheadMs },
    // Public, by name; nock answers for it. Every later question is answered with this machine.
    lookup: (_hostname, callback) =>
      callback(null, [{ address: asked++ === 0 ? '8.8.8.8' : '127.0.0.1', family: 4 }], 0),
  });
  const seen: string[] = [];
  site('http://a.test', '/', 302, { location: 'http://a.test/inside', connection: 'close' }, seen);
  const turn = careful.get('http://a.test/');
  // The answer has expired when the redirect asks again.
  aheadMs = 5_001;
  const { attempt } = await turn;
  expect(attempt).toMatchObject({ errorClass: 'blocked-address', address: '127.0.0.1' });
  expect([seen.length, asked]).toEqual([1, 2]);
  await careful.fetcher.close();
});

test('a connection that a listed URL has opened to a mixed answer serves no redirect', async () => {
  const careful = fetchHarness({
    allowPrivate: false,
    isListed: () => Promise.resolve(true),
    lookup: (hostname, callback) =>
      callback(null, [
        { address: '8.8.8.8', family: 4 },
        ...(hostname === 'mixed.test' ? [{ address: '10.0.0.1', family: 4 as const }] : []),
      ]),
  });
  const seen: string[] = [];
  site('http://mixed.test', '/', 200, {}, seen);
  site('http://a.test', '/', 302, { location: 'http://mixed.test/inside' }, seen);
  expect((await careful.get('http://mixed.test/')).attempt.errorClass).toBeNull();
  const { attempt } = await careful.get('http://a.test/');
  expect(attempt).toMatchObject({ errorClass: 'blocked-address', address: '10.0.0.1' });
  await careful.fetcher.close();
});

test('a site that may not be asked is not asked', async () => {
  const seen: string[] = [];
  site('http://a.test', '/', 302, { location: 'http://forbidden.test/' }, seen);
  const careful = fetchHarness({
    lookup: (_hostname, callback) => callback(null, [{ address: '192.0.2.1', family: 4 }]),
    mayFetch: (url) =>
      url.hostname === 'forbidden.test'
        ? { ok: false, errorClass: 'blocked-address', detail: 'not listed' }
        : { ok: true },
  });
  const { attempt } = await careful.get('http://a.test/');
  expect(attempt).toMatchObject({ errorClass: 'blocked-address', error: 'not listed', status: 302 });
  await careful.fetcher.close();
});
