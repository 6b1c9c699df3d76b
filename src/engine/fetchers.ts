/**
 * The fetch loop: one consumer that, for each page, acquires a fetch permit, then takes a lease whose host may start now,
 * and lets the fetch run beside it. The host's turn comes last: the moment the schedule releases a URL is the moment its
 * request starts (a lease that then waited for a permit would blur the delay). The schedule releases new pages only while
 * the window has a credit for them; a redirect that waits for its turn on another host has its credit already.
 *
 * In: leases of the schedule. Out: fetched pages to the parser pool, attempts without a body straight to the store.
 * Invariants: never more fetches in flight than permits; every permit, host slot and credit comes back, whatever happens.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Permit, Permits } from '../concurrency/permits.ts';
import type { Fetcher, FetchEnd } from '../fetch/fetcher.ts';
import type { HostSchedule } from '../frontier/host-schedule.ts';
import { parseRetryAfter, type RetryPolicy } from '../frontier/retry-policy.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorClass } from '../model/error-codes.ts';
import type { Lease } from '../model/lease.ts';
import type { FetchedPage, PageResult } from '../model/page.ts';
import { withoutBody } from '../parse/unparsed.ts';
import type { HostPaces } from './host-paces.ts';
import type { HostTroubles } from './host-troubles.ts';
import type { MachineLimits } from './machine-limits.ts';
import type { PageWindow, Passage } from './page-window.ts';
import { FetchTurn, WaitingHop } from './hop-turns.ts';
import type { RobotsGate } from './robots-gate.ts';

/** What the loop is waiting for at this moment: sampled for the diagnosis of what bounds the run. */
export type WaitingFor = 'window' | 'permit' | 'url' | 'nothing';

const NO_REFUSALS = { ofUrl: 0, ofHost: 0 };

/** Times a page may go down with a parser thread before it is given up. */
const MOST_LOSSES = 4;

/**
 * Then the event loop has a turn. With all permits free, hundreds of connections would else be begun before the first of them
 * sends its request: at the start of a run, when the code is cold, that kept 256 requests back for 0.1 s.
 */
const STARTS_IN_A_ROW = 16;

/** How an overloaded server or line shows. */
const OVERLOAD: ReadonlySet<ErrorClass> = new Set([
  'connect-timeout',
  'connect-refused',
  'reset',
  'header-timeout',
  'body-timeout',
]);

export interface FetchersParts {
  readonly schedule: HostSchedule;
  readonly permits: Permits;
  readonly window: PageWindow;
  readonly fetcher: Fetcher;
  readonly policy: RetryPolicy;
  readonly paces: HostPaces;
  readonly limits: MachineLimits;
  readonly troubles: HostTroubles;
  /** `null`: robots.txt is not obeyed. */
  readonly robots: RobotsGate | null;
  readonly clock: Clock;
  /** Fetched pages go on to the parser threads. */
  readonly parse: (page: FetchedPage) => void;
  /** Attempts that brought no body go to the store at once. */
  readonly record: (result: PageResult) => void;
  /** Called before each start; `false` ends the loop (a limit is reached). */
  readonly mayStart: () => boolean;
  readonly onStart: (lease: Lease) => void;
  readonly onFailure: (error: unknown) => void;
}

export class Fetchers {
  readonly #parts: FetchersParts;
  readonly #abort = new AbortController();
  /**
   * Pages whose parsing killed a thread: fetched once more with parsing off, so that their body is stored. Kept for the run, since
   * such a page may go down once more beside another culprit.
   */
  readonly #parseOff = new Map<number, ErrorClass>();
  /** How often a page went down with a parser thread. */
  readonly #losses = new Map<number, number>();
  #waits: 'permit' | 'url' | 'nothing' = 'nothing';
  started = 0;
  /** Attempts that ended, those among them that a server or the way to it kept waiting or broke off, and the time of the others, ms. */
  ended = 0;
  troubled = 0;
  fetchMs = 0;
  wireBytes = 0;

  constructor(parts: FetchersParts) {
    this.#parts = parts;
  }

  /** Runs until the schedule is closed or `mayStart` says no; fetches in flight may still be under way then. */
  async run(): Promise<void> {
    const { schedule, permits, window, mayStart } = this.#parts;
    for (let starts = 1; ; starts++) {
      if (starts % STARTS_IN_A_ROW === 0) await nextTurn();
      this.#waits = 'permit';
      // Where nothing has to be waited for, nothing is: an `await` costs a promise and a turn of the microtasks.
      const permit = permits.tryAcquire() ?? (await permits.acquire());
      this.#waits = 'url';
      const next = mayStart() ? (schedule.tryTake() ?? (await schedule.take())) : undefined;
      this.#waits = 'nothing';
      if (next === undefined) {
        permit.release();
        return;
      }
      if (next instanceof WaitingHop) {
        next.grant(permit);
      } else if (!('kind' in next)) {
        this.started++;
        // Last: if it throws, the permit is already the fetch's to give back.
        void this.#fetch(next, window.enter(next), permit).catch(this.#parts.onFailure);
        this.#parts.onStart(next);
      }
    }
  }

  get waitingFor(): WaitingFor {
    return this.#waits === 'url' && !this.#parts.window.hasCredit ? 'window' : this.#waits;
  }

