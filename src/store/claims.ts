/**
 * Hands out leases: which URLs main may fetch now. A claim writes nothing: leases live in memory, in the set of claimed and
 * not yet committed ids, and a killed process leaves nothing to repair.
 *
 * Each refill is an indexed read on (host, not_before, priority, id): retries whose time has come first, then fresh URLs.
 * A cursor per held host starts the read behind what has been handed out, so a host with a million URLs is never scanned
 * again from its beginning; the set of leased ids makes the answer right even where a cursor is missing or stale.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { HostEntry, Lease } from '../model/lease.ts';
import type { Claim, ClaimRequest, NextDue } from '../model/ports.ts';
import type { ReadyHosts } from './ready-hosts.ts';
import type { HostTable } from './host-table.ts';

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
  afterId: number;
  /** When the next retry that has not been handed out falls due, as of the last read; `null` = there is none. */
  nextRetry: number | null;
}

const COLUMNS = 'id, url, attempts, round_base, depth, spent_ms, not_before, priority';
const QUEUED = "FROM url INDEXED BY url_queued WHERE state = 'queued' AND host_id = ?";
const LOWEST_PRIORITY = -(2 ** 31);

export class Claims {
  readonly #readyHosts: ReadyHosts;
  readonly #hosts: HostTable;
  /** URL id → the attempt that is being made. */
  readonly #leased = new Map<number, number>();
  readonly #cursors = new Map<number, Cursor>();
  readonly #dueRetries: Statement<[number, number, number], QueuedRow>;
  readonly #first: Statement<[number, number], QueuedRow>;
  readonly #fresh: Statement<[number, number, number, number], QueuedRow>;
  readonly #nextPriority: Statement<[number, number], number>;
  readonly #nextRetry: Statement<[number, number], number>;
  readonly #firstQueued: Statement<[number], [url: string, notBefore: number]>;

  constructor(db: Database, readyHosts: ReadyHosts, hosts: HostTable) {
    this.#readyHosts = readyHosts;
    this.#hosts = hosts;
    this.#dueRetries = db
      .prepare<[number, number, number], QueuedRow>(
        `SELECT ${COLUMNS} ${QUEUED} AND not_before >= ? AND not_before <= ? ORDER BY not_before, priority, id`,
      )
      .raw();
    this.#first = db
      .prepare<[number, number], QueuedRow>(
        `SELECT ${COLUMNS} ${QUEUED} AND not_before = 0 ORDER BY priority, id LIMIT ?`,
      )
      .raw();
    // A row value, (priority, id) > (?, ?), would read every row of the priority: SQLite seeks on its first term only.
    this.#fresh = db
      .prepare<[number, number, number, number], QueuedRow>(
        `SELECT ${COLUMNS} ${QUEUED} AND not_before = 0 AND priority = ? AND id > ? ORDER BY id LIMIT ?`,
      )
      .raw();
    this.#nextPriority = db
      .prepare<[number, number], number>(
        `SELECT priority ${QUEUED} AND not_before = 0 AND priority > ? ORDER BY priority LIMIT 1`,
      )
      .pluck();
    this.#nextRetry = db
      .prepare<[number, number], number>(`SELECT not_before ${QUEUED} AND not_before > ? ORDER BY not_before LIMIT 1`)
      .pluck();
    this.#firstQueued = db
      .prepare<[number], [url: string, notBefore: number]>(
        `SELECT url, not_before ${QUEUED} ORDER BY not_before, priority, id LIMIT 1`,
      )
      .raw();
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
    while (newHosts.length < request.newHosts && leases.length < request.max && request.perNewHost > 0) {
      const hostId = this.#readyHosts.take(now);
      if (hostId === null) break;
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
      readyHosts: this.#readyHosts.readyCount,
      nextDueAt: this.#readyHosts.nextDueAt,
    };
  }

  /** What the host that becomes ready next begins with. */
  nextDue(): NextDue | null {
    const hostId = this.#readyHosts.nextDueHost;
    if (hostId === null) return null;
    const row = this.#firstQueued.get(hostId);
    return { host: this.#hosts.nameOf(hostId), url: row?.[0] ?? null, isRetry: (row?.[1] ?? 0) > 0 };
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
    for (const cursor of this.#cursors.values()) rewindCursor(cursor);
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
      const isFirst = cursor.priority === LOWEST_PRIORITY;
      const rows = isFirst
        ? this.#first.all(hostId, limit)
        : this.#fresh.all(hostId, cursor.priority, cursor.afterId, limit);
      for (const row of rows) {
        if (this.#leased.has(row[0])) continue;
        if (leases.length === enough) return true;
        [cursor.afterId, cursor.priority] = [row[0], row[7]];
        leases.push(this.#lease(row, hostId, cursor.host));
      }
      const last = rows.at(-1);
      if (last !== undefined && rows.length === limit) {
        // The portion held rows that are leased already: go on behind them.
        [cursor.afterId, cursor.priority] = [last[0], last[7]];
        continue;
      }
      // The first read knows no priorities: it has seen all there is.
      if (isFirst) return false;
      const priority = this.#nextPriority.get(hostId, cursor.priority);
      if (priority === undefined) return false;
      cursor.priority = priority;
      cursor.afterId = 0;
    }
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
        priority: LOWEST_PRIORITY,
        afterId: 0,
        nextRetry: null,
      };
      this.#cursors.set(hostId, cursor);
    }
    return cursor;
  }

  #release(hostId: number, now: number): void {
    const nextRetry = this.#cursors.get(hostId)?.nextRetry ?? null;
    this.#cursors.delete(hostId);
    this.#readyHosts.release(hostId, nextRetry, now);
  }
}

function rewindCursor(cursor: Cursor): void {
  cursor.retriesFrom = 1;
  cursor.priority = LOWEST_PRIORITY;
  cursor.afterId = 0;
}
