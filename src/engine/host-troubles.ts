/**
 * What attempts say about their hosts: a refusal (429, 503) or no answer in time slows a host down, `Retry-After` holds it, an
 * answer lets it recover.
 *
 * In: ends of attempts. Out: holds and slow-downs to the schedule at once, and a note for the store where something changed,
 * so that it is known what was decided and a later run goes on from there. For a page of a host that is well, it costs one look-up.
 */
import type { HostSchedule } from '../frontier/host-schedule.ts';
import type { Attempt, HostNote } from '../model/attempt.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorClass } from '../model/error-codes.ts';
import type { Lease } from '../model/lease.ts';
import { plainHost } from '../url/plain-host.ts';

/** URLs whose refusals are counted at a time; of more than that, every refusal uses up a retry. */
const MOST_COUNTED = 65_536;

/** No answer in time. Time spent on the body is not meant: that is slow for reasons of its own. */
const NO_ANSWER: ReadonlySet<ErrorClass> = new Set(['connect-timeout', 'header-timeout']);

/** What the retry policy wants to know of earlier refusals. */
export interface Refusals {
  /** Of this URL, not counted as retries so far. */
  readonly ofUrl: number;
  /** Of the host since it last answered. */
  readonly ofHost: number;
}

export class HostTroubles {
  readonly #schedule: HostSchedule;
  readonly #clock: Clock;
  readonly #ofUrls = new Map<number, number>();

  constructor(schedule: HostSchedule, clock: Clock) {
    this.#schedule = schedule;
    this.#clock = clock;
  }

  refusals(lease: Lease, attempt: Attempt): Refusals {
    const ofUrl = this.#ofUrls.get(lease.id) ?? (this.#ofUrls.size < MOST_COUNTED ? 0 : Infinity);
    return { ofUrl, ofHost: this.#schedule.backoffOf(answeringHost(lease, attempt))?.strikes ?? 0 };
  }

  /** A refusal of this URL was put down to our pace, and did not count. */
  forgave(lease: Lease): void {
    this.#ofUrls.set(lease.id, (this.#ofUrls.get(lease.id) ?? 0) + 1);
  }

  /** The URL is settled. */
  forget(lease: Lease): void {
    if (this.#ofUrls.size > 0) this.#ofUrls.delete(lease.id);
  }

  /**
   * Applies what an attempt says about the host that answered, or did not.
   * @param retryAfter the header as it came. @param notBefore the host is to be left alone until then (wall-clock ms), or 0.
   * @returns what is new; `null` = nothing.
   */
  note(lease: Lease, attempt: Attempt, retryAfter: string | null, notBefore: number): HostNote | null {
    const { errorClass, status } = attempt;
    // Without an answer nothing tells how the host is, unless it let the time run out.
    if (status === null && (errorClass === null || !NO_ANSWER.has(errorClass))) return null;
    const host = answeringHost(lease, attempt);
    const before = this.#schedule.backoffOf(host);
    if (status !== null && status !== 429 && status !== 503) {
      if (before === undefined) return null;
      this.#schedule.recover(host);
      if (this.#schedule.backoffOf(host) !== undefined) return null;
      return { host, notBefore: 0, slowDown: null, reason: 'answers again', at: this.#clock.wallTime() };
    }
    if (notBefore > 0) this.#schedule.hold(host, notBefore);
    const after = this.#schedule.slowDown(host, attempt.totalMs);
    if (notBefore === 0 && after === before) return null;
    const at = this.#clock.wallTime();
    const reason = `${status ?? errorClass ?? ''}${retryAfterText(retryAfter, notBefore - at)}`;
    const slowDown = after === undefined ? null : { slots: after.slots, extraMs: after.extraMs };
    return { host, notBefore, slowDown, reason, at };
  }
}

/** The host that gave the last answer: the one that redirects led to, if any did. */
function answeringHost(lease: Lease, attempt: Attempt): string {
  if (attempt.redirects.length === 0 || attempt.finalUrl === null) return lease.host;
  const url = URL.parse(attempt.finalUrl);
  return url === null ? lease.host : plainHost(url.hostname);
}

function retryAfterText(value: string | null, waitMs: number): string {
  if (value === null) return '';
  const raw = value.length > 60 ? `${value.slice(0, 59)}…` : value;
  const used = waitMs > 0 ? `left alone for ${Number((waitMs / 1_000).toFixed(1))}s` : 'no time to wait for';
  return `, Retry-After: ${raw} (${used})`;
}
