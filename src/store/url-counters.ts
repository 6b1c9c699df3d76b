/**
 * The first book in memory: URLs by state, failed and skipped ones by reason. Read off the indexes at the start, then kept by
 * whoever changes a state; `crawl verify` counts the rows again and compares.
 */
import type { Database } from 'better-sqlite3';
import type { Progress } from '../model/ports.ts';
import type { UrlBook, UrlState } from '../model/url-state.ts';

type EndedState = 'failed' | 'skipped';

export class UrlCounters {
  readonly #db: Database;
  readonly #reasons: Record<EndedState, Map<string, number>> = { failed: new Map(), skipped: new Map() };
  #known = 0;
  #queued = 0;
  #done = 0;
  #failed = 0;
  #skipped = 0;

  constructor(db: Database) {
    this.#db = db;
    this.recount();
  }

  /** Reads only indexes: milliseconds at a million settled URLs. */
  recount(): void {
    // Ids run from 1 without a gap, as rows are never deleted.
    this.#known = this.#number('SELECT coalesce(max(id), 0) FROM url');
    this.#queued =
      this.#number("SELECT count(*) FROM url INDEXED BY url_fresh WHERE state = 'queued' AND not_before = 0") +
      this.#number("SELECT count(*) FROM url INDEXED BY url_retry WHERE state = 'queued' AND not_before > 0");
    this.#failed = 0;
    this.#skipped = 0;
    this.#reasons.failed.clear();
    this.#reasons.skipped.clear();
    const ended = this.#db.prepare<[], { state: EndedState; reason: string | null; count: number }>(
      `SELECT state, reason, count(*) AS count FROM url INDEXED BY url_ended
       WHERE state IN ('failed', 'skipped') GROUP BY state, reason`,
    );
    for (const { state, reason, count } of ended.iterate()) this.#end(state, reason, count);
    this.#done = this.#known - this.#queued - this.#failed - this.#skipped;
  }

  get book(): UrlBook {
    return {
      known: this.#known,
      queued: this.#queued,
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
    };
  }

  get queued(): number {
    return this.#queued;
  }

  reasons(): Progress['reasons'] {
    return (['failed', 'skipped'] as const).flatMap((state) =>
      Array.from(this.#reasons[state], ([reason, count]) => ({ state, reason, count })).sort(
        (a, b) => b.count - a.count,
      ),
    );
  }

  /** New URLs, queued. */
  added(count: number): void {
    this.#known += count;
    this.#queued += count;
  }

  /** A queued URL has got this state. */
  settled(state: UrlState, reason: string | null): void {
    if (state === 'queued') return;
    this.#queued--;
    if (state === 'done') this.#done++;
    else this.#end(state, reason, 1);
  }

  #end(state: EndedState, reason: string | null, count: number): void {
    if (state === 'failed') this.#failed += count;
    else this.#skipped += count;
    const key = reason ?? 'unknown';
    this.#reasons[state].set(key, (this.#reasons[state].get(key) ?? 0) + count);
  }

  #number(sql: string): number {
    return this.#db.prepare<[], number>(sql).pluck().get() ?? 0;
  }
}
