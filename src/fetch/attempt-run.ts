/**
 * Fetch stage: one attempt at one URL from its first connection to its end, over all redirects.
 *
 *     connection ──► exchange ──► redirect? ── no ──► end
 *          ▲                          │ yes: turn of the host it leads to
 *          └──────────────────────────┘
 *
 * In: a lease and what the engine lends for it (bytes, a signal, turns). Out: a `FetchEnd` with a complete `Attempt`.
 * Invariants: it ends by the limits of its timer at the latest; it holds at most one connection and gives it back before it
 * waits for another host's turn; what happens to the URL is in the result. It rejects only when cancelled (`CancelledError`)
 * or when the engine's own `hop` does.
 */
import type { Attempt } from '../model/attempt.ts';
import { READ_MS } from '../model/clock.ts';
import { CancelledError } from '../model/errors.ts';
import type { Lease } from '../model/lease.ts';
import { plainHost } from '../url/plain-host.ts';
import { BlockedAddress, type Clearance } from './address-guard.ts';
import type { AttemptServices, FetchEnd, FetchIo, FetchStanding } from './attempt-io.ts';
import { AttemptTimer, type TimeLimit } from './attempt-timer.ts';
import { failure, failureOf, failureOfStatus, isOutOfResources, type Failure } from './classify.ts';
import { Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import type { Origin } from './origin.ts';
import { asksForPart, failureOfPart } from './part.ts';
import { LONGEST_WATCH_MS } from './quiet-watch.ts';
import { RedirectChain } from './redirect.ts';
import type { Waiter } from './waiters.ts';

/** Connections that may end before the server takes a request: others that wait for the same one go first. */
const MOST_UNSEEN = 16;

const CANCELLED = failure('internal', 'cancelled');

export class AttemptRun {
  readonly signal: AbortSignal;
  readonly #services: AttemptServices;
  readonly #lease: Lease;
  readonly #io: FetchIo;
  readonly #timer: AttemptTimer;
  readonly #chain: RedirectChain;
  readonly #startedAtWall: number;
  #url: URL;
  #connection: Connection | null = null;
  #exchange: Exchange | null = null;
  /** A request has gone out, of this hop or one before. */
  #wasAsked = false;
  /** The address that the guard refused. */
  #blockedAddress: string | null = null;
  /** Ends the wait for a connection; `null` while none is waited for. */
  #leave: ((reason: Failure) => void) | null = null;
  #cancelled = false;
  #isHopping = false;

  constructor(lease: Lease, io: FetchIo, services: AttemptServices) {
    this.signal = io.signal;
    this.#services = services;
    this.#lease = lease;
    this.#io = io;
    this.#url = new URL(lease.url);
    this.#chain = new RedirectChain(services.mayFetch, services.cookies, io.limits?.mostHops);
    this.#startedAtWall = services.clock.wallTime();
    const budgetMs = services.deadlineMs - lease.spentMs;
    this.#timer = new AttemptTimer(services.clock, services.timeoutMs, budgetMs, (limit) => this.#onLimit(limit));
  }

  /** Makes the attempt; `ended` is called at its end, whatever it is. @throws {CancelledError} after `cancel`. */
  async run(ended: () => void): Promise<FetchEnd> {
    try {
      const verdict = this.#services.mayFetch(this.#url, 'listed');
      if (!verdict.ok) return this.#result(failure(verdict.errorClass, verdict.detail));
      const { requestHeaders } = this.#services;
      const requested = this.#url.origin;
      let hasLeft = false;
      let headers = requestHeaders.forLease(this.#url, this.#lease.depth === 0);
      for (;;) {
        const problem = await this.#ask(headers);
        if (this.#cancelled) throw new CancelledError();
        const next = this.#exchange?.redirect;
        if (problem !== null || next?.kind !== 'follow') return this.#result(problem);
        // Once elsewhere, always elsewhere: a foreign server must not choose what is asked for with the user's credentials.
        hasLeft ||= next.url.origin !== requested;
        headers = requestHeaders.forHop(next.url, hasLeft, headers);
        const refusal = await this.#hop(next.url);
        if (refusal !== null) return this.#result(refusal);
      }
    } finally {
      this.#timer.stop();
      ended();
    }
  }

  get urlId(): number {
    return this.#lease.id;
  }

  /** Where it is: in a phase of the present request, or (`turn`) before the next one of a redirect. */
  standing(): FetchStanding {
    const { phase, sinceMs } = this.#timer.standing();
    return {
      stage: this.#isHopping ? 'turn' : phase,
      host: plainHost(this.#url.hostname),
      sinceMs: Math.round(sinceMs),
    };
  }

  /** Gives up: `run` rejects. */
  cancel(): void {
    this.#cancelled = true;
    this.#interrupt(CANCELLED);
  }

  /** Sends the request for the present URL and waits for its end; `null` = there is an answer. */
  async #ask(headers: readonly string[]): Promise<Failure | null> {
    const { origins, guard } = this.#services;
    const origin = origins.of(this.#url);
    const isListed = this.#lease.depth === 0 && this.#chain.hops.length === 0;
    let clearance = guard.clearance(origin.target, isListed);
    let repeats = 0;
    this.#timer.connecting();
    for (;;) {
      let connection: Connection | BlockedAddress | Failure | null = repeats > 0 ? null : origin.acquire(clearance);
      if (connection === null) {
        this.#io.turn.connecting();
        connection = await this.#wait(origin, repeats > 0, clearance);
        if (isListed && connection instanceof Connection) guard.learn(origin.target, connection.link.reach);
      }
      if (connection instanceof BlockedAddress) {
        const isCleared = await this.#isCleared(origin, connection);
        if (this.#cancelled) return CANCELLED;
        if (!isCleared) return this.#blocked(connection);
        clearance = 'private';
        continue;
      }
      if (!(connection instanceof Connection)) return connection;
      if (this.#cancelled) {
        // Between the grant and this line. undici has not seen a new connection yet, so nothing would ever close it.
        connection.destroy();
        origin.release(connection);
        return CANCELLED;
      }
      const refusal = this.#wasAsked ? null : (this.#io.mayAsk?.() ?? null);
      if (refusal !== null) {
        origin.release(connection);
        return refusal;
      }
      this.#connection = connection;
      this.#wasAsked = true;
      this.#io.turn.sent();
      const exchange = this.#exchangeOn(connection, headers);
      this.#exchange = exchange;
      await exchange.done;
      const isHeld = exchange.failure === null && !asksToWait(exchange.status);
      const holdMs = isHeld ? origin.holdMs(connection, exchange.ttfbMs ?? 0, exchange.isReused) : 0;
      if (holdMs > 0) await this.#pause(holdMs);
      const isAnothers =
        exchange.failure === null && (exchange.isIdleNotice || origin.isInDoubt(connection, exchange.isReused));
      if (isAnothers) this.#disown(exchange);
      else if (exchange.failure === null) this.#believe(origin, exchange);
      origin.release(connection);
      // The server closed the kept-alive connection at the moment we used it again: that says nothing about the URL. A GET is
      // idempotent and nothing of an answer had come, so it is asked once more, on a new connection (RFC 9110 §9.2.2).
      // The same holds if its answer is not for us, or no HTTP: what is left of an answer before. What the server has not
      // even seen, as it takes a few requests over an HTTP/2 connection and no more, may have to wait for several (RFC 9113 §6.8).
      const mayRepeat = repeats < (exchange.wasSeen ? 1 : MOST_UNSEEN);
      if (!(exchange.wasStale || isAnothers) || !mayRepeat)
        return exchange.failure ?? this.#partOnly(exchange, headers);
      repeats++;
    }
  }

  /** A connection, or why there is none. */
  async #wait(origin: Origin, fresh: boolean, clearance: Clearance): Promise<Connection | BlockedAddress | Failure> {
    const { promise, resolve } = Promise.withResolvers<Connection | BlockedAddress | Failure>();
    const waiter: Waiter = {
      fresh,
      clearance,
      granted: resolve,
      failed: (error) => resolve(error instanceof BlockedAddress ? error : failureOf(error, 'connecting')),
    };
    // Not assigned where it is written: V8 puts a function written as the value of a property into the old generation, where it
    // would keep all of this page alive until the next full collection.
    const leave = (reason: Failure): void => {
      origin.leave(waiter);
      resolve(reason);
    };
    this.#leave = leave;
    const release = origin.wait(waiter) ? null : this.#holdForWatch();
    const result = await promise;
    release?.();
    this.#leave = null;
    return result;
  }

  /** It is we who watch a connection instead of using it: no limit runs as long as that may take. What is returned ends it. */
  #holdForWatch(): () => void {
    const timer = this.#services.clock.after(LONGEST_WATCH_MS, () => this.#timer.resume());
    this.#timer.hold();
    return () => {
      timer.cancel();
      this.#timer.resume();
    };
  }

  /** Whether a URL of the refused host and port was listed. The store may take its time over that: no limit runs. */
  async #isCleared(origin: Origin, refusal: BlockedAddress): Promise<boolean> {
    this.#timer.hold();
    try {
      return await this.#services.guard.isCleared(origin.target, refusal);
    } finally {
      this.#timer.resume();
    }
  }

  #blocked(refusal: BlockedAddress): Failure {
    this.#blockedAddress = refusal.reach.privateAddress;
    return { ...failureOf(refusal, 'connecting'), errorCode: null };
  }

  /** Sends the request. */
  #exchangeOn(connection: Connection, headers: readonly string[]): Exchange {
    const { clock, maxSize, cookies, requestHeaders } = this.#services;
    this.#timer.sent();
    const url = this.#url;
    // As late as can be: what other answers have set meanwhile counts.
    const cookie = cookies?.headerFor(url) ?? null;
    const sent = cookie === null ? headers : requestHeaders.withCookies(headers, cookie);
    const { limits, reservation } = this.#io;
    return new Exchange(
      connection,
      {
        timer: this.#timer,
        reservation,
        maxSize: limits?.cutAt ?? maxSize,
        cuts: limits !== undefined,
        chain: this.#chain,
        url,
        cookie,
        cookies,
      },
      // undici reads the list; its type does not say so.
      { method: 'GET', path: requestTarget(url), headers: sent as string[], sentAt: clock.now() },
    );
  }

  /** Ends what is being waited for now; an exchange that has ended stays as it is. */
  #interrupt(reason: Failure): void {
    if (this.#leave === null) this.#exchange?.abort(reason);
    else this.#leave(reason);
  }

  #believe(origin: Origin, { ttfbMs, isReused }: Exchange): void {
    // Servers have robots.txt at hand, pages they may have to make: its time is no measure for theirs.
    origin.believed(this.#io.limits === undefined ? (ttfbMs ?? 0) : Infinity, isReused);
  }

  /** Why an answer is a part of the page where all of it was asked for: nothing is left of it. */
  #partOnly({ status, contentRange, body }: Exchange, headers: readonly string[]): Failure | null {
    if (status !== 206 || asksForPart(headers)) return null;
    const found = failureOfPart(contentRange, body?.length ?? 0, this.#io.limits?.cutAt);
    if (found !== null) this.#io.reservation.shrinkTo(0);
    return found;
  }

  /** An answer over a used connection may be another's, as one too many has come: nothing is left of it. */
  #disown({ redirect }: Exchange): void {
    if (redirect !== null) this.#chain.undo(redirect);
    this.#io.reservation.shrinkTo(0);
  }

  /** Waits, unless the attempt is cancelled, and until all that has come meanwhile was read; no limit runs. */
  async #pause(ms: number): Promise<void> {
    const { clock } = this.#services;
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer = clock.after(ms, () => (timer = clock.after(READ_MS, resolve)));
    this.#leave = () => {
      timer.cancel();
      resolve();
    };
    this.#timer.hold();
    await promise;
    this.#timer.resume();
    this.#leave = null;
  }

  /** Waits for the turn of the next hop; what is returned instead of `null` is why there is none. */
  async #hop(url: URL): Promise<Failure | null> {
    this.#timer.hold();
    this.#isHopping = true;
    const refusal = await this.#io.turn.hop(this.#url, url, this.signal);
    this.#isHopping = false;
    if (this.#cancelled) throw new CancelledError();
    this.#timer.resume();
    if (refusal !== null) return refusal;
    this.#url = url;
    // What is recorded belongs to the last hop, also if that one never gets a connection.
    this.#exchange = null;
    this.#connection = null;
    return null;
  }

  #onLimit(limit: TimeLimit): void {
    const { timeoutMs, deadlineMs } = this.#services;
    this.#interrupt(failure(limit, LIMIT_TEXT[limit](limit === 'total-timeout' ? deadlineMs : timeoutMs)));
  }

  #result(problem: Failure | null): FetchEnd {
    const exchange = this.#exchange;
    const status = exchange?.status ?? null;
    const ttfbMs = exchange?.ttfbMs ?? null;
    const refused = exchange?.redirect?.kind === 'refuse' ? exchange.redirect.failure : null;
    const verdict = refused ?? (status === null ? null : failureOfStatus(status));
    // 503 is tried again and 404 is not, however much stands in the body.
    const leftOut = problem?.errorClass === 'too-large' && verdict !== null ? problem : null;
    const reason = leftOut === null ? (problem ?? verdict) : verdict;
    const link = this.#connection?.link;
    const isNew = exchange?.isReused === false;
    const address = link?.address ?? this.#blockedAddress;
    const attempt: Attempt = {
      urlId: this.#lease.id,
      hostId: this.#lease.hostId,
      attempt: this.#lease.attempt,
      startedAt: this.#startedAtWall,
      status,
      errorClass: reason?.errorClass ?? null,
      errorCode: reason?.errorCode ?? null,
      error: reason?.error ?? null,
      wireBytes: exchange?.wireBytes ?? 0,
      headers: exchange?.headers ?? null,
      redirects: this.#chain.hops,
      finalUrl: status === null ? null : this.#url.href,
      address,
      httpVersion: link?.httpVersion ?? null,
      dnsMs: isNew && link !== undefined ? Math.round(link.dnsMs) : null,
      connectMs: isNew && link !== undefined ? Math.round(link.connectMs) : null,
      ttfbMs: ttfbMs === null ? null : Math.round(ttfbMs),
      totalMs: Math.round(this.#timer.elapsedMs()),
      waitMs: Math.max(0, Math.round(this.#timer.startedAt - this.#io.claimedAt)),
      heldMs: Math.round(this.#timer.excludedMs),
    };
    return {
      attempt,
      body: problem === null ? (exchange?.body ?? null) : null,
      leftOut,
      contentType: exchange?.contentType ?? null,
      contentEncoding: exchange?.contentEncoding ?? null,
      retryAfter: exchange?.retryAfter ?? null,
      address,
      outOfResources: isOutOfResources(reason?.errorCode ?? null),
      wasAsked: this.#wasAsked,
    };
  }
}

const LIMIT_TEXT: Readonly<Record<TimeLimit, (ms: number) => string>> = {
  'connect-timeout': (ms) => `no connection within ${ms} ms`,
  'header-timeout': (ms) => `no complete response headers within ${ms} ms`,
  'body-timeout': (ms) => `no byte of the body for ${ms} ms`,
  'too-slow': () => 'the body arrived slower than the minimum rate',
  'total-timeout': (ms) => `the attempts took more than the deadline of ${ms} ms`,
};

/** The host is to be left alone from now on: nothing else may start there while it is thought over whose answer that was. */
function asksToWait(status: number | null): boolean {
  return status === 429 || status === 503;
}

/** What stands in the request line (RFC 9112 §3.2.1). A query may be empty: `/a?` is not `/a`, and `search` is '' for both. */
function requestTarget(url: URL): string {
  const { pathname, search } = url;
  return search === '' && url.href.endsWith('?') ? `${pathname}?` : pathname + search;
}
