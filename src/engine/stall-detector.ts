/**
 * Names what holds a run: a stall is said, not waited out in silence.
 *
 * In: a note of each sign of progress (a commit, an import batch), and a look four times a second. Out: `holding`: stage,
 * URL and host that everything waits for, or `null` while the run goes on. Two things are told apart:
 *
 * - All that is left may not start yet (a pause that a host asked for, a delay, a retry's back-off): nothing is wrong. It is
 *   said at once where it takes longer than a moment, with the time when it ends.
 * - Something is under way and nothing has come of it for a while: the oldest page in the window, else the source that is
 *   read, holds the run. That is worth a warning.
 *
 * Costs one comparison a look while the run goes on. Owns no timer and no page: `StallProbes` answers its questions.
 */
import type { Clock } from '../model/clock.ts';
import type { Holding } from '../model/events.ts';
import type { NextDue } from '../model/ports.ts';
import { plainHost } from '../url/plain-host.ts';

/** Without a sign of progress for this long, the run is held. */
const PATIENCE_MS = 10_000;
/** A wait that ends sooner is not worth a word. */
const MOMENT_MS = 2_000;

export interface StallProbes {
  /** Pages between the start of their fetch and their commit. */
  readonly pagesUnderWay: () => number;
  /** The page that has been under way for longest. */
  readonly oldestPage: () => Omit<Holding, 'until'> | null;
  /** The host that may be asked next, of those that have leases; `at` in wall-clock ms. */
  readonly nextStart: () => { host: string; url: string | null; at: number } | null;
  /** When the store can next hand out a host; cheap. */
  readonly nextDueAt: () => number | null;
  /** Which one that is. */
  readonly nextDue: () => Promise<NextDue | null>;
  /** The robots.txt that URLs wait for; `null` = none. */
  readonly robots: () => string | null;
  /** The source that is being read; `null` = none. */
  readonly source: () => string | null;
  /** Called once when a stall begins. */
  readonly onStall: (holding: Holding) => void;
}

export class StallDetector {
  readonly #clock: Clock;
  readonly #probes: StallProbes;
  #progressAt: number;
  #holding: Holding | null = null;
  /** The stage that has been warned of since the last sign of progress. */
  #warnedOf: Holding['stage'] | null = null;
  /** What the store said of its next host, for the time it was asked about. */
  #due: { readonly at: number; readonly answer: NextDue | null } | null = null;
  #isAsking = false;

  constructor(clock: Clock, probes: StallProbes) {
    this.#clock = clock;
    this.#probes = probes;
    this.#progressAt = clock.now();
  }

  /** What the run waits for at this moment. */
  get holding(): Holding | null {
    return this.#holding;
  }

  /** Something was committed or imported. */
  progressed(): void {
    this.#progressAt = this.#clock.now();
    this.#holding = null;
    this.#warnedOf = null;
  }

  /** `hasWork`: URLs are queued, or the list is still being read. */
  look(hasWork: boolean): void {
    if (!hasWork) {
      this.#holding = null;
      return;
    }
    const silentMs = this.#clock.now() - this.#progressAt;
    if (this.#probes.pagesUnderWay() > 0) {
      this.#holding = silentMs < PATIENCE_MS ? null : this.#stalledPage(silentMs);
    } else {
      this.#holding = this.#waiting(silentMs) ?? (silentMs < PATIENCE_MS ? null : this.#stalledElsewhere(silentMs));
    }
    const held = this.#holding;
    if (held === null || held.until !== null || held.stage === this.#warnedOf) return;
    this.#warnedOf = held.stage;
    this.#probes.onStall(held);
  }

  #stalledPage(silentMs: number): Holding {
    const page = this.#probes.oldestPage() ?? { stage: 'store', url: null, host: null, sinceMs: silentMs };
    return { ...page, until: null };
  }

  /** Nothing is under way: does all the rest wait for a time? */
  #waiting(silentMs: number): Holding | null {
    const start = this.#probes.nextStart();
    const dueAt = this.#probes.nextDueAt();
    if (start !== null && (dueAt === null || start.at <= dueAt)) {
      return this.#until(start.at, { stage: 'host', url: start.url, host: start.host, sinceMs: silentMs });
    }
    if (dueAt === null) return null;
    this.#ask(dueAt);
    const { url, host, isRetry } = this.#due?.answer ?? { url: null, host: null, isRetry: true };
    return this.#until(dueAt, { stage: isRetry ? 'retry' : 'host', url, host, sinceMs: silentMs });
  }

  #until(at: number, what: Omit<Holding, 'until'>): Holding | null {
    return at - this.#clock.wallTime() > MOMENT_MS ? { ...what, until: at } : null;
  }

  /** The store answers in its turn; until then the time alone is known. */
  #ask(dueAt: number): void {
    if (this.#isAsking || this.#due?.at === dueAt) return;
    this.#due = null;
    this.#isAsking = true;
    void this.#probes
      .nextDue()
      .then((answer) => {
        this.#due = { at: dueAt, answer };
      })
      // A store that has failed says so itself.
      .catch(() => undefined)
      .finally(() => {
        this.#isAsking = false;
      });
  }

  #stalledElsewhere(silentMs: number): Holding {
    const robots = this.#probes.robots();
    if (robots !== null) {
      const host = plainHost(new URL(robots).hostname);
      return { stage: 'robots', url: robots, host, sinceMs: silentMs, until: null };
    }
    const source = this.#probes.source();
    // With a source open it is the source that is silent; else it is a claim that the store has not answered.
    return { stage: source === null ? 'store' : 'import', url: source, host: null, sinceMs: silentMs, until: null };
  }
}
