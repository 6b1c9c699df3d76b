/**
 * Fault site: one request as a route sees it, and the means to answer it well or badly. Raw: what a route says is what goes
 * over the wire.
 */
import type { Socket } from 'node:net';

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

/** What a request came with, before a route gets it. */
export interface RawRequest {
  readonly socket: Socket;
  readonly scheme: string;
  /** Request line and header lines. */
  readonly lines: readonly string[];
  /** Requests on this connection so far, from 1. */
  readonly turn: number;
  /** What has to be undone when the connection ends. */
  readonly leftovers: Set<() => void>;
  /** Notes the start of a request: how many of this target there were, and a function that notes its end. */
  readonly started: (
    target: string,
    hostname: string,
    headers: Readonly<Record<string, string>>,
  ) => { readonly hit: number; readonly ended: () => void };
}

/** Hands a request to its route; 404 where there is none. */
export function answer({ socket, scheme, lines, turn, leftovers, started }: RawRequest, routes: FaultRoutes): void {
  const target = lines[0]?.split(' ')[1] ?? '/';
  const headers = Object.fromEntries(
    lines.slice(1).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const origin = `${scheme}://${headers['host'] ?? 'unknown'}`;
  const url = new URL(target, origin);
  const { hit, ended } = started(target, url.hostname, headers);
  leftovers.add(ended);
  const head = (status: number, fields: HeaderFields): void => {
    write(socket, headText(status, fields));
  };
  const request: FaultRequest = {
    path: url.pathname,
    query: url.searchParams,
    headers,
    origin,
    hit,
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
