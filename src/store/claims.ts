/**
 * Hands out leases: which URLs main may fetch now. A claim writes nothing: leases live in memory, in the set of claimed and
 * not yet committed ids, and a killed process leaves nothing to repair.
 *
 * Each refill is an indexed read of retries whose time has come, then of fresh URLs, segment by segment of the index between
 * the first and the last that hold any of the host (`host-segments.ts`). A cursor per held host starts the read behind
 * what has been handed out, so a host with a million URLs is never scanned again from its beginning; the set of leased ids
 * makes the answer right even where a cursor is missing or stale.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { HostEntry, Lease } from '../model/lease.ts';
import type { Claim, ClaimRequest, NextDue } from '../model/ports.ts';
import type { HostSegments } from './host-segments.ts';
import type { HostTable } from './host-table.ts';
import { freshPriorities, type QueueScan } from './queue-scan.ts';
import type { ReadyHosts } from './ready-hosts.ts';
import { SEGMENT_BITS } from './schema/tables.ts';
import { SEED_PRIORITY } from './url-table.ts';

type QueuedRow = [
  id: number,
  url: string,
  attempts: number,
  roundBase: number,
  depth: number,
  spentMs: number,
  notBefore: number,
  priority: number,
];

interface Cursor {
  readonly host: string;
  /** Retries due before this time have been handed out. */
  retriesFrom: number;
  /** Fresh URLs of this priority up to this id have been handed out, and all of smaller priority. */
  priority: number;
  segment: number;
  afterId: number;
  /** When the next retry that has not been handed out falls due, as of the last read; `null` = there is none. */
  nextRetry: number | null;
}

const COLUMNS = 'id, url, attempts, round_base, depth, spent_ms, not_before, priority';
const RETRIES = "FROM url INDEXED BY url_retry WHERE state = 'queued' AND not_before > 0 AND host_id = ?";
const FRESH = "FROM url INDEXED BY url_fresh WHERE state = 'queued' AND not_before = 0";

export class Claims {
  readonly #db: Database;
  readonly #readyHosts: ReadyHosts;
  readonly #hosts: HostTable;
  readonly #segments: HostSegments;
  readonly #scan: QueueScan;
  /** URL id → the attempt that is being made. */
  readonly #leased = new Map<number, number>();
  readonly #cursors = new Map<number, Cursor>();
  readonly #dueRetries: Statement<[number, number, number], QueuedRow>;
  readonly #fresh: Statement<[number, number, number, number, number], QueuedRow>;
  readonly #nextRetry: Statement<[number, number], number>;
  readonly #firstRetry: Statement<[number], string>;
  /** Of fresh URLs, ascending. Few: a link's is its depth. */
  #priorities: readonly number[] = [];

  constructor(
    db: Database,
    parts: { readyHosts: ReadyHosts; hosts: HostTable; segments: HostSegments; scan: QueueScan },
  ) {
    this.#db = db;
    this.#readyHosts = parts.readyHosts;
    this.#hosts = parts.hosts;
    this.#segments = parts.segments;
    this.#scan = parts.scan;
    this.#dueRetries = db
      .prepare<[number, number, number], QueuedRow>(
        `SELECT ${COLUMNS} ${RETRIES} AND not_before >= ? AND not_before <= ? ORDER BY not_before, priority, id`,
      )
      .raw();
    this.#fresh = db
      .prepare<[number, number, number, number, number], QueuedRow>(
        `SELECT ${COLUMNS} ${FRESH} AND priority = ? AND id >> ${SEGMENT_BITS} = ? AND host_id = ? AND id > ?
         ORDER BY id LIMIT ?`,
      )
      .raw();
    this.#nextRetry = db
      .prepare<[number, number], number>(`SELECT not_before ${RETRIES} AND not_before > ? ORDER BY not_before LIMIT 1`)
      .pluck();
    this.#firstRetry = db.prepare<[number], string>(`SELECT url ${RETRIES} ORDER BY not_before LIMIT 1`).pluck();
    this.#readPriorities();
  }

