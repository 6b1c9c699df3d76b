/**
 * Holds URLs back until robots.txt of their origin is known, and takes those out that it forbids (RFC 9309).
 *
 *     lease ──► judge: known? ── yes ──► may go, or is skipped in a batch
 *                        │ no: its host is parked
 *                        └──► file of this run or an earlier one ──► asked over the network ──► its host is reconsidered
 *
 * In: leases at the head of their host's line, redirects. Out: verdicts, at once where the origin is known; batches of URLs
 * to skip. Each origin is asked once while its answer holds, whoever waits for it. The engine owns the gate: `close` first
 * (those who wait get `CancelledError`), then `flush`.
 */
import { failure, type Failure } from '../fetch/fetcher.ts';
import type { HostSchedule, LeaseVerdict } from '../frontier/host-schedule.ts';
import type { Clock, Timer } from '../model/clock.ts';
import { CancelledError } from '../model/errors.ts';
import type { Lease } from '../model/lease.ts';
import type { CommitAck, Store } from '../model/ports.ts';
import { TOO_LONG_TEXT, type OriginRecord } from '../model/robots.ts';
import { parseRobotsInSlices } from '../robots/parse-robots.ts';
import { ALLOW_ALL, CRAWL_DELAY_CAP_MS, ruleText, TOO_LONG, type RobotsRules } from '../robots/rules.ts';
import { originOf, pathOf } from '../url/canonical.ts';
import { plainHost } from '../url/plain-host.ts';
import type { HostPaces } from './host-paces.ts';
import type { HopRobots } from './hop-turns.ts';
import { RobotsCache, type RobotsAnswer } from './robots-cache.ts';
import type { RobotsFetch } from './robots-fetch.ts';

/** What has gathered within this time is settled or saved in one transaction. */
const FLUSH_MS = 50;
const MOST_BATCHED = 500;
const MOST_BATCHED_BYTES = 2_000_000;

export interface RobotsGateParts {
  readonly store: Pick<Store, 'skip' | 'loadOrigins' | 'saveOrigins'>;
  readonly schedule: HostSchedule;
  readonly source: RobotsFetch;
  readonly paces: HostPaces;
  readonly clock: Clock;
  readonly token: string;
  /** URLs were skipped: their places in the claim are free. */
  readonly onSkipped: (ack: CommitAck) => void;
  readonly onFailure: (error: unknown) => void;
  readonly warn: (key: string, message: string) => void;
}

/** An origin that is being asked. */
interface Question {
  readonly origin: string;
  readonly depth: number;
  /** The line that stands still for it; none where only redirects wait. */
  host: string | null;
  /** Made when somebody waits for it. */
  waiting: PromiseWithResolvers<RobotsAnswer> | null;
}

