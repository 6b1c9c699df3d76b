/** The fetch stage against a server that misbehaves: what each fault is called, and what is kept of it. */
import { createServer } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import { encodedText } from '../../src/demo/faults/routes-pages.ts';
import type { FaultRoutes } from '../../src/demo/faults/request.ts';
import { startFaultServer, type FaultServer } from '../../src/demo/faults/server.ts';
import type { FetchEnd } from '../../src/fetch/fetcher.ts';
import { fetchHarness, rested, until, type FetchHarness } from '../support/fetch-harness.ts';
import { listen } from '../support/listen.ts';

let server: FaultServer;
let harness: FetchHarness;

beforeAll(async () => {
  server = await startFaultServer();
  harness = fetchHarness();
});

afterAll(async () => {
  await harness.fetcher.close();
  await server.close();
});

test.each([
  ['/ok', 200, null, 2],
  ['/page/3?size=17000', 200, null, 17_000],
  ['/empty-body', 200, null, 0],
  ['/close', 200, null, 3],
  ['/until-close', 200, null, 500],
  ['/slow-body?ms=2', 200, null, 1_000],
  ['/chunked/ok', 200, null, 12],
  ['/headers/latin1', 200, null, 2],
  ['/1xx/103', 200, null, 2],
  ['/length/more', 200, null, 5],
  ['/length/space', 200, null, 5],
  ['/204-body', 204, null, 0],
  ['/304-body', 304, null, 0],
  ['/part?range=bytes%200-9/10', 206, null, 10],
  ['/part?range=Bytes%20%200-9/10', 206, null, 10],
  ['/part?range=bytes%200-4/10&bytes=5', 206, 'truncated', null],
  ['/part?range=bytes%205-9/10&bytes=5', 206, 'truncated', null],
  ['/part?range=bytes%200-9/10&bytes=5', 206, 'truncated', null],
  ['/part?range=bytes%200-4/5', 206, 'truncated', null],
  ['/part?range=bytes%200-9/*', 206, 'truncated', null],
  ['/part?range=lines%200-9/10', 206, 'truncated', null],
  ['/part?range=bytes%20*/10', 206, 'truncated', null],
  ['/part', 206, 'truncated', null],
  ['/status/404', 404, 'http-4xx', 11],
  ['/status/429', 429, 'rate-limited', 11],
  ['/status/503', 503, 'http-5xx', 11],
  ['/reset', null, 'reset', null],
  ['/empty', null, 'empty-response', null],
  ['/reset-header', null, 'reset', null],
  ['/close-header', null, 'reset', null],
  ['/reset-body', 200, 'truncated', null],
  ['/reset-until-close', 200, 'truncated', null],
  ['/truncated', 200, 'truncated', null],
  ['/chunked/truncated', 200, 'truncated', null],
  ['/chunked/bad-size', 200, 'protocol', null],
  ['/chunked/overflow', 200, 'protocol', null],
  ['/chunked/extension', 200, 'protocol', null],
  ['/chunked/endless-extension', 200, 'protocol', null],
  ['/chunked/zeros', 200, 'protocol', null],
  ['/garbage', null, 'protocol', null],
  ['/http09', null, 'protocol', null],
  ['/bad-version', null, 'protocol', null],
  ['/bad-status-line', null, 'protocol', null],
  ['/headers/nul', null, 'protocol', null],
  ['/length/negative', null, 'protocol', null],
  ['/length/overflow', null, 'protocol', null],
  ['/length/differing', null, 'protocol', null],
  ['/length/list', null, 'protocol', null],
  ['/length/transfer', null, 'protocol', null],
  ['/transfer/odd', 200, 'protocol', null],
  ['/1xx/100', null, 'protocol', null],
  ['/1xx/101', null, 'protocol', null],
  ['/1xx/flood', null, 'protocol', null],
  ['/headers/huge', null, 'header-overflow', null],
  ['/headers/endless', null, 'header-overflow', null],
  ['/headers/blanks', null, 'header-overflow', null],
  ['/reason/endless', null, 'header-overflow', null],
  ['/reason/nul', null, 'protocol', null],
  ['/headers/many', 200, 'header-overflow', null],
  ['/reason/huge', null, 'header-overflow', null],
  ['/redirect-huge', null, 'header-overflow', null],
  ['/length/huge', 200, 'too-large', null],
  ['/redirect-loop', 302, 'redirect-loop', 14],
  ['/redirect-cycle/a', 302, 'redirect-loop', 14],
  ['/redirect/11', 302, 'too-many-redirects', 14],
  ['/redirect-none', 302, 'bad-redirect', 14],
  ['/redirect-empty', 302, 'bad-redirect', 14],
  ['/redirect-two', 302, 'bad-redirect', 14],
  ['/redirect-broken', 302, 'bad-redirect', 14],
  ['/redirect-to?to=ftp://a.test/', 302, 'blocked-scheme', 20],
  ['/redirect/10', 200, null, 2],
  ['/redirect-utf8', 200, null, 7],
  ['/redirect-to?to=/ok&size=1000000', 200, null, 2],
])('%s ends with status %s, class %s and %s bytes of body', async (path, status, errorClass, bytes) => {
  const { attempt, body } = await harness.get(server.url(path));
  expect([attempt.status, attempt.errorClass, body === null ? null : body.length]).toEqual([status, errorClass, bytes]);
  // Whoever fails says why; whoever does not, does not.
  expect(attempt.error === null).toBe(errorClass === null);
});

