/**
 * A server that misbehaves on request: one route a fault, written on raw sockets, since frameworks are too polite to send
 * garbage. Listens on 127.0.0.1, port 0; any host name may be used in URLs (`url(path, 'a.localhost')`).
 *
 * It also counts what a client did, so that limits are asserted where they matter: requests a path, most requests in flight in
 * all and a host, start times a host, connections.
 *
 * Routes, by file (each lists its own with their query parameters):
 *   routes-pages.ts       /page/N /ok /echo /status/N /flaky /encoded/… /charset/… and other well-formed answers
 *   routes-connection.ts  delays, stalls, resets, early ends, stale keep-alive
 *   routes-protocol.ts    broken headers, lengths, chunking, 1xx, endless bodies
 *   routes-redirect.ts    chains, loops, bad Location values
 *   routes-html.ts        pages that are hard to parse or to show, charsets
 *   routes-robots.ts      /robots.txt, by host
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { CERTIFICATES, type CertificateKind } from './certificates.ts';
import { answer, type FaultRoutes } from './request.ts';
import { connectionRoutes } from './routes-connection.ts';
import { htmlRoutes } from './routes-html.ts';
import { pageRoutes } from './routes-pages.ts';
import { protocolRoutes } from './routes-protocol.ts';
import { redirectRoutes } from './routes-redirect.ts';
import { robotsRoutes } from './routes-robots.ts';

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

/** First byte of a TLS client's hello (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;

const ROUTES: FaultRoutes = {
  ...pageRoutes,
  ...connectionRoutes,
  ...protocolRoutes,
  ...redirectRoutes,
  ...htmlRoutes,
  ...robotsRoutes,
};

class Recorder {
  readonly hits = new Map<string, number>();
  readonly headers = new Map<string, Readonly<Record<string, string>>>();
  readonly hosts = new Map<string, HostRecord>();
  inFlight = 0;
  maxInFlight = 0;
  connections = 0;

  /** Notes the start of a request; the function returned notes its end, once. */
  readonly start = (
    target: string,
    hostname: string,
    headers: Readonly<Record<string, string>>,
  ): { hit: number; ended: () => void } => {
    const hit = (this.hits.get(target) ?? 0) + 1;
    this.hits.set(target, hit);
    this.headers.set(target, headers);
    const host = this.hosts.get(hostname) ?? { inFlight: 0, maxInFlight: 0, starts: [] };
    this.hosts.set(hostname, host);
    host.starts.push(performance.now());
    host.inFlight++;
    host.maxInFlight = Math.max(host.maxInFlight, host.inFlight);
    this.inFlight++;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    let hasEnded = false;
    const ended = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      host.inFlight--;
      this.inFlight--;
    };
    return { hit, ended };
  };
}

/** Starts a server; `routes` adds to or replaces the built-in ones. The caller closes it. */
export async function startFaultServer(
  options: { readonly tls?: CertificateKind; readonly routes?: FaultRoutes } = {},
): Promise<FaultServer> {
  const recorder = new Recorder();
  const sockets = new Set<Socket>();
  const routes = { ...ROUTES, ...options.routes };
  const scheme = options.tls === undefined ? 'http' : 'https';
  const accept = (socket: Socket): void => {
    recorder.connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    // Clients that hang up are what this server is for.
    socket.on('error', () => socket.destroy());
    serve(socket, scheme, recorder, routes);
  };
  const server: Server =
    options.tls === undefined ? createServer(accept) : createTlsServer(CERTIFICATES[options.tls], accept);
  // Handshakes that a client breaks off.
  server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
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
    if (turn === 0 && received === '' && chunk[0] === TLS_HANDSHAKE) {
      // As web servers do on their plain port.
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    received += chunk.toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const lines = received.slice(0, end).split('\r\n');
    received = received.slice(end + 4);
    turn++;
    answer({ socket, scheme, lines, turn, leftovers, started: recorder.start }, routes);
  });
}
