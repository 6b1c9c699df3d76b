/**
 * Fetch stage: one socket with the undici client that speaks HTTP on it. One client a socket, never reconnected: so it is
 * always known which connection carries which request, whether that connection was used before, and what its address is.
 *
 * Invariant: once the socket is gone, `gone` has been called and requests that were waiting on it have failed.
 * Owner: the `Origin`, which takes requests to it and hears of its end.
 */
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Dispatcher } from 'undici';
import symbols from 'undici/lib/core/symbols.js';
import Client from 'undici/lib/dispatcher/client.js';
import { isUnasked } from './classify.ts';
import type { Link } from './connector.ts';
import type { Forwarding } from './proxy.ts';

/** Bytes of response headers (names and values) that are accepted: `header-overflow` beyond. */
export const MOST_HEADER_BYTES: number = 64 * 1024;

/** Idle connections are closed after this time, ms; a server's `Keep-Alive: timeout` changes it within the upper limit. */
const KEEP_ALIVE_MS = 4_000;
const LONGEST_KEEP_ALIVE_MS = 30_000;

/** Requests at a time on one HTTP/2 connection; servers are asked to allow at least this many (RFC 9113 §6.5.2). */
const MOST_STREAMS = 100;

/**
 * One for all connections: undici would make one for each, and its stack trace takes 0.1 ms, which counts where every host is
 * another one (`test/bench/broad.ts`).
 */
const GONE = Object.assign(new Error('the connection is gone'), { code: 'WEIR_CONNECTION_GONE' });

export class Connection {
  readonly link: Link;
  readonly #client: Client;
  readonly #onGone: (connection: Connection) => void;
  #running = 0;
  #isUsed = false;
  #handedOver = false;
  #gone = false;
  /** What came first since the request was sent, until `understood`. */
  #firstChunk: Uint8Array | null = null;
  #isUnderstood = false;
  /** What was read last, until `understood`. */
  #lastRead: Uint8Array | null = null;
  #watcher: ((octets: Uint8Array) => void) | null = null;
  #streamWatcher: ((stream: ClientHttp2Stream) => void) | null = null;
  #saidGoodbye = false;
  #isAnswered = true;
  #hadSurplus = false;

  constructor(origin: string, link: Link, onGone: (connection: Connection) => void) {
    this.link = link;
    this.#client = new Client(origin, {
      connect: (_options, callback) => {
        if (this.#handedOver) {
          callback(GONE, null);
          return;
        }
        this.#handedOver = true;
        // Not at once: undici starts to write only when it is called back after `connect` has returned.
        queueMicrotask(() => callback(null, link.socket));
      },
      pipelining: 1,
      allowH2: link.httpVersion === '2',
      maxHeaderSize: MOST_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
      // Off: undici's timers tick once a second; the attempt has an exact one.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    if (link.httpVersion === '1.1') this.#keepFirstChunks();
    else this.#client.once('connect', () => this.#watchStreams());
    this.#onGone = onGone;
    const gone = (_origin: URL, _targets: unknown, error: Error): void => {
      this.#hadSurplus ||= this.#isAnswered && isUnasked(error);
      this.#end();
    };
    this.#client.on('disconnect', gone).on('connectionError', gone);
  }

  /** Whether another request can start now. */
  get isFree(): boolean {
    if (this.isGone) return false;
    return this.link.httpVersion === '2' ? this.#running < MOST_STREAMS : this.#running === 0;
  }

  /** The socket is closed, or about to be. */
  get isGone(): boolean {
    return this.#gone || this.link.socket.destroyed;
  }

  /** Bytes received so far, of all requests. */
  get bytesRead(): number {
    return this.link.socket.bytesRead;
  }

  /** It ended because something came that nobody had asked for. */
  get hadSurplus(): boolean {
    return this.#hadSurplus;
  }

  /** The server takes no more requests over this HTTP/2 connection, and nothing is wrong (RFC 9113 §6.8). */
  get saidGoodbye(): boolean {
    return this.#saidGoodbye;
  }