  /** Aborts what is in flight; nothing of it is recorded, so those URLs stay queued. */
  abort(): void {
    this.#abort.abort();
  }

  /**
   * A page that a parser thread took down with it. The culprit is fetched once more with parsing off, so that its body is
   * stored; so is a page that was lost again and again while nobody knows why, and one that is lost even then has failed: it ends.
   * A bystander of a known culprit is no suspect, however often it happens to it: there are only so many culprits.
   */
  refetch(lease: Lease, culprit: ErrorClass | 'another' | null): void {
    if (culprit !== 'another') {
      const losses = (this.#losses.get(lease.id) ?? 0) + 1;
      this.#losses.set(lease.id, losses);
      // A thread that died even without parsing it would die again, and each time take innocent pages with it.
      if (losses > MOST_LOSSES || (culprit !== null && this.#parseOff.has(lease.id))) {
        this.#losses.delete(lease.id);
        this.#parseOff.delete(lease.id);
        this.#parts.record(lostForGood(lease, this.#parts.clock.wallTime(), losses));
        return;
      }
      if (culprit !== null || losses > 2) this.#parseOff.set(lease.id, culprit ?? 'worker-crash');
    }
    this.#parts.schedule.requeue(lease);
  }

  async #fetch(lease: Lease, passage: Passage, permit: Permit): Promise<void> {
    const { schedule, fetcher, window, robots, clock } = this.#parts;
    const turn = new FetchTurn(schedule, lease.host, permit, robots);
    try {
      const end = await fetcher.fetch(lease, {
        reservation: passage.reservation,
        signal: this.#abort.signal,
        claimedAt: lease.claimedAt ?? clock.now(),
        turn,
        mayAsk: robots?.probe(lease),
      });
      this.wireBytes += end.attempt.wireBytes;
      this.#count(end.attempt);
      this.#settle(lease, end);
    } catch (error) {
      window.leave(lease.id);
      if (!this.#abort.signal.aborted) throw error;
    } finally {
      turn.end();
      if (!schedule.hasMore(lease.host)) fetcher.leave(lease.url);
    }
  }

  #count({ errorClass, totalMs }: Attempt): void {
    this.ended++;
    if (errorClass !== null && OVERLOAD.has(errorClass)) this.troubled++;
    else this.fetchMs += totalMs;
  }

  /** How often this machine had failed the URL before, if it has now. */
  #starved(lease: Lease, { outOfResources, attempt }: FetchEnd): number | null {
    const { limits } = this.#parts;
    if (outOfResources && attempt.errorCode !== null) return limits.starved(lease, attempt.errorCode);
    limits.eased(lease);
    return null;
  }

  #settle(lease: Lease, end: FetchEnd): void {
    const { schedule, paces, troubles, policy, clock } = this.#parts;
    const { attempt } = end;
    const now = clock.wallTime();
    const facts = {
      errorClass: attempt.errorClass,
      status: attempt.status,
      errorCode: attempt.errorCode,
      wasAsked: end.wasAsked,
      starved: this.#starved(lease, end),
      round: lease.round,
      spentMs: lease.spentMs + attempt.totalMs,
      now,
      retryAfterMs: end.retryAfter === null ? null : parseRetryAfter(end.retryAfter, now),
      refusals: attempt.status === 429 || attempt.status === 503 ? troubles.refusals(lease, attempt) : NO_REFUSALS,
    };
    const { settlement, hostNotBefore } = policy.settle(facts);
    if (settlement.state !== 'queued') troubles.forget(lease);
    else if (settlement.counts === false) troubles.forgave(lease);
    const hostNote = troubles.note(lease, attempt, end.retryAfter, hostNotBefore);
    const pace = attempt.redirects.length === 0 && end.wasAsked ? paces.learn(lease.host, end.address) : null;
    if (pace !== null) schedule.setPace(lease.host, pace);

    if (end.body === null) {
      const page = end.leftOut === null ? null : withoutBody(end.contentType, end.leftOut);
      this.#parts.record({ attempt, settlement, hostNote, body: null, page });
      return;
    }
    const parseError = this.#parseOff.get(lease.id);
    this.#parts.parse({
      attempt,
      settlement,
      hostNote,
      body: end.body,
      contentType: end.contentType,
      contentEncoding: end.contentEncoding,
      baseUrl: attempt.finalUrl ?? lease.url,
      ifUndecodable: policy.settle({ ...facts, errorClass: 'decode', status: null }).settlement,
      ...(parseError === undefined ? {} : { parse: 'none' as const, parseError }),
    });
  }
}

/** The attempt of a page whose body no parser thread survived. */
function lostForGood(lease: Lease, now: number, losses: number): PageResult {
  const attempt: Attempt = {
    urlId: lease.id,
    hostId: lease.hostId,
    attempt: lease.attempt,
    startedAt: now,
    status: null,
    errorClass: 'worker-crash',
    errorCode: null,
    error: `a parser thread died with this page ${losses} times`,
    dnsMs: null,
    connectMs: null,
    ttfbMs: null,
    totalMs: 0,
    waitMs: 0,
    heldMs: 0,
    wireBytes: 0,
    headers: null,
    redirects: [],
    finalUrl: null,
    address: null,
    httpVersion: null,
  };
  return {
    attempt,
    settlement: { state: 'failed', reason: 'worker-crash' },
    hostNote: null,
    body: null,
    page: null,
  };
}