  /** Hosts that can be claimed; at least one while part of the queue has not been looked at. */
  get readyCount(): number {
    return this.#scan.isComplete ? this.#readyHosts.readyCount : Math.max(1, this.#readyHosts.readyCount);
  }

  /** Claimed and not yet committed. */
  get leasedCount(): number {
    return this.#leased.size;
  }

  claim(request: ClaimRequest, now: number): Claim {
    const leases: Lease[] = [];
    const newHosts: HostEntry[] = [];
    const exhausted: number[] = [];
    this.#readyHosts.promote(now);
    for (const { hostId, want } of request.refill) {
      const wanted = Math.min(want, request.max - leases.length);
      if (wanted <= 0) continue;
      if (!this.#readyHosts.isHeld(hostId)) this.#readyHosts.hold(hostId);
      if (!this.#read(hostId, wanted, now, leases)) exhausted.push(hostId);
    }
    if (request.newHosts > 0) this.#scan.readOn(now);
    while (newHosts.length < request.newHosts && leases.length < request.max && request.perNewHost > 0) {
      const hostId = this.#readyHosts.take(now);
      if (hostId === null) {
        // Whoever gets nothing does not ask again soon.
        if (leases.length > 0 || this.#scan.isComplete) break;
        this.#scan.readOn(now);
        continue;
      }
      const before = leases.length;
      const more = this.#read(hostId, Math.min(request.perNewHost, request.max - before), now, leases);
      // A host without anything to claim after all (its URLs were settled meanwhile) is not worth mentioning.
      if (leases.length > before) {
        const slowDown = this.#hosts.backoff.of(hostId, now);
        const entry = { hostId, host: this.#cursorOf(hostId).host, notBefore: 0 };
        newHosts.push(slowDown === undefined ? entry : { ...entry, slowDown });
        if (!more) exhausted.push(hostId);
      }
      if (!more) this.#release(hostId, now);
    }
    for (const hostId of exhausted) if (this.#readyHosts.isHeld(hostId)) this.#release(hostId, now);
    return {
      leases,
      newHosts,
      exhausted,
      readyHosts: this.readyCount,
      nextDueAt: this.#readyHosts.nextDueAt,
    };
  }

  /** What the host that becomes ready next begins with. */
  nextDue(): NextDue | null {
    const hostId = this.#readyHosts.nextDueHost;
    if (hostId === null) return null;
    const fresh = this.#firstFresh(hostId);
    const url = fresh ?? this.#firstRetry.get(hostId) ?? null;
    return { host: this.#hosts.nameOf(hostId), url, isRetry: fresh === null && url !== null };
  }

  /**
   * The result of this attempt has been committed or dropped as stale. The late result of an earlier attempt does not end
   * the lease of the present one.
   */
  returned(urlId: number, attempt: number): void {
    if (this.#leased.get(urlId) === attempt) this.#leased.delete(urlId);
  }

  /** The URL has been settled without an attempt. */
  revoked(urlId: number): void {
    this.#leased.delete(urlId);
  }

  /** A retry was committed: a cursor that has passed its time goes back to it. */
  retryAdded(hostId: number, notBefore: number): void {
    const cursor = this.#cursors.get(hostId);
    if (cursor !== undefined && notBefore < cursor.retriesFrom) cursor.retriesFrom = notBefore;
  }

  /** Rows have come back to the queue behind the cursors (`crawl retry`). */
  rewind(): void {
    this.#readPriorities();
    for (const [hostId, cursor] of this.#cursors) this.#rewindCursor(hostId, cursor);
  }

  /** Appends up to `want` leases of the host; returns whether more could be claimed now. */
  #read(hostId: number, want: number, now: number, leases: Lease[]): boolean {
    const cursor = this.#cursorOf(hostId);
    const enough = leases.length + want;
    // Most hosts have no retries, and few URLs: two reads tell all of them.
    cursor.nextRetry = this.#nextRetry.get(hostId, cursor.retriesFrom - 1) ?? null;
    if (cursor.nextRetry !== null && cursor.nextRetry <= now) {
      for (const row of this.#dueRetries.iterate(hostId, cursor.retriesFrom, now)) {
        if (this.#leased.has(row[0])) continue;
        if (leases.length === enough) return true;
        cursor.retriesFrom = row[6];
        leases.push(this.#lease(row, hostId, cursor.host));
      }
      // Leased retries of the host are due already, so they do not show here.
      cursor.nextRetry = this.#nextRetry.get(hostId, now) ?? null;
    }
    for (;;) {
      // One more than wanted tells whether there is more.
      const limit = enough - leases.length + 1;
      const rows = this.#fresh.all(cursor.priority, cursor.segment, hostId, cursor.afterId, limit);
      for (const row of rows) {
        if (this.#leased.has(row[0])) continue;
        if (leases.length === enough) return true;
        cursor.afterId = row[0];
        leases.push(this.#lease(row, hostId, cursor.host));
      }
      const last = rows.at(-1);
      if (last !== undefined && rows.length === limit) {
        // The portion held rows that are leased already: go on behind them.
        cursor.afterId = last[0];
      } else if (!this.#nextSegment(hostId, cursor, last !== undefined)) {
        return false;
      }
    }
  }

  /** Moves the cursor on, behind a segment of which all has been read; false where there is none. */
  #nextSegment(hostId: number, cursor: Cursor, hadRows: boolean): boolean {
    const { segment } = cursor;
    const isDrained = !hadRows && cursor.afterId === 0 && this.#priorities.length === 1;
    if (isDrained && segment === this.#segments.first(hostId)) this.#segments.drained(hostId);
    // What has not been looked at may hold more of the host, and of a smaller priority than the next.
    if (segment < Math.max(this.#segments.last(hostId), this.#scan.lastUnread)) {
      cursor.segment++;
      return true;
    }
    const priority = this.#priorities.find((other) => other > cursor.priority);
    if (priority === undefined) return false;
    cursor.priority = priority;
    cursor.segment = this.#segments.first(hostId);
    cursor.afterId = 0;
    return true;
  }

  #firstFresh(hostId: number): string | null {
    for (const priority of this.#priorities) {
      for (let segment = this.#segments.first(hostId); segment <= this.#segments.last(hostId); segment++) {
        const [row] = this.#fresh.all(priority, segment, hostId, 0, 1);
        if (row !== undefined) return row[1];
      }
    }
    return null;
  }

  #readPriorities(): void {
    this.#priorities = [...new Set([SEED_PRIORITY, ...freshPriorities(this.#db)])].sort((a, b) => a - b);
  }

  #lease(row: QueuedRow, hostId: number, host: string): Lease {
    const [id, url, attempts, roundBase, depth, spentMs] = row;
    this.#leased.set(id, attempts + 1);
    return { id, url, hostId, host, attempt: attempts + 1, round: attempts - roundBase + 1, depth, spentMs };
  }

  #cursorOf(hostId: number): Cursor {
    let cursor = this.#cursors.get(hostId);
    if (cursor === undefined) {
      cursor = {
        host: this.#hosts.nameOf(hostId),
        retriesFrom: 1,
        priority: 0,
        segment: 0,
        afterId: 0,
        nextRetry: null,
      };
      this.#rewindCursor(hostId, cursor);
      this.#cursors.set(hostId, cursor);
    }
    return cursor;
  }

  #release(hostId: number, now: number): void {
    const nextRetry = this.#cursors.get(hostId)?.nextRetry ?? null;
    this.#cursors.delete(hostId);
    this.#readyHosts.release(hostId, nextRetry, now);
  }

  #rewindCursor(hostId: number, cursor: Cursor): void {
    cursor.retriesFrom = 1;
    cursor.priority = this.#priorities[0] ?? SEED_PRIORITY;
    cursor.segment = this.#segments.first(hostId);
    cursor.afterId = 0;
  }
}
