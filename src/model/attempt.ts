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
  /** From the claim to the start: waiting for permit, host and budget. */
  readonly waitMs: number;
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

/** An attempt together with what it does to the URL's state and to the host. */
export interface AttemptResult {
  readonly attempt: Attempt;
  readonly settlement: Settlement;
  /** The host asked to be left alone until this wall-clock time (ms since 1970), or 0. */
  readonly hostNotBefore: number;
}
