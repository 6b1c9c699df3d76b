/**
 * Asks origins for their robots.txt and says what follows from the answer (RFC 9309 §2.3.1).
 *
 * In: an origin. Out: an `OriginRecord`, with the file read where there is one. Each request is a start like any other: it
 * stands in the host's line for its turn, holds a permit and a slot of the host, and keeps its pace. A p-queue before that
 * says how many may stand there at a time, those first for whom most URLs wait.
 *
 *     2xx                                          what the file says
 *     4xx but 429; redirects that lead nowhere     no file: everything is allowed
 *     429, 5xx, no answer, a broken one            asked again as a page would be; then everything is forbidden
 *     no connection to the origin itself           `unreachable`: its pages would fail likewise, and they say why
 *     no HTTP, or TLS where http: was asked        everything is forbidden, as `protocol`: there is nothing to ask
 *
 * Invariant: it ends, by the limits of an attempt and of the retry policy. Rejects only when cancelled.
 */
import PQueue from 'p-queue';
import { ByteBudget } from '../concurrency/byte-budget.ts';
import { Semaphore } from '../concurrency/semaphore.ts';
import type { FetchEnd, Fetcher } from '../fetch/fetcher.ts';
import type { HostSchedule } from '../frontier/host-schedule.ts';
import { parseRetryAfter, type RetryPolicy } from '../frontier/retry-policy.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorClass } from '../model/error-codes.ts';
import { CancelledError } from '../model/errors.ts';
import type { OriginRecord, RobotsAccess } from '../model/robots.ts';
import { wholeLines } from '../robots/octets.ts';
import type { RobotsFile } from '../robots/parse-robots.ts';
import { plainHost } from '../url/plain-host.ts';
import { FetchTurn, grantedTurn } from './hop-turns.ts';
import type { MachineLimits } from './machine-limits.ts';
import { CUT_AT, RobotsReading } from './robots-reading.ts';

/** RFC 9309 §2.3.1.2 asks for at least five. */
const LIMITS = { mostHops: 5, cutAt: CUT_AT };

/** Files being decoded and parsed. */
const READ_AT_ONCE = 4;

/** Bytes of robots.txt being received, all together. */
const BYTES_IN_FLIGHT = 8_000_000;

/** Starts of such requests, all hosts together: no more than 100 in 50 ms. Where every host has one page, that bounds the pages too. */
const INTERVAL = { intervalCap: 100, interval: 50 };

/** RFC 9309 §2.4: not longer than 24 hours. */
const KEPT_MS = 24 * 3_600_000;
/** A host that could not be asked is asked again after this; its pages are not fetched before. */
const REFUSED_MS = 10 * 60_000;
/** Nor does a host that could not be reached stay so. */
const UNREACHABLE_MS = 30_000;

export interface RobotsFetchParts {
  readonly fetcher: Fetcher;
  readonly schedule: HostSchedule;
  readonly policy: RetryPolicy;
  readonly limits: MachineLimits;
  readonly clock: Clock;
  /** Fetches in flight of the whole run at most (`-c`). */
  readonly concurrency: number;
  /** By which robots.txt knows this crawler (`productToken`). */
  readonly token: string;
}

export interface FetchedRobots {
  readonly record: OriginRecord;
  /** `null` where `access` says all. */
  readonly file: RobotsFile | null;
}

export class RobotsFetch {
  readonly #parts: RobotsFetchParts;
  readonly #queue: PQueue;
  readonly #budget: ByteBudget;
  readonly #reading: RobotsReading;
  readonly #abort = new AbortController();

