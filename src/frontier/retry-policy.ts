/**
 * Frontier: what follows from one attempt. In: how it ended. Out: the URL's new state, and how long its host is to be
 * left alone. Pure; whether a class of errors is worth another attempt stands in the table `ERROR_CLASSES`.
 *
 * The wait before a retry grows exponentially and is drawn at random between 0 and that bound ("full jitter", M. Brooker,
 * "Exponential Backoff and Jitter", AWS 2015): a thousand URLs that failed in the same second come back spread out, not
 * as a second wave. A server that says itself when to come back (`Retry-After`) is believed, within a cap.
 *
 * A refusal of the host (429, or 503 with `Retry-After`) says that we asked too often, not that the URL is bad: it uses up no
 * retry. Both the host and the URL have a limit to that: a host that only refuses, or a URL that only is refused, fails.
 *
 * It ends: at most `retries` attempts that count after the first, `FORGIVEN` that do not, and none once the time spent in
 * attempts that count has reached the deadline.
 */
import type { Random } from '../model/clock.ts';
import { ERROR_CLASSES, isRetryableStatus, type ErrorClass } from '../model/error-codes.ts';
import type { Settlement } from '../model/url-state.ts';
import { parseHttpDate } from './http-date.ts';

export interface RetryPolicyOptions {
  /** Attempts after the first: an integer ≥ 0. */
  readonly retries: number;
  /** Time that all attempts of one URL may take together, ms; waiting in between does not count. */
  readonly deadlineMs: number;
  readonly random: Random;
  /** Bound of the wait after the first attempt, ms; doubles with each further one. Default 500. */
  readonly baseMs?: number | undefined;
  /** Largest bound of that wait, ms. Default 60,000. */
  readonly capMs?: number | undefined;
  /** The most that `Retry-After` is obeyed, ms. Default 60,000. */
  readonly retryAfterCapMs?: number | undefined;
}

/** How an attempt ended. */
export interface AttemptEnd {
  /** `null` = success. */
  readonly errorClass: ErrorClass | null;
  readonly status: number | null;
  readonly errorCode: string | null;
  /** This machine could not open one more connection: how often that had happened to this URL before; else `null`. */
  readonly starved: number | null;
  /** False: it ended before a request had gone out. */
  readonly wasAsked: boolean;
  /** Number of the attempt within this round of retries, from 1. */
  readonly round: number;
  /** Time spent in attempts of this round so far, this one included, ms. */
  readonly spentMs: number;
  /** Wall-clock ms. */
  readonly now: number;
  /** What `parseRetryAfter` made of the header; `null` without one. */
  readonly retryAfterMs: number | null;
  /** Refusals so far: of this URL, those that did not count; of the host, those since it last answered. */
  readonly refusals: { readonly ofUrl: number; readonly ofHost: number };
}

/** Refusals of one URL that use up no retry. */
export const FORGIVEN = 10;
/** Refusals of a host, without an answer in between, up to which they are put down to our pace. */
const HOST_FORGIVEN = 5;
/** Attempts of a URL that do not count as retries because this machine could not connect. */
export const STARVED_FORGIVEN = 20;

export interface Verdict {
  readonly settlement: Settlement;
  /** Wall-clock ms before which the host must not be asked at all, or 0. */
  readonly hostNotBefore: number;
}

export class RetryPolicy {
  readonly #retries: number;
  readonly #deadlineMs: number;
  readonly #random: Random;
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #retryAfterCapMs: number;

  constructor(options: RetryPolicyOptions) {
    this.#retries = options.retries;
    this.#deadlineMs = options.deadlineMs;
    this.#random = options.random;
    this.#baseMs = options.baseMs ?? 500;
    this.#capMs = options.capMs ?? 60_000;
    this.#retryAfterCapMs = options.retryAfterCapMs ?? 60_000;
  }

  settle(end: AttemptEnd): Verdict {
    const { errorClass } = end;
    if (errorClass === null) return { settlement: { state: 'done' }, hostNotBefore: 0 };
    if (errorClass === 'blocked-address' && !end.wasAsked) {
      return { settlement: { state: 'skipped', reason: errorClass }, hostNotBefore: 0 };
    }

    const retryAfterMs = Math.min(end.retryAfterMs ?? 0, this.#retryAfterCapMs);
    // The whole host asked to be left alone (RFC 6585 §4, RFC 9110 §15.6.4), whatever becomes of this URL.
    const holdsHost = (end.status === 429 || end.status === 503) && retryAfterMs > 0;
    const hostNotBefore = holdsHost ? end.now + retryAfterMs : 0;

    const isForgiven = this.#retries > 0 && end.refusals.ofUrl < FORGIVEN && end.refusals.ofHost < HOST_FORGIVEN;
    const isRefusal = (errorClass === 'rate-limited' && end.status === 429) || (errorClass === 'http-5xx' && holdsHost);
    if (isForgiven && isRefusal) {
      const waitMs = Math.max(this.#backoffMs(end.refusals.ofUrl + 1), retryAfterMs);
      return {
        settlement: { state: 'queued', reason: errorClass, notBefore: end.now + waitMs, counts: false },
        hostNotBefore,
      };
    }
    if (this.#retries > 0 && end.starved !== null && end.starved < STARVED_FORGIVEN) {
      const notBefore = end.now + this.#backoffMs(end.starved + 1);
      return { settlement: { state: 'queued', reason: errorClass, notBefore, counts: false }, hostNotBefore };
    }
    if (end.round > this.#retriesFor(errorClass, end)) return { settlement: failed(errorClass), hostNotBefore };
    if (end.spentMs >= this.#deadlineMs) return { settlement: failed('total-timeout'), hostNotBefore };
    const waitMs = Math.max(this.#backoffMs(end.round), retryAfterMs);
    return { settlement: { state: 'queued', reason: errorClass, notBefore: end.now + waitMs }, hostNotBefore };
  }

  /** How many retries this kind of failure is worth. */
  #retriesFor(errorClass: ErrorClass, { status, errorCode }: AttemptEnd): number {
    // A name that does not exist seldom comes into being; once more, because resolvers err too.
    if (errorClass === 'dns' && errorCode !== null && NO_SUCH_NAME.has(errorCode)) return Math.min(1, this.#retries);
    // 408 and 425 are of class http-4xx, yet say "try again".
    if (errorClass === 'http-4xx' && status !== null && isRetryableStatus(status)) return this.#retries;
    const rule = ERROR_CLASSES[errorClass].retry;
    switch (rule) {
      case 'never':
        return 0;
      case 'once':
        return Math.min(1, this.#retries);
      case 'retries':
        return this.#retries;
      default:
        return rule satisfies never;
    }
  }

  #backoffMs(round: number): number {
    return Math.round(this.#random() * Math.min(this.#capMs, this.#baseMs * 2 ** (round - 1)));
  }
}

/** What getaddrinfo and c-ares say of a name without an address. */
const NO_SUCH_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

function failed(reason: ErrorClass): Settlement {
  return { state: 'failed', reason };
}

/** Timers and 32-bit columns end here: nearly 25 days. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * The value of a `Retry-After` header as a wait from now, in ms (RFC 9110 §10.2.3: whole seconds, or a date). A date that
 * has passed is 0, a value beyond 2^31 − 1 ms is cut to that; anything else, negative numbers included, is `null`.
 */
export function parseRetryAfter(value: string, nowWall: number): number | null {
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_WAIT_MS);
  const date = parseHttpDate(text, nowWall);
  return date === null ? null : Math.min(Math.max(0, date - nowWall), LONGEST_WAIT_MS);
}
