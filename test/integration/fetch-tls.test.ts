/** TLS and HTTP/2 of the fetch stage against real servers with a self-signed certificate. */
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { startFaultServer, type FaultServer } from '../../src/demo/faults/server.ts';
import { fetchHarness, type FetchHarness } from '../support/fetch-harness.ts';
import { CERTIFICATES } from '../../src/demo/faults/certificates.ts';
import { listen } from '../support/listen.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function harnessWith(options: Parameters<typeof fetchHarness>[0]): FetchHarness {
  const harness = fetchHarness(options);
  closing.push(() => harness.fetcher.close());
  return harness;
}

async function tlsServer(): Promise<FaultServer> {
  const server = await startFaultServer({ tls: 'self-signed' });
  closing.push(() => server.close());
  return server;
}

interface H2Server {
  readonly url: (path: string) => string;
  /** Sessions so far, requests by path, most streams at a time. */
  readonly seen: { sessions: number; maxStreams: number; readonly paths: string[] };
}

async function h2Server(): Promise<H2Server> {
  const seen = { sessions: 0, maxStreams: 0, paths: [] as string[] };
  let streams = 0;
  const sessionsLeft = new WeakMap<object, number>();
  const server: Http2SecureServer = createSecureServer({ ...CERTIFICATES['self-signed'], allowHTTP1: true });
  server.on('session', () => seen.sessions++);
  server.on('request', (request, response) => {
    streams++;
    seen.maxStreams = Math.max(seen.maxStreams, streams);
    seen.paths.push(request.url);
    response.on('close', () => streams--);
    if (request.url === '/reset') {
      response.stream.close(2);
    } else if (request.url === '/truncated') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('x'.repeat(500));
      setTimeout(() => response.stream.close(2), 10);
    } else if (request.url === '/cancelled') {
      response.writeHead(200);
      response.write('x'.repeat(500));
      setTimeout(() => response.stream.close(8), 10);
    } else if (request.url === '/goaway') {
      response.end('last words');
      response.stream.session?.close();
    } else if (request.url?.startsWith('/few/')) {
      // As many requests a connection as the path says.
      const session = response.stream.session!;
      const left = sessionsLeft.get(session) ?? Number(request.url.split('/')[2]);
      sessionsLeft.set(session, left - 1);
      setTimeout(() => response.end(`h2 ${request.url}`), 5);
      if (left === 1) session.close();
    } else if (request.url === '/hang') {
      // No answer.
    } else {
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] });
        response.end(`h2 ${request.url}`);
      }, 5);
    }
  });
  const port = await listen(server);
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return { seen, url: (path) => `https://h2.localhost:${port}${path}` };
}

test('a self-signed certificate is refused, with the reason, and accepted with insecure', async () => {
  const server = await tlsServer();
  const { attempt } = await harnessWith({}).get(server.url('/ok', 'a.localhost'));
  expect(attempt).toMatchObject({ errorClass: 'tls', errorCode: 'DEPTH_ZERO_SELF_SIGNED_CERT', status: null });
  const careless = harnessWith({ insecure: () => true });
  expect((await careless.get(server.url('/ok', 'a.localhost'))).attempt.status).toBe(200);
  // An address is no server name; the handshake does without.
  expect((await careless.get(server.url('/ok'))).attempt.status).toBe(200);
});

test('insecure can be meant for one host only', async () => {
  const server = await tlsServer();
  const harness = harnessWith({ insecure: (host) => host === 'a.localhost' });
  expect((await harness.get(server.url('/ok', 'a.localhost'))).attempt.status).toBe(200);
  expect((await harness.get(server.url('/ok', 'b.localhost'))).attempt).toMatchObject({
    errorClass: 'tls',
    status: null,
  });
});

test('the dot at the end of a host is neither in the server name nor in the rule for the host', async () => {
  const names: string[] = [];
  const server = createTlsServer({ ...CERTIFICATES['self-signed'], ALPNProtocols: ['http/1.1'] }, (socket) => {
    names.push(String(socket.servername));
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok'));
  });
  const port = await listen(server);
  closing.push(async () => server.close());
  const asked: string[] = [];
  const harness = harnessWith({ insecure: (host) => asked.push(host) > 0 });
  expect((await harness.get(`https://a.localhost.:${port}/`)).attempt.status).toBe(200);
  expect((await harness.get(`https://127.0.0.1:${port}/`)).attempt.status).toBe(200);
  // Nobody listens there.
  await harness.get('https://[::1]:1/');
  expect(names).toEqual(['a.localhost', 'false']);
  expect(asked).toEqual(['a.localhost', '127.0.0.1', '[::1]']);
});

test('plain HTTP on a TLS port is tls', async () => {
  const server = await startFaultServer({ routes: {} });
  closing.push(() => server.close());
  // A server that answers anything it gets with plain text.
  const { createServer } = await import('node:net');
  const plain = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  const port = await listen(plain);
  closing.push(() => new Promise((resolve) => plain.close(resolve)));
  const { attempt } = await harnessWith({}).get(`https://127.0.0.1:${port}/`);
  expect(attempt.errorClass).toBe('tls');
});

