/**
 * The heart of "a kill loses nothing": page, body, links, attempt and state of each result commit in one transaction.
 *
 * A result applies only `WHERE state = 'queued' AND attempts = attempt − 1`. Results of parser threads and of main have no
 * common order, so a late failure may arrive after a success; it changes nothing, and is acknowledged all the same, because
 * its credits must return.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { SkipReason } from '../model/error-codes.ts';
import type { PageResult } from '../model/page.ts';
import type { SettledRow } from '../model/ports.ts';
import type { UrlState } from '../model/url-state.ts';
import type { HostTable } from './host-table.ts';
import type { PageWriter } from './page-writer.ts';
import type { RunDelta, Runs } from './runs.ts';

/** A result that was applied, with what memory has to learn from it once the transaction has committed. */
export interface Applied {
  readonly result: PageResult;
  readonly state: UrlState;
  readonly reason: string | null;
  /** For state queued: when the retry may start. */
  readonly notBefore: number;
}

export interface Committed {
  readonly applied: readonly Applied[];
  /** Bytes of bodies and texts written. */
  readonly bytes: number;
  readonly settled: SettledRow[] | null;
}

export class Committer {
  readonly #writer: PageWriter;
  readonly #hosts: HostTable;
  readonly #runs: Runs;
  readonly #detail: boolean;
  readonly #settle: Statement<[UrlState, string | null, number, number, number, number, number, number]>;
  readonly #urlOf: Statement<[number], { url: string; depth: number; attempts: number }>;
  readonly #skip: Statement<[SkipReason, number]>;

  constructor(db: Database, parts: { writer: PageWriter; hosts: HostTable; runs: Runs; detail: 'counts' | 'rows' }) {
    this.#writer = parts.writer;
    this.#hosts = parts.hosts;
    this.#runs = parts.runs;
    this.#detail = parts.detail === 'rows';
    this.#settle = db.prepare(
      `UPDATE url SET state = ?, reason = ?, attempts = ?, round_base = round_base + ?, spent_ms = spent_ms + ?,
              not_before = ?
       WHERE id = ? AND state = 'queued' AND attempts = ?`,
    );
    this.#urlOf = db.prepare('SELECT url, depth, attempts FROM url WHERE id = ?');
    this.#skip = db.prepare(
      "UPDATE url SET state = 'skipped', reason = ?, not_before = 0 WHERE id = ? AND state = 'queued'",
    );
  }

  /** Writes the results. The caller opens and commits the transaction. */
  write(results: readonly PageResult[]): Committed {
    const applied: Applied[] = [];
    const settled: SettledRow[] | null = this.#detail ? [] : null;
    const delta: RunDelta = { ...NOTHING };
    let bytes = 0;
    for (const result of results) {
      const change = this.#apply(result);
      if (change === null) continue;
      bytes += this.#writer.write(result);
      if (result.hostNote !== null) this.#hosts.note(result.hostNote);
      count(delta, change);
      applied.push(change);
      settled?.push(this.#rowOf(change));
    }
    if (applied.length > 0) this.#runs.add(delta);
    return { applied, bytes, settled };
  }

  /** Settles queued URLs that no attempt is made at. The caller opens and commits the transaction. */
  skip(urlIds: readonly number[], reason: SkipReason): { skipped: number[]; settled: SettledRow[] | null } {
    const skipped = urlIds.filter((id) => this.#skip.run(reason, id).changes === 1);
    if (skipped.length > 0) this.#runs.add({ ...NOTHING, skipped: skipped.length });
    return { skipped, settled: this.#detail ? skipped.map((id) => this.#skippedRow(id, reason)) : null };
  }

  /** Changes the URL's state; `null` = the result is stale. */
  #apply(result: PageResult): Applied | null {
    const { attempt, settlement } = result;
    const { state } = settlement;
    const reason = state === 'done' ? null : settlement.reason;
    // 0 marks a fresh URL, so a retry that may start at once waits until 1 ms after 1970.
    const notBefore = state === 'queued' ? Math.max(1, settlement.notBefore) : 0;
    const counts = settlement.state !== 'queued' || settlement.counts !== false;
    const { changes } = this.#settle.run(
      state,
      reason,
      attempt.attempt,
      counts ? 0 : 1,
      counts ? attempt.totalMs : 0,
      notBefore,
      attempt.urlId,
      attempt.attempt - 1,
    );
    return changes === 1 ? { result, state, reason, notBefore } : null;
  }

  #rowOf(change: Applied): SettledRow {
    const { attempt, body, page } = change.result;
    const { url, depth } = this.#urlOf.get(attempt.urlId) ?? { url: '', depth: 0 };
    return {
      urlId: attempt.urlId,
      url,
      state: change.state,
      reason: change.reason,
      attempt: attempt.attempt,
      depth,
      status: attempt.status,
      errorClass: attempt.errorClass,
      error: attempt.error,
      finalUrl: attempt.finalUrl,
      contentType: page?.contentType ?? null,
      bytes: body?.decodedBytes ?? null,
      wireBytes: attempt.wireBytes,
      sha256: body === null ? null : Buffer.from(body.sha256).toString('hex'),
      title: page?.title ?? null,
      charset: page?.charset ?? null,
      words: page?.words ?? null,
      parseError: page?.parseError ?? null,
      totalMs: attempt.totalMs,
      startedAt: attempt.startedAt,
      notBefore: change.state === 'queued' ? change.notBefore : null,
    };
  }

  #skippedRow(urlId: number, reason: SkipReason): SettledRow {
    const { url, depth, attempts } = this.#urlOf.get(urlId) ?? { url: '', depth: 0, attempts: 0 };
    return {
      urlId,
      url,
      state: 'skipped',
      reason,
      attempt: attempts,
      depth,
      status: null,
      errorClass: null,
      error: null,
      finalUrl: null,
      contentType: null,
      bytes: null,
      wireBytes: 0,
      sha256: null,
      title: null,
      charset: null,
      words: null,
      parseError: null,
      totalMs: 0,
      startedAt: 0,
      notBefore: null,
    };
  }
}

const NOTHING: Readonly<RunDelta> = {
  fetches: 0,
  done: 0,
  failed: 0,
  skipped: 0,
  retries: 0,
  wireBytes: 0,
  decodedBytes: 0,
};

function count(delta: RunDelta, { result, state }: Applied): void {
  delta.fetches++;
  delta.wireBytes += result.attempt.wireBytes;
  delta.decodedBytes += result.body?.decodedBytes ?? 0;
  switch (state) {
    case 'done':
      delta.done++;
      break;
    case 'failed':
      delta.failed++;
      break;
    case 'skipped':
      delta.skipped++;
      break;
    case 'queued':
      delta.retries++;
      break;
  }
}
