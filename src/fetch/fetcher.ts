/**
 * Fetch stage: the face towards the engine. One `Fetcher` a run: it owns all connections, builds the request headers once, and
 * makes one attempt for each lease it is given. How many at a time, to which host and when is the engine's business.
 *
 * In: leases. Out: a `FetchEnd` each. Invariant: whatever happens to a URL is in its attempt; `fetch` rejects only with
 * `CancelledError` when its signal fires (nothing is to be recorded then). Closed by the engine, after the last fetch.
 */
import { SlotMap } from '../concurrency/slot-map.ts';
import type { Clock } from '../model/clock.ts';
import { CancelledError, CrawlError } from '../model/errors.ts';
import type { Lease } from '../model/lease.ts';
import { originOf } from '../url/canonical.ts';
import { AddressGuard } from './address-guard.ts';
import type { AttemptServices, FetchEnd, FetchIo, FetchStanding } from './attempt-io.ts';
import { AttemptRun } from './attempt-run.ts';
import { Connector } from './connector.ts';
import { CookieJar } from './cookie-jar.ts';
import { OriginPool } from './origin-pool.ts';
import { Proxy } from './proxy.ts';
import type { MayFetch } from './redirect.ts';
import { RequestHeaders, type RequestHeaderOptions } from './request-headers.ts';
import { Resolver, type Lookup } from './resolver.ts';

export type { FetchEnd, FetchIo, Turn } from './attempt-io.ts';
export { failure, type Failure } from './classify.ts';

export interface FetcherOptions {
  /** Per hop for connection and headers together, and for every pause in a body, ms. */
  readonly timeoutMs: number;
  /** Per URL over all its attempts, ms: this one may take `deadlineMs − lease.spentMs`. */
  readonly deadlineMs: number;
  /** Bytes of a body, on the wire; the parser keeps the same limit on decoded bytes. */
  readonly maxSize: number;
  /** See `RequestHeaders`. */
  readonly headers: RequestHeaderOptions['headers'];
  readonly originHeaders: RequestHeaderOptions['originHeaders'];
  readonly userAgent: string;
  /** Keep the cookies that servers set, and send them back. */
  readonly cookies: boolean;
  /** URL of a proxy for all requests; `null` = none. */
  readonly proxy: string | null;
  /** Whether any certificate of this host is accepted. */
  readonly insecure: (host: string) => boolean;
  /** Do not offer HTTP/2. */
  readonly http1: boolean;
  /** At most, those included that nobody uses now: as many as the engine lets into this host at a time. Asked again and again. */
  readonly connectionsPerOrigin: (host: string) => number;
  /** Origins with open connections; the least recently used idle one is closed for a new one. */
  readonly maxOrigins: number;
  /** Connections of all origins together, idle and watched ones included; Infinity = no bound. */
  readonly maxConnections: number;
  readonly clock: Clock;
  /** Asked before each request, of redirects too. */
  readonly mayFetch: MayFetch;
  /** Pages and redirects may lead to private addresses. */
  readonly allowPrivate: boolean;
  /** Whether the user listed a URL of this host name and port: see `AddressGuard`. */
  readonly isListed: (host: string, port: number) => Promise<boolean>;
  /** Replaces the system's resolver; address literals and names under `localhost` never reach it. */
  readonly lookup?: Lookup | undefined;
  /** Name servers (address:port) instead of the machine's. */
  readonly nameServers?: readonly string[] | undefined;
  /** Says something about the whole run, once per key. */
  readonly warn: (key: string, message: string) => void;
}

/** Limit of one look-up of a host name, ms; half the timeout where that is less, so that a silent resolver is named. */
const LOOKUP_MS = 10_000;

export class Fetcher {
  readonly #origins: OriginPool;
  readonly #services: AttemptServices;
  /** By the number of the attempt. */
  readonly #running = new SlotMap<AttemptRun>();
  #attempts = 0;
  /** Signals that are listened to: one listener each, however many fetches share it. */
  readonly #signals = new WeakSet<AbortSignal>();
  #isClosed = false;
  /** Resolves `close` when the last fetch has ended. */
  #onIdle: (() => void) | null = null;

  /** @throws {ConfigError} for headers that cannot be sent. */
  constructor(options: FetcherOptions) {
    const { clock, insecure, http1 } = options;
    const resolver = new Resolver({ ...options, timeoutMs: Math.min(LOOKUP_MS, options.timeoutMs / 2) });
    const proxy = options.proxy === null ? null : new Proxy(options.proxy);
    const connector = new Connector({ clock, resolver, insecure, http1, proxy });
    this.#origins = new OriginPool({ ...options, connector, http2: !http1 });
    this.#services = {
      clock,
      origins: this.#origins,
      guard: new AddressGuard(options),
      requestHeaders: new RequestHeaders(options),
      cookies: options.cookies ? new CookieJar(clock) : null,
      mayFetch: options.mayFetch,
      timeoutMs: options.timeoutMs,
      deadlineMs: options.deadlineMs,
      maxSize: options.maxSize,
    };
  }

  /** Origins that connections are kept to. */
  get openOrigins(): number {
    return this.#origins.size;
  }

  /** What a user name and password in a listed URL become: sent to its origin from now on. */
  addPassword(origin: string, authorization: string): void {
    this.#services.requestHeaders.addPassword(origin, authorization);
  }

  /**
   * Makes one attempt at a lease.
   * @throws {CancelledError} when `io.signal` fires, or on `destroy`.
   */
  fetch(lease: Lease, io: FetchIo): Promise<FetchEnd> {
    if (this.#isClosed) return Promise.reject(new CrawlError('ERR_CLOSED', 'the fetcher is closed'));
    if (io.signal.aborted) return Promise.reject(new CancelledError());
    this.#listenTo(io.signal);
    const number = this.#attempts++;
    const run = new AttemptRun(lease, io, this.#services);
    this.#running.set(number, run);
    return run.run(() => this.#ended(number));
  }

  #ended(number: number): void {
    this.#running.take(number);
    if (this.#running.size === 0) this.#onIdle?.();
  }

  /** How far the attempt at a URL is; `null` = none is being made. Looks through all that are. */
  standingOf(urlId: number): FetchStanding | null {
    for (const run of this.#running.values()) if (run.urlId === urlId) return run.standing();
    return null;
  }

  /** Resolves when the fetches that are running have ended and all connections are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#running.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onIdle = resolve;
      await promise;
    }
    await this.#origins.close();
  }

  /**
   * No more is known to be asked of the host of this URL: its connections are closed, unless somebody uses them. In a broad crawl
   * idle ones would outnumber those in use, and what is kept for them would be moved by each collection of the heap.
   */
  leave(url: string): void {
    this.#origins.closeIfIdle(originOf(url));
  }

  /** Closes connections that nobody uses now: they hold descriptors and ports. */
  closeIdle(): void {
    this.#origins.closeIdle();
  }

  /** Cancels what is running and closes all connections. */
  destroy(): void {
    this.#isClosed = true;
    for (const run of this.#running.values()) run.cancel();
    this.#origins.destroy();
  }

  #listenTo(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    signal.addEventListener(
      'abort',
      () => {
        for (const run of this.#running.values()) if (run.signal === signal) run.cancel();
      },
      { once: true },
    );
  }
}
