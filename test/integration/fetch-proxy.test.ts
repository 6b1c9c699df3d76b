/** Proxies of all kinds, against a real one on this machine; the targets are real servers too. */
import http from 'node:http';
import { createSecureServer } from 'node:http2';
import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CERTIFICATES } from '../../src/demo/faults/certificates.ts';
import type { FetcherOptions, FetchEnd } from '../../src/fetch/fetcher.ts';
import { fetchHarness } from '../support/fetch-harness.ts';
import { proxyServer, type ProxyServer } from '../support/proxy-server.ts';
import { listen, portOf } from '../support/listen.ts';

/** They answer with the path, the Host and what a proxy must have kept for itself. */
const plain = http.createServer((request, response) => {
  response.end(`${request.url} ${request.headers.host} ${request.headers['proxy-authorization'] ?? ''}`.trim());
});
const secure = createSecureServer({ ...CERTIFICATES['self-signed'], allowHTTP1: true }, (request, response) => {
  response.end(`${request.url} over HTTP/${request.httpVersion}`);
});

beforeAll(async () => {
  for (const server of [plain, secure]) await listen(server);
});

afterAll(() => {
  plain.close();
  secure.close();
});

async function get(
  url: string,
  proxy: string,
  options: Partial<FetcherOptions> = {},
): Promise<FetchEnd & { text: string }> {
  // No name is looked up here: that is the proxy's.
  const lookup: FetcherOptions['lookup'] = () => expect.fail('a name was looked up');
  const harness = fetchHarness({ proxy, insecure: () => true, lookup, ...options });
  try {
    const end = await harness.get(url);
    return { ...end, text: Buffer.from(end.body ?? []).toString() };
  } finally {
    harness.fetcher.destroy();
    await harness.fetcher.close();
  }
}

const via = (proxy: ProxyServer, scheme: string, userinfo = ''): string =>
  `${scheme}://${userinfo}127.0.0.1:${proxy.port}/`;

test('http URLs are given to the proxy whole; the host and its name are the proxy’s to find', async () => {
  await using proxy = await proxyServer({ authorization: `Basic ${Buffer.from('me:s3cret').toString('base64')}` });
  const url = `http://site.test:${portOf(plain)}/page?q=1`;
  const end = await get(url, via(proxy, 'http', 'me:s3cret@'));
  expect(end.text).toBe(`/page?q=1 site.test:${portOf(plain)}`);
  // The proxy's address says nothing about the host: it must not make a public host look private.
  expect(end.attempt).toMatchObject({
    status: 200,
    errorClass: null,
    address: null,
    httpVersion: '1.1',
    finalUrl: url,
  });
  expect(proxy.asked).toEqual([`GET ${url}`]);
});

test('https URLs go through a tunnel, TLS and HTTP/2 with the target itself', async () => {
  await using proxy = await proxyServer();
  const end = await get(`https://site.test:${portOf(secure)}/page`, via(proxy, 'http'));
  expect(end.text).toBe('/page over HTTP/2.0');
  expect(end.attempt).toMatchObject({ status: 200, httpVersion: '2' });
  expect(proxy.asked).toEqual([`CONNECT site.test:${portOf(secure)}`]);
  const refused = await get(`https://site.test:${portOf(secure)}/`, via(proxy, 'http'), { insecure: () => false });
  expect(refused.attempt.errorClass).toBe('tls');
});

test('over SOCKS 5 both go through a tunnel, by name', async () => {
  await using proxy = await proxyServer();
  expect((await get(`http://a.test:${portOf(plain)}/x`, via(proxy, 'socks5'))).text).toContain('/x a.test');
  expect((await get(`https://b.test:${portOf(secure)}/x`, via(proxy, 'socks5'))).text).toBe('/x over HTTP/2.0');
  expect(proxy.asked).toEqual([`SOCKS a.test:${portOf(plain)}`, `SOCKS b.test:${portOf(secure)}`]);
  const { attempt } = await get(`http://forbidden.test:${portOf(plain)}/`, via(proxy, 'socks5'));
  expect(attempt).toMatchObject({
    errorClass: 'connect-refused',
    error: expect.stringContaining('proxy socks5://127'),
  });
});

test.each([
  ['http', 'http', { authorization: 'Basic other' }, 'http-4xx', /407/],
  ['https', 'http', { authorization: 'Basic other' }, 'http-4xx', /proxy http:\/\/127[^ ]*: answered 407/],
  ['https', 'http', { connectStatus: 403 }, 'http-4xx', /answered 403 to CONNECT site\.test/],
  ['https', 'http', { connectStatus: 502 }, 'http-5xx', /answered 502/],
] as const)('%s through a proxy that refuses: %s %j is %s', async (scheme, kind, behaviour, errorClass, message) => {
  await using proxy = await proxyServer(behaviour);
  const port = portOf(scheme === 'http' ? plain : secure);
  const { attempt } = await get(`${scheme}://site.test:${port}/`, via(proxy, kind, 'me:s3cret@'));
  expect(attempt).toMatchObject({ errorClass, error: expect.stringMatching(message) });
  expect(JSON.stringify(attempt)).not.toContain('s3cret');
  // Named once, where an error came from the proxy.
  expect(attempt.error?.split('proxy http').length).toBeLessThanOrEqual(2);
});

test('a proxy that is not there is named, and is no fault of the site', async () => {
  const proxy = await proxyServer();
  await proxy[Symbol.asyncDispose]();
  for (const scheme of ['http', 'https', 'socks5']) {
    const { attempt } = await get('https://site.test/', via(proxy, scheme, 'me:s3cret@'));
    expect(attempt).toMatchObject({ errorClass: 'connect-refused', errorCode: 'ECONNREFUSED' });
    expect(attempt.error).toContain(`proxy ${scheme}://127.0.0.1:${proxy.port}: `);
    expect(JSON.stringify(attempt)).not.toContain('s3cret');
  }
});

test('a proxy that closes or says nothing ends within the limits of the attempt', async () => {
  await using mute = net.createServer((socket) => socket.on('error', () => undefined).resume());
  await using rude = net.createServer((socket) =>
    socket
      .on('error', () => undefined)
      .resume()
      .end(),
  );
  for (const server of [mute, rude]) await listen(server);
  for (const scheme of ['http', 'socks5']) {
    const closed = await get('https://site.test/', `${scheme}://127.0.0.1:${portOf(rude)}`, { timeoutMs: 2_000 });
    expect(['reset', 'connect-timeout', 'empty-response']).toContain(closed.attempt.errorClass);
    const silent = await get('https://site.test/', `${scheme}://127.0.0.1:${portOf(mute)}`, { timeoutMs: 200 });
    expect(silent.attempt).toMatchObject({ errorClass: 'connect-timeout' });
  }
});

test('a redirect to an address of this machine is refused before the proxy hears of it', async () => {
  await using proxy = await proxyServer();
  const lure = http.createServer((_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${portOf(plain)}/inside` }).end();
  });
  const url = `http://site.test:${await listen(lure)}/`;
  const { attempt } = await get(url, via(proxy, 'http'), { allowPrivate: false });
  lure.close();
  expect(attempt).toMatchObject({ errorClass: 'blocked-address' });
  expect(proxy.asked).toEqual([`GET ${url}`]);
});
