/**
 * One attempt at one URL, as it is recorded in the `fetch` table. Made by the fetch stage, carried unchanged through the
 * parser threads, written by the store together with the state change it causes.
 */
import type { ErrorClass } from './error-codes.ts';
import type { Settlement } from './url-state.ts';

export interface RedirectHop {
  readonly url: string;
  readonly status: number;
  /** The raw Location value, at most 2 KB. */
  readonly location: string;
  /** Set where https was left for http. */
  readonly downgrade?: boolean | undefined;
}

/** Milliseconds, integers; `null` = the phase did not happen (a kept-alive connection has no `dnsMs` and `connectMs`). */
export interface AttemptTimings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  /** From sending the request to the response headers (the last hop's). */
  readonly ttfbMs: number | null;
  /** From the start of the attempt to its end, time paused by us not counted. */
  readonly totalMs: number;
  /** From the claim to the start: waiting for the host's turn, a permit and the window. */
  readonly waitMs: number;
  /** Within the attempt, not in `totalMs`: we held it back (no bytes granted, a redirect's turn), or this process stood still. */
  readonly heldMs: number;
}

export interface Attempt extends AttemptTimings {
  readonly urlId: number;
  readonly hostId: number;
  /** From 1; a commit applies only when the URL is queued and has made `attempt − 1` so far. */
  readonly attempt: number;
  /** Wall-clock ms since 1970. */
  readonly startedAt: number;
  readonly status: number | null;
  readonly errorClass: ErrorClass | null;
  /** Finer code, such as ECONNREFUSED or UND_ERR_HEADERS_TIMEOUT. */
  readonly errorCode: string | null;
  /** One line for people. */
  readonly error: string | null;
  /** Bytes of the body as they came over the wire, before decoding. */
  readonly wireBytes: number;
  /** Raw response headers of the last hop: JSON array of [name, value] pairs in the order received; `null` = no answer. */
  readonly headers: string | null;
  readonly redirects: readonly RedirectHop[];
  /** Where the body came from after redirects; `null` without an answer. */
  readonly finalUrl: string | null;
  /** The address connected to; with `blocked-address`, the one that was refused. */
  readonly address: string | null;
  /** '1.1' or '2'. */
  readonly httpVersion: string | null;
}

/** How far a host is slowed down, beyond what the settings say. */
export interface SlowDown {
  /** Fetches in flight at most; grows in fractions. */
  readonly slots: number;
  /** Added to the delay, ms. */
  readonly extraMs: number;
}

/** What an answer, or none, says about the host it was asked of. Kept with the attempt; `crawl inspect` and resumed runs read it. */
export interface HostNote {
  /** The host that redirects led to, if any did. */
  readonly host: string;
  /** Wall-clock ms (since 1970) before which the host must not be asked at all, or 0. */
  readonly notBefore: number;
  /** From now on; `null` = at the pace of the settings again. */
  readonly slowDown: SlowDown | null;
  /** One line for people. */
  readonly reason: string;
  /** Wall-clock ms. */
  readonly at: number;
}

/** An attempt together with what it does to the URL's state and to the host. */
export interface AttemptResult {
  readonly attempt: Attempt;
  readonly settlement: Settlement;
  /** `null` = nothing new, as nearly always. */
  readonly hostNote: HostNote | null;
}