  constructor(parts: RobotsFetchParts) {
    this.#parts = parts;
    this.#queue = new PQueue({ concurrency: 2 * parts.concurrency, ...INTERVAL });
    this.#reading = new RobotsReading(
      parts.token,
      new Semaphore({ capacity: READ_AT_ONCE, name: 'robots.txt being read' }),
    );
    this.#budget = new ByteBudget({ capacity: BYTES_IN_FLIGHT, oversize: LIMITS.cutAt, clock: parts.clock });
  }

  /**
   * @param depth 0 where a listed URL asks: then the origin may be at a private address.
   * @throws {CancelledError} after `close`.
   */
  async fetch(origin: string, depth: number): Promise<FetchedRobots> {
    const { policy, limits, schedule, clock } = this.#parts;
    const host = plainHost(new URL(origin).hostname);
    for (let tries = 1, spentMs = 0; ; tries++) {
      const { end, file } = await this.#queued(origin, host, { tries, spentMs, depth });
      const { attempt } = end;
      const access = accessOf(end);
      if (access !== null) return { record: this.#record(origin, access, tries, end, file), file };
      if (end.outOfResources && attempt.errorCode !== null) limits.relieve(attempt.errorCode);
      spentMs += attempt.totalMs;
      const now = clock.wallTime();
      const { settlement, hostNotBefore } = policy.settle({
        errorClass: attempt.errorClass,
        errorCode: attempt.errorCode,
        status: attempt.status,
        round: tries,
        spentMs,
        now,
        retryAfterMs: end.retryAfter === null ? null : parseRetryAfter(end.retryAfter, now),
        wasAsked: end.wasAsked,
        starved: end.outOfResources ? tries - 1 : null,
        // Every refusal counts: the host stands still meanwhile.
        refusals: { ofUrl: Infinity, ofHost: Infinity },
      });
      if (hostNotBefore > 0) schedule.hold(host, hostNotBefore);
      if (settlement.state !== 'queued') {
        const why = await this.#whyMute(origin, host, { tries, spentMs, depth }, end);
        return { record: { ...this.#record(origin, 'disallow-all', tries, end, null), ...why }, file: null };
      }
      await this.#wait(settlement.notBefore - now);
    }
  }

  /** Cancels what is waited for and under way. */
  close(): void {
    this.#abort.abort();
    this.#queue.clear();
  }

  /** A server that wants TLS hangs up on http: without a word. A single request over TLS finds out, so that it can be said. */
  async #whyMute(
    origin: string,
    host: string,
    so: { tries: number; spentMs: number; depth: number },
    { attempt }: FetchEnd,
  ): Promise<Partial<OriginRecord>> {
    const isMute = attempt.errorClass === 'empty-response' || attempt.errorClass === 'reset';
    if (!isMute || !origin.startsWith('http:') || attempt.redirects.length > 0) return {};
    const { end } = await this.#queued(origin.replace('http:', 'https:'), host, { ...so, spentMs: 0 });
    const { status, errorClass, errorCode } = end.attempt;
    const speaksTls = status !== null || (errorClass === 'tls' && errorCode?.startsWith('ERR_SSL_') === false);
    return speaksTls ? { errorClass: 'protocol', error: 'the server speaks TLS at this port: https: is meant' } : {};
  }

  async #queued(
    origin: string,
    host: string,
    so: { tries: number; spentMs: number; depth: number },
  ): Promise<{ end: FetchEnd; file: RobotsFile | null }> {
    const { signal } = this.#abort;
    try {
      const priority = this.#parts.schedule.waitingAt(host);
      return await this.#queue.add(() => this.#ask(origin, host, so), { priority, signal });
    } catch (error) {
      throw signal.aborted ? new CancelledError() : error;
    }
  }

  async #ask(
    origin: string,
    host: string,
    { tries, spentMs, depth }: { tries: number; spentMs: number; depth: number },
  ): Promise<{ end: FetchEnd; file: RobotsFile | null }> {
    const { schedule, fetcher, clock } = this.#parts;
    const claimedAt = clock.now();
    const turn = new FetchTurn(schedule, host, await grantedTurn(schedule, host), null);
    const reservation = this.#budget.open();
    const url = `${origin}/robots.txt`;
    const lease = { id: 0, url, hostId: 0, host, attempt: tries, round: tries, depth, spentMs };
    try {
      const io = { reservation, signal: this.#abort.signal, claimedAt, turn, limits: LIMITS };
      const end = await fetcher.fetch(lease, io);
      turn.end();
      if (end.body === null || end.attempt.errorClass !== null) return { end, file: null };
      const read = await this.#reading.read(end.body, end.contentEncoding, this.#abort.signal);
      if (read === null) return { end: undecodable(end), file: null };
      return { end: { ...end, body: new Uint8Array(read.octets) }, file: read.file };
    } finally {
      turn.end();
      reservation.release();
    }
  }

  #record(
    origin: string,
    access: RobotsAccess,
    tries: number,
    { attempt, body }: FetchEnd,
    file: RobotsFile | null,
  ): OriginRecord {
    const now = this.#parts.clock.wallTime();
    return {
      origin,
      access,
      fetchedAt: now,
      expiresAt: now + keptMs(access),
      tries,
      status: attempt.status,
      errorClass: attempt.errorClass,
      error: attempt.error,
      robots: file === null || body === null ? null : wholeLines(body),
      truncated: file?.truncated ?? false,
      crawlDelayMs: file?.rules.crawlDelayMs ?? null,
      redirects: attempt.redirects,
    };
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#abort;
    if (signal.aborted) throw new CancelledError();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(ms, resolve);
    const cancel = (): void => {
      timer.cancel();
      reject(new CancelledError());
    };
    signal.addEventListener('abort', cancel, { once: true });
    await promise;
    signal.removeEventListener('abort', cancel);
  }
}

/** Redirects that cannot be followed to a file: RFC 9309 §2.3.1.2 lets that count as if there were none. */
const LEADS_NOWHERE: ReadonlySet<ErrorClass> = new Set([
  'too-many-redirects',
  'redirect-loop',
  'bad-redirect',
  'blocked-scheme',
  'blocked-address',
]);

const NO_CONNECTION: ReadonlySet<ErrorClass> = new Set([
  'dns',
  'connect-refused',
  'connect-timeout',
  'tls',
  // In the midst of the TLS handshake.
  'reset',
  'blocked-address',
]);

/** Damaged, or in a coding that nobody knows: nothing was read, so nothing is known to be allowed. */
function undecodable(end: FetchEnd): FetchEnd {
  const error = `robots.txt does not decode (Content-Encoding: ${end.contentEncoding?.slice(0, 60) ?? ''})`;
  return { ...end, body: null, attempt: { ...end.attempt, errorClass: 'decode', errorCode: null, error } };
}

/** What one attempt settles; `null` = nothing: the origin has to be asked again. */
function accessOf({ attempt, wasAsked, outOfResources }: FetchEnd): RobotsAccess | null {
  const { errorClass } = attempt;
  if (errorClass === null) return 'rules';
  // That this machine had no descriptor left says nothing of the origin.
  if (!wasAsked && !outOfResources && NO_CONNECTION.has(errorClass)) return 'unreachable';
  return errorClass === 'http-4xx' || LEADS_NOWHERE.has(errorClass) ? 'allow-all' : null;
}

function keptMs(access: RobotsAccess): number {
  if (access === 'disallow-all') return REFUSED_MS;
  return access === 'unreachable' ? UNREACHABLE_MS : KEPT_MS;
}
