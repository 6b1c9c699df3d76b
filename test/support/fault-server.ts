/**
 * A server that misbehaves on request: one route a fault, written on raw sockets, since frameworks are too polite to send
 * garbage. Listens on 127.0.0.1, port 0; any host name may be used in URLs (`url(path, 'a.localhost')`).
 *
 * It also counts what a client did, so that limits are asserted where they matter: requests a path, most requests in flight in
 * all and a host, start times a host, connections.
 *
 * Routes, by file (each lists its own with their query parameters):
 *   fault-routes-pages.ts       /page/N /ok /echo /status/N /flaky /encoded/… /charset/… and other well-formed answers
 *   fault-routes-connection.ts  delays, stalls, resets, early ends, stale keep-alive
 *   fault-routes-protocol.ts    broken headers, lengths, chunking, 1xx, endless bodies
 *   fault-routes-redirect.ts    chains, loops, bad Location values
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { connectionRoutes } from './fault-routes-connection.ts';
import { pageRoutes } from './fault-routes-pages.ts';
import { protocolRoutes } from './fault-routes-protocol.ts';
import { redirectRoutes } from './fault-routes-redirect.ts';
import { testCertificate } from './test-certificate.ts';

type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** One request, and the means to answer it well or badly. */
export interface FaultRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Origin of this server as the client addressed it. */
  readonly origin: string;
  /** Requests for this path and query so far, from 1. */
  readonly hit: number;
  /** Requests on this connection so far, from 1. */
  readonly turn: number;
  readonly socket: Socket;
  /** A whole, correct answer; the connection is kept. */
  send(status: number, headers: HeaderFields, body: string | Uint8Array): void;
  /** Status line and headers as given, nothing added. */
  head(status: number, headers: HeaderFields): void;
  /** Bytes as they are (strings as Latin-1). */
  raw(data: string | Uint8Array): void;
  /** The answer is complete; the connection is kept. */
  end(): void;
  /** Ends the connection with a FIN. */
  finish(): void;
  /** Ends the connection with a RST. */
  reset(): void;
  /** Calls back after `ms`, unless the connection has ended by then. */
  after(ms: number, action: () => void): void;
  /** A number from the query. */
  number(name: string, fallback: number): number;
}

export type FaultRoute = (request: FaultRequest) => void;
/** Keys ending in `/` match everything below them, others exactly. */
export type FaultRoutes = Readonly<Record<string, FaultRoute>>;

/** What one host name saw. */
interface HostRecord {
  inFlight: number;
  maxInFlight: number;
  /** `performance.now()` at the arrival of each request. */
  readonly starts: number[];
}

export interface FaultServer {
  readonly port: number;
  /** http://127.0.0.1:port, or https. */
  readonly origin: string;
  /** URL of a path, under any host name that resolves to 127.0.0.1. */
  url(path: string, host?: string): string;
  /** Requests by path with query. */
  readonly hits: ReadonlyMap<string, number>;
  /** Headers of the last request by path with query. */
  readonly headers: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** By host name without port. */
  readonly hosts: ReadonlyMap<string, HostRecord>;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  close(): Promise<void>;
}

const ROUTES: FaultRoutes = { ...pageRoutes, ...connectionRoutes, ...protocolRoutes, ...redirectRoutes };

class Recorder {
  readonly hits = new Map<string, number>();
  readonly headers = new Map<string, Readonly<Record<string, string>>>();
  readonly hosts = new Map<string, HostRecord>();
  inFlight = 0;
  maxInFlight = 0;
  connections = 0;

  /** Notes the start of a request; the function returned notes its end, once. */
  start(target: string, hostname: string, headers: Readonly<Record<string, string>>): () => void {
    this.hits.set(target, (this.hits.get(target) ?? 0) + 1);
    this.headers.set(target, headers);
    const host = this.hosts.get(hostname) ?? { inFlight: 0, maxInFlight: 0, starts: [] };
    this.hosts.set(hostname, host);
    host.starts.push(performance.now());
    host.inFlight++;
    host.maxInFlight = Math.max(host.maxInFlight, host.inFlight);
    this.inFlight++;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      host.inFlight--;
      this.inFlight--;
    };
  }
}

