/**
 * Fetch stage: what an attempt is given and what it gives: the engine lends turns, bytes and a signal, the fetcher what all
 * attempts share; out come its end and, meanwhile, how far it is. Types only.
 */
import type { Reservation } from '../concurrency/byte-budget.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Clock } from '../model/clock.ts';
import type { AddressGuard } from './address-guard.ts';
import type { Failure } from './classify.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { OriginPool } from './origin-pool.ts';
import type { MayFetch } from './redirect.ts';
import type { RequestHeaders } from './request-headers.ts';

/** Politeness over redirects: the engine knows whose turn it is. */
export interface Turn {
  /**
   * Resolves when the next request may start; to something else than `null` where it may not be made (robots rules). On the
   * same host: at its pace. To another host: gives up permit and slot of `from` first, then waits in line there. Rejects with
   * `CancelledError` on `signal`.
   */
  hop(from: URL, to: URL, signal: AbortSignal): Promise<Failure | null>;
  /** No connection is free: one has to be opened before the request can leave. */
  connecting(): void;
  /** The request leaves now. */
  sent(): void;
}

/** What the engine lends for one attempt. */
export interface FetchIo {
  /** Grows with the body; the caller releases it after the commit. */
  readonly reservation: Reservation;
  readonly signal: AbortSignal;
  /** `clock.now()` of the claim. */
  readonly claimedAt: number;
  readonly turn: Turn;
  /** Asked once there is a connection for the first request: why it is not to be sent after all, or `null`. Default: it is. */
  readonly mayAsk?: (() => Failure | null) | undefined;
  /** Instead of the usual limits. */
  readonly limits?: AttemptLimits | undefined;
}

/** For what is no page: robots.txt. */
export interface AttemptLimits {
  /** Redirects followed in a row. */
  readonly mostHops: number;
  /** Bytes of a body on the wire; a longer one is cut there, and is an answer all the same. */
  readonly cutAt: number;
}

/** How an attempt ended. */
export interface FetchEnd {
  readonly attempt: Attempt;
  /** As it came over the wire, in a buffer that can be transferred; `null` when there was no complete answer. */
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** The answer's status (or where it redirects to) has settled the attempt, and its body was too large to be read; else `null`. */
  readonly leftOut: Failure | null;
  /** Raw header values of the answer, `null` without. */
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly retryAfter: string | null;
  readonly address: string | null;
  /** This machine ran out of descriptors, ports or buffers: fewer fetches at a time would help. */
  readonly outOfResources: boolean;
  /** A request has gone out. */
  readonly wasAsked: boolean;
}

/** How far an attempt is. */
export interface FetchStanding {
  readonly stage: 'turn' | 'connect' | 'headers' | 'body';
  /** The one that is asked now: redirects may have led away. */
  readonly host: string;
  readonly sinceMs: number;
}

/** What all attempts of a run share. */
export interface AttemptServices {
  readonly clock: Clock;
  readonly origins: OriginPool;
  readonly guard: AddressGuard;
  readonly requestHeaders: RequestHeaders;
  /** `null`: none are kept. */
  readonly cookies: CookieJar | null;
  readonly mayFetch: MayFetch;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly maxSize: number;
}