  /** Several requests use it now: streams of HTTP/2. */
  get isShared(): boolean {
    return this.#running > 1;
  }

  /** It has carried a request, or carries one. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Requests use it now. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Reserves the connection for one request. */
  take(): void {
    this.#running++;
  }

  /** To be called before a request is sent: true for all but the first one on this connection. */
  reuse(): boolean {
    const wasUsed = this.#isUsed;
    this.#isUsed = true;
    this.#firstChunk = null;
    this.#isUnderstood = false;
    this.#isAnswered = false;
    this.#watcher = null;
    return wasUsed;
  }

  /** How the answer began, for as long as it was not `understood`; `null` over HTTP/2, where answers share the socket. */
  get firstChunk(): Uint8Array | null {
    return this.#firstChunk;
  }

  /** Shows all octets that are read from now on to the next request, before they are parsed; not over HTTP/2. */
  watch(watcher: (octets: Uint8Array) => void): void {
    this.#watcher = watcher;
  }

  /** Tells of the HTTP/2 stream that is opened next: that of the request whose `onRequestStart` is being called. */
  watchNextStream(watcher: (stream: ClientHttp2Stream) => void): void {
    this.#streamWatcher = watcher;
  }

  /** The answer has a status: how it began need not be kept. Returns the octets read last, with the end of the headers in them. */
  understood(): Uint8Array | null {
    const read = this.#lastRead;
    this.#isUnderstood = true;
    this.#firstChunk = null;
    this.#lastRead = null;
    return read;
  }

  /** The answer is complete: nothing more is expected until the next request. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Gives it back. */
  free(): void {
    this.#running--;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const { forwarding } = this.link;
    this.#client.dispatch(forwarding === null ? options : forwarded(options, forwarding), handler);
  }

  /** Resolves when the requests that are running have ended and the socket is closed. */
  async close(): Promise<void> {
    if (this.#gone) return;
    await this.#client.close();
    this.link.socket.destroy();
  }

  /** Closes the socket at once; requests on it fail. */
  destroy(): void {
    this.#end();
    this.link.socket.destroy();
  }

  /** undici tells only what stands where its parser stopped, and that as text, so its reads are looked at. */
  #keepFirstChunks(): void {
    const { socket } = this.link;
    const read = socket.read.bind(socket);
    socket.read = (size?: number): unknown => {
      const chunk = read(size) as Uint8Array | null;
      if (!this.#isUnderstood) {
        this.#firstChunk ??= chunk;
        this.#lastRead = chunk;
      }
      if (chunk !== null) this.#watcher?.(chunk);
      return chunk;
    };
  }

  /** undici shows nobody the streams, and only they know how they ended. */
  #watchStreams(): void {
    const { [symbols.kHTTP2Session]: session } = this.link.socket as { [symbols.kHTTP2Session]?: ClientHttp2Session };
    if (session === undefined) return;
    // Before undici hears of it, which then ends everything at once.
    session.prependListener('goaway', (code) => (this.#saidGoodbye = code === 0));
    const open = session.request.bind(session);
    session.request = (headers, options) => {
      const stream = open(headers, options);
      this.#streamWatcher?.(stream);
      this.#streamWatcher = null;
      return stream;
    };
  }

  #end(): void {
    if (this.#gone) return;
    this.#gone = true;
    // Fails requests that undici would keep for a next connection: whoever made them decides about another one.
    this.#client.destroy(GONE, ended);
    this.#onGone(this);
  }
}

/** As a proxy wants it that is to fetch and not to connect. */
function forwarded(options: Dispatcher.DispatchOptions, { origin, headers }: Forwarding): Dispatcher.DispatchOptions {
  return { ...options, path: origin + options.path, headers: [...((options.headers ?? []) as string[]), ...headers] };
}

function ended(): void {
  // undici wants to report the end of a client to somebody; the socket's own end is what counts here.
}
