/**
 * The thread in which the demo site's HTTP server runs, so that serving takes no time from the crawl's main thread.
 * In: requests on one port of 127.0.0.1, told apart by their Host header. Out: what `demoAnswer` says, after its latency,
 * compressed once per URL for clients that accept gzip. It counts every request by URL, aborted ones too: the count is
 * what `crawl demo --crash` holds the database against. Owned and ended by `server.ts`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { constants, gzipSync } from 'node:zlib';
import { CrawlError } from '../model/errors.ts';
import type { DemoAnswer } from './host.ts';
import type { DemoServerData, FromDemoServer, ToDemoServer } from './server-messages.ts';
import { demoAnswer } from './site.ts';

/** Compressing less than this saves nothing. */
const LEAST_COMPRESSED_BYTES = 400;

if (parentPort === null) throw new CrawlError('ERR_INTERNAL', 'server-worker runs as a worker thread only');
const owner = parentPort;
const { port, seed, speed } = workerData as DemoServerData;
const hits = new Map<string, number>();
const compressed = new Map<string, Buffer>();
let requests = 0;
let notifyAt: number[] = [];
let boundPort = port;

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const authority = request.headers.host ?? 'localhost';
  const url = `http://${authority}${path}`;
  const hit = count(url);
  const answer = demoAnswer(authority.split(':')[0] as string, { seed, port: boundPort, path, hit });
  setTimeout(() => act(request, response, url, answer), answer.latencyMs / speed);
});
// Longer than any pause of a crawl: a connection closed in the very moment it is used again would look like a fault of ours.
server.keepAliveTimeout = 120_000;
server.on('error', (error: NodeJS.ErrnoException) => {
  post({ type: 'failed', code: error.code ?? 'ERR_INTERNAL', message: error.message });
});
server.listen(port, '127.0.0.1', () => {
  boundPort = (server.address() as AddressInfo).port;
  post({ type: 'listening', port: boundPort });
});

owner.on('message', (message: ToDemoServer) => {
  switch (message.type) {
    case 'counts':
      post({ type: 'counts', hits });
      break;
    case 'notify-at':
      notifyAt.push(message.requests);
      notify();
      break;
    case 'close':
      server.closeAllConnections();
      // Ends this thread only, answers that still wait for their latency included.
      process.exit();
      break;
  }
});

function post(message: FromDemoServer): void {
  owner.postMessage(message);
}

function count(url: string): number {
  const hit = (hits.get(url) ?? 0) + 1;
  hits.set(url, hit);
  requests += 1;
  if (notifyAt.length > 0) notify();
  return hit;
}

function notify(): void {
  for (const wanted of notifyAt) if (requests >= wanted) post({ type: 'reached', requests: wanted });
  notifyAt = notifyAt.filter((wanted) => requests < wanted);
}

function act(request: IncomingMessage, response: ServerResponse, url: string, answer: DemoAnswer): void {
  switch (answer.kind) {
    case 'reset':
      request.socket.resetAndDestroy();
      break;
    case 'truncated':
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': answer.body.length });
      response.write(answer.body.subarray(0, answer.body.length / 2), () => request.socket.destroy());
      break;
    case 'answer':
      send(request, response, url, answer);
      break;
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  answer: Extract<DemoAnswer, { kind: 'answer' }>,
): void {
  const headers: Record<string, string | number> = { ...answer.headers, vary: 'accept-encoding' };
  let body = answer.body;
  if (body.length >= LEAST_COMPRESSED_BYTES && /\bgzip\b/.test(String(request.headers['accept-encoding']))) {
    headers['content-encoding'] = 'gzip';
    body = compress(`${answer.status} ${url}`, body);
  }
  headers['content-length'] = body.length;
  response.writeHead(answer.status, headers);
  response.end(body);
}

/** A crawl that is killed and resumed asks again, a second crawl asks for everything again: compress once. */
function compress(key: string, body: Uint8Array): Buffer {
  let result = compressed.get(key);
  if (result === undefined) {
    result = gzipSync(body, { level: constants.Z_BEST_SPEED });
    compressed.set(key, result);
  }
  return result;
}
