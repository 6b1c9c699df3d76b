/**
 * Finds the hosts that have something queued when a file is opened again, segment by segment of the queue's index: all of ten
 * million URLs would take seconds, and fetching needs only the first hosts to begin. Each claim reads on a little.
 *
 * Invariant: a host that has something queued is known here or in a segment still to be read, and while there is such a
 * segment the store says that a host is ready. A host of which more is read later has merely got more work.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { HostSegments } from './host-segments.ts';
import type { ReadyHosts } from './ready-hosts.ts';
import { SEGMENT_BITS } from './schema/tables.ts';

const FRESH = "FROM url INDEXED BY url_fresh WHERE state = 'queued' AND not_before = 0";
const LOWEST_PRIORITY = -(2 ** 31);

export class QueueScan {
  readonly #readyHosts: ReadyHosts;
  readonly #segments: HostSegments;
  readonly #hostsOf: Statement<[number, number], [hostId: number, someId: number]>;
  readonly #priorities: readonly number[];
  /** Segments from this one on are unread; up to #last. */
  #next = 0;
  readonly #last: number;

  /** Reads the hosts with retries, which are few, and the first segment. */
  constructor(db: Database, readyHosts: ReadyHosts, segments: HostSegments, now: number) {
    this.#readyHosts = readyHosts;
    this.#segments = segments;
    this.#hostsOf = db
      .prepare<[number, number], [hostId: number, someId: number]>(
        `SELECT host_id, max(id) ${FRESH} AND priority = ? AND id >> ${SEGMENT_BITS} = ? GROUP BY host_id`,
      )
      .raw();
    this.#priorities = freshPriorities(db);
    const greatestId = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM url').pluck().get() ?? 0;
    this.#last = Math.floor(greatestId / 2 ** SEGMENT_BITS);
    const retries = db
      .prepare<[], [hostId: number, notBefore: number]>(
        `SELECT host_id, min(not_before) FROM url INDEXED BY url_retry WHERE state = 'queued' AND not_before > 0
         GROUP BY host_id`,
      )
      .raw();
    for (const [hostId, notBefore] of retries.iterate()) readyHosts.addRetry(hostId, notBefore, now);
    this.readOn(now);
  }

  /** Whether nothing is left to read. */
  get isComplete(): boolean {
    return this.#next > this.#last;
  }

  /** The last segment, while it is unread; else -1. */
  get lastUnread(): number {
    return this.isComplete ? -1 : this.#last;
  }

  /** Reads one more segment, if there is one: up to 60 ms where it has 100,000 hosts. */
  readOn(now: number): void {
    if (this.isComplete) return;
    for (const priority of this.#priorities) {
      for (const [hostId, someId] of this.#hostsOf.iterate(priority, this.#next)) {
        this.#segments.add(hostId, someId);
        this.#readyHosts.addWork(hostId, now);
      }
    }
    this.#next++;
  }
}

/** The priorities that fresh URLs have, ascending. Few: a link's is its depth. */
export function freshPriorities(db: Database): number[] {
  const next = db
    .prepare<[number], number>(`SELECT priority ${FRESH} AND priority > ? ORDER BY priority LIMIT 1`)
    .pluck();
  const found: number[] = [];
  let priority = next.get(LOWEST_PRIORITY);
  for (; priority !== undefined; priority = next.get(priority)) found.push(priority);
  return found;
}