export class RobotsGate implements HopRobots {
  readonly #parts: RobotsGateParts;
  readonly #known = new RobotsCache();
  readonly #asked = new Map<string, Question>();
  /** Asked since the last look into the file. */
  #fresh: Question[] = [];
  #skipped: number[] = [];
  #records: OriginRecord[] = [];
  #recordBytes = 0;
  #timer: Timer | null = null;
  /** URLs let through to fail on their own, as their host could not be reached for robots.txt, or does not speak HTTP. */
  readonly #probes = new Map<number, Failure>();
  /** Transactions under way. */
  readonly #writing = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: RobotsGateParts) {
    this.#parts = parts;
  }

  /** The robots.txt that has been waited for longest; `null` = none. */
  get asking(): string | null {
    const first = this.#asked.values().next().value;
    return first === undefined ? null : `${first.origin}/robots.txt`;
  }

  /** For the host schedule: called for each lease, on the page path. */
  readonly judge = (lease: Lease): LeaseVerdict => {
    const origin = originOf(lease.url);
    const answer = this.#known.get(origin, this.#parts.clock.wallTime());
    if (answer === undefined) {
      this.#ask(origin, lease.depth).host = lease.host;
      return 'wait';
    }
    if (answer.access === 'unreachable' || hasNoHttp(answer)) {
      const { errorClass, detail } = answer.problem ?? NO_PROBLEM;
      this.#probes.set(lease.id, failure(errorClass, `no robots.txt: ${detail}`));
      return 'go';
    }
    if (answer.access !== 'disallow-all' && answer.rules.isAllowed(pathOf(lease.url))) return 'go';
    this.#skipped.push(lease.id);
    this.#flushSoon(this.#skipped.length >= MOST_BATCHED);
    return 'drop';
  };

  refusalOf(url: string): Failure | null | Promise<Failure | null> {
    const origin = originOf(url);
    const answer = this.#known.get(origin, this.#parts.clock.wallTime());
    if (answer !== undefined) return refusal(answer, url);
    if (this.#isClosed) return Promise.reject(new CancelledError());
    const question = this.#ask(origin, 1);
    question.waiting ??= Promise.withResolvers();
    return question.waiting.promise.then((late) => refusal(late, url));
  }

  /**
   * What an attempt at this lease is to ask once it has a connection, for `FetchIo.mayAsk`: a host that could not be reached
   * for robots.txt a moment ago can be reached after all, and is asked for that first. `undefined` = nothing.
   */
  probe(lease: Lease): (() => Failure) | undefined {
    if (this.#probes.size === 0) return undefined;
    const refused = this.#probes.get(lease.id);
    if (refused === undefined) return undefined;
    this.#probes.delete(lease.id);
    return () => {
      if (refused.errorClass !== NO_HTTP) this.#known.delete(originOf(lease.url));
      return refused;
    };
  }

  /** No more answers: those who wait for one are told. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#parts.source.close();
    for (const { waiting } of this.#asked.values()) waiting?.reject(new CancelledError());
    this.#asked.clear();
  }

  /** Resolves when everything that was decided is in the file. */
  async flush(): Promise<void> {
    this.#flush();
    await Promise.all(this.#writing);
  }

  #ask(origin: string, depth: number): Question {
    const asked = this.#asked.get(origin);
    if (asked !== undefined) return asked;
    const question: Question = { origin, depth, host: null, waiting: null };
    this.#asked.set(origin, question);
    if (this.#isClosed) return question;
    // All that one claim brings are looked up together.
    if (this.#fresh.length === 0) queueMicrotask(() => void this.#answerFresh().catch(this.#onFailure));
    this.#fresh.push(question);
    return question;
  }

  async #answerFresh(): Promise<void> {
    const questions = this.#fresh;
    this.#fresh = [];
    const { store, clock, token } = this.#parts;
    const records = await store.loadOrigins(questions.map(({ origin }) => origin));
    const now = clock.wallTime();
    const byOrigin = new Map(records.map((record) => [record.origin, record]));
    for (const question of questions) {
      const record = byOrigin.get(question.origin);
      // That an origin could not be asked says nothing about this run.
      const isUsable = record?.access === 'rules' || record?.access === 'allow-all';
      if (record !== undefined && isUsable && record.expiresAt > now) {
        const file = record.robots === null ? null : await parseRobotsInSlices(record.robots, token);
        this.#answer(question, record, file?.rules ?? ALLOW_ALL);
      } else {
        void this.#fetch(question).catch(this.#onFailure);
      }
    }
  }

  async #fetch(question: Question): Promise<void> {
    const { record, file } = await this.#parts.source.fetch(question.origin, question.depth);
    this.#records.push(record);
    this.#recordBytes += record.robots?.length ?? 0;
    this.#flushSoon(this.#records.length >= MOST_BATCHED || this.#recordBytes >= MOST_BATCHED_BYTES);
    if (record.access === 'disallow-all' && record.errorClass !== NO_HTTP) {
      this.#parts.warn(
        'robots-unavailable',
        `${record.origin}/robots.txt could not be had (${reasonOf(record)}): URLs of such hosts are skipped as blocked-robots; ` +
          'crawl retry --error blocked-robots asks again',
      );
    }
    this.#answer(question, record, file?.rules ?? ALLOW_ALL);
  }

  #answer({ origin, host, waiting }: Question, record: OriginRecord, rules: RobotsRules): void {
    if (this.#isClosed) return;
    const { schedule, paces } = this.#parts;
    const { access, expiresAt } = record;
    const problem = record.errorClass === null ? null : { errorClass: record.errorClass, detail: reasonOf(record) };
    const answer: RobotsAnswer = { access, rules, expiresAt, problem };
    this.#asked.delete(origin);
    this.#known.set(origin, answer);
    if (rules.crawlDelayMs !== null) {
      const name = host ?? plainHost(new URL(origin).hostname);
      const delayMs = Math.min(rules.crawlDelayMs, CRAWL_DELAY_CAP_MS);
      paces.raiseDelay(name, delayMs);
      schedule.raiseDelay(name, delayMs);
    }
    waiting?.resolve(answer);
    if (host !== null) schedule.reconsider(host);
  }

  #flushSoon(now: boolean): void {
    if (now) this.#flush();
    else if (!this.#isClosed) this.#timer ??= this.#parts.clock.after(FLUSH_MS, () => this.#flush());
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const { store, onSkipped } = this.#parts;
    const skipped = this.#skipped;
    const records = this.#records;
    this.#skipped = [];
    this.#records = [];
    this.#recordBytes = 0;
    if (skipped.length > 0) this.#write(store.skip(skipped, 'blocked-robots').then(onSkipped));
    if (records.length > 0) this.#write(store.saveOrigins(records));
  }

  #write(work: Promise<void>): void {
    const done: Promise<void> = work.catch(this.#onFailure).finally(() => this.#writing.delete(done));
    this.#writing.add(done);
  }

  readonly #onFailure = (error: unknown): void => {
    if (!(error instanceof CancelledError)) this.#parts.onFailure(error);
  };
}

/** Of an answer without one. */
const NO_PROBLEM = { errorClass: 'internal', detail: 'unknown' } as const;

/** What answered is no HTTP server: its URLs are no more asked for than others without robots.txt, but that is why they fail. */
const NO_HTTP = 'protocol';

function hasNoHttp({ access, problem }: RobotsAnswer): boolean {
  return access === 'disallow-all' && problem?.errorClass === NO_HTTP;
}

function refusal({ access, rules, problem }: RobotsAnswer, url: string): Failure | null {
  if (access === 'disallow-all') {
    return failure(problem?.errorClass === NO_HTTP ? NO_HTTP : 'blocked-robots', `no robots.txt: ${problem?.detail}`);
  }
  const rule = rules.ruleFor(pathOf(url));
  if (rule === TOO_LONG) {
    return failure('blocked-robots', `robots.txt of ${originOf(url)} has ${TOO_LONG_TEXT}`);
  }
  if (rule === null || rule.allow) return null;
  return failure('blocked-robots', `robots.txt of ${originOf(url)}, line ${rule.line}: ${ruleText(rule)}`);
}

function reasonOf({ tries, errorClass, error }: OriginRecord): string {
  const times = tries === 1 ? 'asked once' : `asked ${tries} times`;
  return `${errorClass}: ${error}, ${times}`;
}