test('a part that the user has asked for is what is stored', async () => {
  const asking = fetchHarness({ headers: { Range: 'bytes=0-4' } });
  const { attempt, body } = await asking.get(server.url('/part?range=bytes%200-4/10&bytes=5'));
  await asking.fetcher.close();
  expect([attempt.errorClass, Buffer.from(body ?? []).toString()]).toEqual([null, '01234']);
});

test('after all these faults no byte of the budget is held', () => {
  expect(harness.budget.used).toBe(0);
});

test('an answer is recorded whole: raw headers, sizes, timings, address, protocol', async () => {
  const { attempt, contentType, address } = await harness.get(server.url('/headers/latin1', 'recorded.localhost'), {
    id: 42,
    hostId: 5,
    attempt: 3,
  });
  expect(JSON.parse(attempt.headers ?? '')).toEqual([
    ['content-type', 'text/plain'],
    ['x-latin1', '\u00e4\u00f6\u00fc'],
    ['content-length', '2'],
  ]);
  expect({ contentType, address }).toEqual({ contentType: 'text/plain', address: '127.0.0.1' });
  expect(attempt).toMatchObject({ urlId: 42, hostId: 5, attempt: 3, wireBytes: 2, httpVersion: '1.1', redirects: [] });
  expect(attempt.finalUrl).toBe(server.url('/headers/latin1', 'recorded.localhost'));
  expect(attempt.dnsMs).toBeTypeOf('number');
  expect(attempt.connectMs).toBeTypeOf('number');
  expect(attempt.ttfbMs).toBeLessThanOrEqual(attempt.totalMs);
});

test('a kept-alive connection has no look-up and no connect of its own', async () => {
  const clock = new ManualClock();
  const kept = fetchHarness({ clock });
  const url = server.url('/ok', 'kept.localhost');
  await rested(clock, kept.get(url));
  const { attempt } = await rested(clock, kept.get(url));
  expect([attempt.dnsMs, attempt.connectMs, attempt.address]).toEqual([null, null, '127.0.0.1']);
  await kept.fetcher.close();
});

test('a compressed body comes as it is on the wire, with its coding', async () => {
  const { body, contentEncoding, attempt } = await harness.get(server.url('/encoded-chunked/zstd'));
  expect(contentEncoding).toBe('zstd');
  expect(zstdDecompressSync(body ?? Buffer.alloc(0)).toString()).toBe(encodedText);
  expect(attempt.wireBytes).toBe(body?.length);
});

test('Retry-After is handed on as it came', async () => {
  const { retryAfter } = await harness.get(server.url('/status/503?retry-after=Fri%2C%2031%20Dec%202100'));
  expect(retryAfter).toBe('Fri, 31 Dec 2100');
});

test('the body of a truncated answer is counted but not kept', async () => {
  const { attempt, body } = await harness.get(server.url('/truncated'));
  expect([attempt.wireBytes, body]).toEqual([500, null]);
});

test('an answer that nobody asked for never answers another URL', async () => {
  const url = (n: number): string => server.url(`/poison?n=${n}`, 'poison.localhost');
  for (let n = 0; n < 5; n++) {
    const { body } = await harness.get(url(n));
    expect(Buffer.from(body ?? []).toString()).toBe('good');
  }
  const { body } = await harness.get(server.url('/ok', 'poison.localhost'));
  expect(Buffer.from(body ?? []).toString()).toBe('ok');
});