/** Starts a server; `routes` adds to or replaces the built-in ones. The caller closes it. */
export async function startFaultServer(
  options: { readonly tls?: boolean; readonly routes?: FaultRoutes } = {},
): Promise<FaultServer> {
  const recorder = new Recorder();
  const sockets = new Set<Socket>();
  const routes = { ...ROUTES, ...options.routes };
  const scheme = options.tls === true ? 'https' : 'http';
  const accept = (socket: Socket): void => {
    recorder.connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    // Clients that hang up are what this server is for.
    socket.on('error', () => socket.destroy());
    serve(socket, scheme, recorder, routes);
  };
  const server: Server = options.tls === true ? createTlsServer(testCertificate, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    url: (path, host = '127.0.0.1') => `${scheme}://${host}:${port}${path}`,
    hits: recorder.hits,
    headers: recorder.headers,
    hosts: recorder.hosts,
    get inFlight() {
      return recorder.inFlight;
    },
    get maxInFlight() {
      return recorder.maxInFlight;
    },
    get connections() {
      return recorder.connections;
    },
    get openConnections() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Reads requests off one connection, one at a time (clients here do not pipeline). */
function serve(socket: Socket, scheme: string, recorder: Recorder, routes: FaultRoutes): void {
  let received = '';
  let turn = 0;
  // One listener for whatever the requests of this connection leave behind: their timers and counts.
  const leftovers = new Set<() => void>();
  socket.once('close', () => {
    for (const clear of leftovers) clear();
  });
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const lines = received.slice(0, end).split('\r\n');
    received = received.slice(end + 4);
    turn++;
    answer(socket, scheme, recorder, routes, lines, turn, leftovers);
  });
}

function answer(
  socket: Socket,
  scheme: string,
  recorder: Recorder,
  routes: FaultRoutes,
  lines: readonly string[],
  turn: number,
  leftovers: Set<() => void>,
): void {
  const target = lines[0]?.split(' ')[1] ?? '/';
  const headers = Object.fromEntries(
    lines.slice(1).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const origin = `${scheme}://${headers['host'] ?? 'unknown'}`;
  const url = new URL(target, origin);
  const ended = recorder.start(target, url.hostname, headers);
  leftovers.add(ended);
  const head = (status: number, fields: HeaderFields): void => {
    write(socket, headText(status, fields));
  };
  const request: FaultRequest = {
    path: url.pathname,
    query: url.searchParams,
    headers,
    origin,
    hit: recorder.hits.get(target) ?? 1,
    turn,
    socket,
    head,
    raw: (data) => write(socket, data),
    send(status, fields, body) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      // Counted as ended before the last byte leaves: the client's next request must not overtake the count.
      ended();
      head(status, { 'content-length': String(bytes.length), ...fields });
      write(socket, bytes);
    },
    end: ended,
    finish: () => socket.end(),
    reset: () => socket.resetAndDestroy(),
    after(ms, action) {
      const clear = (): void => clearTimeout(timer);
      const timer = setTimeout(() => {
        leftovers.delete(clear);
        if (!socket.destroyed) action();
      }, ms);
      leftovers.add(clear);
    },
    number: (name, fallback) => Number(url.searchParams.get(name) ?? fallback),
  };
  const exact = routes[url.pathname];
  const prefix = Object.keys(routes).find((key) => key.endsWith('/') && url.pathname.startsWith(key));
  const route = exact ?? (prefix === undefined ? undefined : routes[prefix]);
  if (route === undefined) request.send(404, { 'content-type': 'text/plain' }, `no route ${url.pathname}\n`);
  else route(request);
}

function headText(status: number, fields: HeaderFields): string {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`;
}

function write(socket: Socket, data: string | Uint8Array): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
}