test('a redirect from https to http is flagged', async () => {
  const secure = await tlsServer();
  const plain = await startFaultServer();
  closing.push(() => plain.close());
  const harness = harnessWith({ insecure: () => true, headers: { authorization: 'secret' } });
  const { attempt } = await harness.get(secure.url(`/redirect-to?to=${encodeURIComponent(plain.url('/ok'))}`));
  expect(attempt.redirects).toMatchObject([{ downgrade: true, status: 302 }]);
  expect(plain.headers.get('/ok')?.['authorization']).toBeUndefined();
});

test('many requests share one HTTP/2 connection', async () => {
  const { url, seen } = await h2Server();
  const harness = harnessWith({ insecure: () => true });
  const ends = await Promise.all(Array.from({ length: 20 }, (_, i) => harness.get(url(`/${i}`))));
  expect(ends.map((end) => Buffer.from(end.body ?? []).toString())).toEqual(ends.map((_, i) => `h2 /${i}`));
  expect(ends.every((end) => end.attempt.httpVersion === '2')).toBe(true);
  expect(seen.sessions).toBe(1);
  expect(seen.maxStreams).toBeGreaterThan(1);
  const headers = JSON.parse(ends[0]?.attempt.headers ?? '[]') as [string, string][];
  expect(headers.filter(([name]) => name === 'set-cookie')).toEqual([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
});

test('http1 does not offer HTTP/2', async () => {
  const { url, seen } = await h2Server();
  const { attempt } = await harnessWith({ insecure: () => true, http1: true }).get(url('/'));
  expect([attempt.status, attempt.httpVersion, seen.sessions]).toEqual([200, '1.1', 0]);
});

test('faults of one HTTP/2 stream leave the other streams alone', async () => {
  const { url, seen } = await h2Server();
  const harness = harnessWith({ insecure: () => true, timeoutMs: 300 });
  const [reset, truncated, hang, fine, cancelled] = await Promise.all(
    ['/reset', '/truncated', '/hang', '/fine', '/cancelled'].map((path) => harness.get(url(path))),
  );
  expect(cancelled).toMatchObject({ body: null, attempt: { errorClass: 'truncated', status: 200, wireBytes: 500 } });
  expect(reset?.attempt).toMatchObject({ errorClass: 'reset', status: null });
  expect(truncated?.attempt).toMatchObject({ errorClass: 'truncated', status: 200, wireBytes: 500 });
  expect(hang?.attempt).toMatchObject({ errorClass: 'header-timeout' });
  expect(fine?.attempt).toMatchObject({ errorClass: null, status: 200 });
  expect(seen.sessions).toBe(1);
});

/** Answers streams of HTTP/2 frame by frame: the first one with more than it announced, once `others` more are there; those too, then. */
async function brokenH2Server(others: number): Promise<string> {
  const frame = (type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  // :status 200, content-length: 500; then the body.
  const headers = (stream: number): Buffer =>
    frame(1, 4, stream, Buffer.concat([Buffer.from([0x88, 0x0f, 0x0d, 3]), Buffer.from('500')]));
  const data = (stream: number, bytes: number): Buffer => frame(0, 1, stream, Buffer.alloc(bytes, 'b'));
  let connections = 0;
  const server = createTlsServer({ ...CERTIFICATES['self-signed'], ALPNProtocols: ['h2'] }, (socket) => {
    const isFirst = connections++ === 0;
    const streams: number[] = [];
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.write(frame(4, 0, 0));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      // The preface: "PRI * HTTP/2.0…"; no frame begins so.
      if (bytes[0] === 0x50 && bytes.length >= 24) bytes = bytes.subarray(24);
      while (bytes[0] !== 0x50 && bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const [type, flags, stream] = [bytes[3], bytes[4] ?? 0, bytes.readUInt32BE(5)];
        bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3));
        if (type === 4 && (flags & 1) === 0) socket.write(frame(4, 1, 0));
        if (type !== 1) continue;
        streams.push(stream);
        if (!isFirst) socket.write(Buffer.concat([headers(stream), data(stream, 500)]));
        else if (streams.length > others) socket.write(Buffer.concat([headers(1), data(1, 3_000)]));
      }
    });
  });
  const port = await listen(server);
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `https://h2.localhost:${port}/`;
}

test('a stream that breaks its HTTP/2 connection fails alone: the others are asked for again', async () => {
  const url = await brokenH2Server(4);
  const harness = harnessWith({ insecure: () => true });
  const ends = await Promise.all(Array.from({ length: 5 }, (_, n) => harness.get(`${url}${n}`)));
  expect(ends.map(({ attempt }) => attempt.errorClass)).toEqual(['truncated', null, null, null, null]);
  expect(ends.slice(1).every(({ body }) => body?.length === 500)).toBe(true);
});

test('what never left before the server said goodbye is asked for on as many connections as it takes', async () => {
  const { url } = await h2Server();
  const harness = harnessWith({ insecure: () => true });
  await harness.get(url('/first'));
  const ends = await Promise.all(Array.from({ length: 24 }, (_, n) => harness.get(url(`/few/3/${n}`))));
  expect(ends.map(({ attempt }) => attempt.error)).toEqual(ends.map(() => null));
});

test('a server that says goodbye is connected to anew', async () => {
  const { url, seen } = await h2Server();
  const harness = harnessWith({ insecure: () => true });
  for (const path of ['/goaway', '/after', '/goaway', '/after']) {
    expect((await harness.get(url(path))).attempt).toMatchObject({ status: 200, errorClass: null });
  }
  expect(seen.sessions).toBe(3);
});