test.each([
  ['no bytes of text', '\x80\xff\x00\xfe is no status line'],
  ['another version', 'HTTP/9.9 200 OK\r\n\r\n'],
  ['a status below 100', 'HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n'],
  ['a change of protocols nobody asked for', 'HTTP/1.1 101 Switching\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
])('%s is a protocol error that shows how the answer began', async (_what, answer) => {
  const bytes = Buffer.from(answer, 'latin1');
  const hostile = createServer((socket) => socket.once('data', () => socket.write(bytes)));
  const { attempt } = await harness.get(`http://127.0.0.1:${await listen(hostile)}/`);
  hostile.close();
  expect([attempt.errorClass, attempt.error]).toEqual([
    'protocol',
    expect.stringMatching(new RegExp(`, first bytes ${bytes.subarray(0, 64).toString('hex')}$`)),
  ]);
});

test('nobody listening is connect-refused', async () => {
  const closed = await startFaultServer();
  await closed.close();
  const { attempt } = await harness.get(closed.url('/ok'));
  expect(attempt).toMatchObject({
    status: null,
    errorClass: 'connect-refused',
    errorCode: 'ECONNREFUSED',
    headers: null,
  });
});

test('a name that cannot be resolved is dns, with the code of the resolver', async () => {
  const lost = fetchHarness({
    lookup: (_name, answer) => answer(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []),
  });
  const { attempt } = await lost.get('http://nowhere.test/');
  expect(attempt).toMatchObject({ errorClass: 'dns', errorCode: 'ENOTFOUND', status: null, address: null });
  await lost.fetcher.close();
});

test('a URL that may not be fetched is not asked for', async () => {
  const strict = fetchHarness({
    mayFetch: (_url, via) => ({ ok: false, errorClass: 'blocked-robots', detail: `no ${via} here` }),
  });
  const { attempt } = await strict.get(server.url('/ok?forbidden'));
  expect(attempt).toMatchObject({ errorClass: 'blocked-robots', error: 'no listed here' });
  expect(server.hits.has('/ok?forbidden')).toBe(false);
  await strict.fetcher.close();
});

test('an endless body ends at the cap, and its connection with it', async () => {
  const small = fetchHarness({ maxSize: 100_000 });
  for (const path of ['/endless', '/endless-chunked']) {
    const { attempt, body } = await small.get(server.url(path, 'endless.localhost'));
    expect([attempt.errorClass, body]).toEqual(['too-large', null]);
    expect(attempt.wireBytes).toBeLessThan(100_000 + 128 * 1024);
  }
  await until(() => server.hosts.get('endless.localhost')?.inFlight === 0);
  expect(small.budget.used).toBe(0);
  await small.fetcher.close();
});

test('every Content-Type is handed on: which one counts is the parser’s business', async () => {
  const twice = createServer((socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok'),
  );
  const port = await listen(twice);
  const own = fetchHarness();
  expect((await own.get(`http://127.0.0.1:${port}/`)).contentType).toBe('text/plain, text/html');
  await own.fetcher.close();
  twice.close();
});

test('a body beyond the cap takes nothing from what the status says', async () => {
  const body = 'x'.repeat(200_000);
  const heads: Readonly<Record<string, string>> = {
    '/500': `500 Oops\r\ncontent-length: ${body.length}`,
    '/503': '503 Busy\r\nretry-after: 7\r\nconnection: close',
    '/404': '404 None\r\nconnection: close',
    '/loop': `302 Round\r\nlocation: /loop\r\ncontent-length: ${body.length}`,
    '/200': '200 OK\r\nconnection: close',
  };
  const large = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) =>
      socket.end(`HTTP/1.1 ${heads[chunk.toString().split(' ')[1] ?? '']}\r\ncontent-type: text/plain\r\n\r\n${body}`),
    );
  });
  const port = await listen(large);
  const small = fetchHarness({ maxSize: 100_000 });
  const endOf = (path: string): Promise<FetchEnd> => small.get(`http://127.0.0.1:${port}${path}`);
  for (const [path, errorClass] of [
    ['/500', 'http-5xx'],
    ['/503', 'http-5xx'],
    ['/404', 'http-4xx'],
    ['/loop', 'redirect-loop'],
  ] as const) {
    expect(await endOf(path)).toMatchObject({
      attempt: { errorClass },
      body: null,
      contentType: 'text/plain',
      leftOut: { errorClass: 'too-large' },
      retryAfter: path === '/503' ? '7' : null,
    });
  }
  expect(await endOf('/200')).toMatchObject({ attempt: { errorClass: 'too-large' }, body: null, leftOut: null });
  expect(small.budget.used).toBe(0);
  await small.fetcher.close();
  large.close();
});

