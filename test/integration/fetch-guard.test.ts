/**
 * The address guard on real sockets: a listed URL redirects to every spelling of an address of this machine or its network,
 * and a canary that listens there counts connections.
 */
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FetcherOptions } from '../../src/fetch/fetcher.ts';
import { startFaultServer, type FaultServer } from '../../src/demo/faults/server.ts';
import { fetchHarness, type FetchHarness } from '../support/fetch-harness.ts';
import { listen } from '../support/listen.ts';

let server: FaultServer;
let canary: Server;
let canaryPort: number;
let connections = 0;
const harnesses: FetchHarness[] = [];

beforeAll(async () => {
  server = await startFaultServer();
  canary = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).resume();
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi');
  });
  canaryPort = await listen(canary);
});

afterEach(async () => {
  for (const { fetcher } of harnesses.splice(0)) await fetcher.close();
  connections = 0;
});

afterAll(async () => {
  await new Promise((resolve) => canary.close(resolve));
  await server.close();
});

/** `listed`: host:port pairs. Names of `addresses` resolve to those. */
function guarded(listed: readonly string[] = [], options: Partial<FetcherOptions> = {}): FetchHarness {
  const harness = fetchHarness({
    allowPrivate: false,
    isListed: (host, port) => Promise.resolve(listed.includes(`${host}:${port}`)),
    ...options,
  });
  harnesses.push(harness);
  return harness;
}

/** The server writes header values as Latin-1: the bytes that leave it are those of the URL in UTF-8. */
function redirectTo(url: string): string {
  return server.url(`/redirect-to?to=${encodeURIComponent(Buffer.from(url).toString('latin1'))}`);
}

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1.', '127.0.0.1'],
  ['127.1', '127.0.0.1'],
  ['127.0.1', '127.0.0.1'],
  ['2130706433', '127.0.0.1'],
  ['0x7f000001', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['0177.0.0.1', '127.0.0.1'],
  ['017700000001', '127.0.0.1'],
  ['%31%32%37.0.0.1', '127.0.0.1'],
  ['①②⑦.⓪.⓪.①', '127.0.0.1'],
  ['127。0。0。1', '127.0.0.1'],
  ['localhost', '127.0.0.1'],
  ['LOCALHOST.', '127.0.0.1'],
  ['a.b.localhost', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['0', '0.0.0.0'],
  ['[::1]', '::1'],
  ['[::]', '::'],
  ['[0:0:0:0:0:ffff:127.0.0.1]', '::ffff:7f00:1'],
  ['[::ffff:7f00:1]', '::ffff:7f00:1'],
  ['[::127.0.0.1]', '::7f00:1'],
  ['[64:ff9b::127.0.0.1]', '64:ff9b::7f00:1'],
  ['[2002:7f00:1::]', '2002:7f00:1::'],
  ['[2001:0:4136:e378:8000:63bf:80ff:fffe]', '2001:0:4136:e378:8000:63bf:80ff:fffe'],
  ['[fe80::1]', 'fe80::1'],
  ['[fd00:ec2::254]', 'fd00:ec2::254'],
  ['[ff02::1]', 'ff02::1'],
  ['169.254.169.254', '169.254.169.254'],
  ['100.64.0.1', '100.64.0.1'],
  ['10.1', '10.0.0.1'],
  ['192.168.1.1', '192.168.1.1'],
  ['224.0.0.1', '224.0.0.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['inside.test', '10.0.0.7'],
  ['mixed.test', '127.0.0.1'],
])('a redirect to %s ends before anything is sent', async (host, address) => {
  const harness = guarded([], {
    lookup: (name, answer) =>
      answer(
        null,
        name === 'mixed.test'
          ? [
              { address: '8.8.8.8', family: 4 },
              { address: '127.0.0.1', family: 4 },
            ]
          : [{ address: '10.0.0.7', family: 4 }],
      ),
  });
  const end = await harness.get(redirectTo(`http://${host}:${canaryPort}/secret`));
  expect(end.attempt).toMatchObject({ errorClass: 'blocked-address', address, status: null });
  expect(end.attempt.redirects).toHaveLength(1);
  expect(end).toMatchObject({ wasAsked: true, body: null });
  expect(connections).toBe(0);
});

test('a URL that was found, not listed, is refused without a request', async () => {
  const end = await guarded().get(server.url('/ok'), { depth: 1 });
  expect(end).toMatchObject({ wasAsked: false, attempt: { errorClass: 'blocked-address', address: '127.0.0.1' } });
  expect(server.hits.get('/ok')).toBeUndefined();
});

test('a redirect may lead to a private host and port that was listed, fetched already or not', async () => {
  const end = await guarded([`127.0.0.1:${canaryPort}`]).get(redirectTo(`http://127.0.0.1:${canaryPort}/`));
  expect(end.attempt).toMatchObject({ errorClass: null, status: 200 });
  expect(connections).toBe(1);
  // Another port of the same host was not.
  const other = await guarded([`127.0.0.1:${server.port}`]).get(redirectTo(`http://127.0.0.1:${canaryPort}/`));
  expect(other.attempt.errorClass).toBe('blocked-address');
});

test('within the listed host and port nobody asks the list: its own URL was private', async () => {
  const harness = guarded([], { isListed: () => Promise.reject(new Error('asked')) });
  expect((await harness.get(server.url('/redirect/3'))).attempt).toMatchObject({ errorClass: null, status: 200 });
  expect((await harness.get(server.url('/ok'), { depth: 2 })).attempt).toMatchObject({ errorClass: null });
});

test('a refused request does not take down a listed one that waits for the same host', async () => {
  const harness = guarded();
  const urls = [1, 0, 2, 0, 1].map((depth, i) => harness.get(server.url(`/page/${i}`, 'wait.localhost'), { depth }));
  const classes = (await Promise.all(urls)).map((end) => end.attempt.errorClass);
  expect(classes[1]).toBeNull();
  expect(classes[3]).toBeNull();
});

test('--allow-private allows it', async () => {
  const end = await guarded([], { allowPrivate: true }).get(redirectTo(`http://127.0.0.1:${canaryPort}/`));
  expect(end.attempt).toMatchObject({ errorClass: null, status: 200 });
});