/** Time limits run on a clock that only the test moves: no test waits, and none depends on how fast the machine is. */
async function underClock(
  path: string,
  limits: { timeoutMs?: number; deadlineMs?: number; spentMs?: number },
  script: (clock: ManualClock) => Promise<void>,
): Promise<{ errorClass: string | null; totalMs: number; wireBytes: number }> {
  const clock = new ManualClock();
  const timed = fetchHarness({ clock, timeoutMs: limits.timeoutMs ?? 1_000, deadlineMs: limits.deadlineMs ?? 60_000 });
  const before = server.hits.get(path) ?? 0;
  const running = timed.get(server.url(path), { spentMs: limits.spentMs ?? 0 });
  await until(() => (server.hits.get(path) ?? 0) > before);
  await script(clock);
  const { attempt } = await running;
  await timed.fetcher.close();
  return attempt;
}

test('no answer is a header-timeout at exactly the timeout', async () => {
  const end = await underClock('/hang', {}, async (clock) => {
    clock.advance(999);
    expect(server.inFlight).toBe(1);
    clock.advance(1);
  });
  expect(end).toMatchObject({ errorClass: 'header-timeout', totalMs: 1_000 });
});

test('headers that arrive byte by byte are a header-timeout', async () => {
  const end = await underClock('/slow-header?ms=1', {}, async (clock) => {
    clock.advance(1_000);
  });
  expect(end).toMatchObject({ errorClass: 'header-timeout', totalMs: 1_000 });
});

test('what earlier attempts have spent counts against the deadline', async () => {
  const end = await underClock('/hang', { deadlineMs: 5_000, spentMs: 4_700 }, async (clock) => {
    clock.advance(300);
  });
  expect(end).toMatchObject({ errorClass: 'total-timeout', totalMs: 300 });
});

test.each(['header', 'body'])(
  'what came in time is read before a %s-timeout, however busy we were meanwhile',
  async (what) => {
    const stallsUs: FaultRoutes = {
      '/in-time': (request) => {
        request.head(200, { 'content-length': '2' });
        request.raw('o');
        const rest = (): void => {
          request.raw('k');
          request.end();
          // We and the server are one process: while this goes on, nothing is read.
          const until = performance.now() + 400;
          while (performance.now() < until);
        };
        if (what === 'header') rest();
        // Not while timers run: before the next ones sockets are read.
        else request.after(50, () => setImmediate(rest));
      },
    };
    const busy = await startFaultServer({ routes: stallsUs });
    const hasty = fetchHarness({ timeoutMs: 200 });
    const { attempt } = await hasty.get(busy.url('/in-time'));
    await hasty.fetcher.close();
    await busy.close();
    expect(attempt).toMatchObject({ errorClass: null, status: 200, wireBytes: 2 });
  },
);

test('a body that stalls is a body-timeout, and the bytes it brought are counted', async () => {
  const real = fetchHarness({ timeoutMs: 100 });
  const { attempt, body } = await real.get(server.url('/stall?sent=300'));
  expect(attempt).toMatchObject({ errorClass: 'body-timeout', status: 200, wireBytes: 300 });
  expect(body).toBeNull();
  await real.fetcher.close();
});

test('a body that drips is too slow', async () => {
  const real = fetchHarness({ timeoutMs: 150 });
  const { attempt } = await real.get(server.url('/drip?ms=25'));
  expect(attempt.errorClass).toBe('too-slow');
  await real.fetcher.close();
});

test('the body of a redirect that never comes does not keep us from following it', async () => {
  const real = fetchHarness({ timeoutMs: 100 });
  const { attempt } = await real.get(server.url('/redirect-stall'));
  expect(attempt).toMatchObject({ errorClass: null, status: 200 });
  await real.fetcher.close();
});

test('an empty query is a query: it is sent', async () => {
  const paths: string[] = [];
  const recorder = createServer((socket) =>
    socket.on('data', (chunk: Buffer) => {
      const path = chunk.toString('latin1').split(' ')[1] ?? '';
      paths.push(path);
      const to = path.startsWith('/to') ? `location: ${decodeURIComponent(path.slice(3))}\r\n` : '';
      socket.write(`HTTP/1.1 ${to === '' ? 200 : 302} OK\r\n${to}content-length: 0\r\n\r\n`);
    }),
  );
  const port = await listen(recorder);
  const own = fetchHarness();
  const listed = ['/a', '/a?', '/a?b', '/?', '/'];
  for (const path of listed) await own.get(`http://127.0.0.1:${port}${path}`);
  expect(paths.splice(0)).toEqual(listed);
  // The fragment of a redirect goes, the query before it stays.
  for (const to of ['/a?#x', '/a?#', '/a#?', '/a?b#x?']) {
    await own.get(`http://127.0.0.1:${port}/to${encodeURIComponent(to)}`);
  }
  expect(paths.filter((path) => path.startsWith('/a'))).toEqual(['/a?', '/a?', '/a', '/a?b']);
  await own.fetcher.close();
  recorder.close();
});
