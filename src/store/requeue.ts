/**
 * `crawl retry`: puts failed URLs back in the queue. Runs inside the caller's transaction.
 */
import type { Database } from 'better-sqlite3';
import { ConfigError } from '../model/errors.ts';
import type { RetryFilter } from '../model/ports.ts';
import { plainHost } from '../url/plain-host.ts';

/** A host of which URLs have come back, with the smallest and the greatest of their ids. */
interface RequeuedHost {
  readonly host: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Puts matching failed URLs back with a new round of attempts. Returns how many there were of which hosts. */
export function requeueFailed(db: Database, filter: RetryFilter): { count: number; hosts: RequeuedHost[] } {
  // Some classes (blocked-robots) are reasons to skip a URL as well: whoever names one means those too.
  const conditions = [filter.errorClass === undefined ? "state = 'failed'" : "state IN ('failed', 'skipped')"];
  const values: (string | number)[] = [];
  if (filter.errorClass !== undefined) {
    conditions.push('reason = ?');
    values.push(filter.errorClass);
  }
  if (filter.status !== undefined) {
    const [from, to] = statusRange(filter.status);
    conditions.push(
      'EXISTS (SELECT 1 FROM fetch WHERE fetch.url_id = url.id AND fetch.attempt = url.attempts AND fetch.status BETWEEN ? AND ?)',
    );
    values.push(from, to);
  }
  if (filter.host !== undefined) {
    conditions.push('host_id IN (SELECT id FROM host WHERE name = ?)');
    values.push(plainHost(filter.host.toLowerCase()));
  }
  const where = conditions.join(' AND ');
  const hosts = db
    .prepare<(string | number)[], RequeuedHost>(
      `SELECT host_id AS host, min(id) AS firstId, max(id) AS lastId FROM url WHERE ${where} GROUP BY host_id`,
    )
    .all(...values);
  const { changes } = db
    .prepare<(string | number)[]>(
      `UPDATE url SET state = 'queued', reason = NULL, round_base = attempts, spent_ms = 0, not_before = 0 WHERE ${where}`,
    )
    .run(...values);
  return { count: changes, hosts };
}

/** '404' → [404, 404], '5xx' → [500, 599], '500-503' → [500, 503]. @throws {ConfigError} */
export function statusRange(text: string): [from: number, to: number] {
  const group = /^([1-5])xx$/i.exec(text)?.[1];
  if (group !== undefined) return [Number(group) * 100, Number(group) * 100 + 99];
  const range = /^(\d{3})(?:-(\d{3}))?$/.exec(text);
  const from = Number(range?.[1]);
  const to = Number(range?.[2] ?? range?.[1]);
  if (range === null || from > to) {
    throw new ConfigError([`a status is given as 404, 5xx or 500-503, got "${text}"`], 'ERR_USAGE');
  }
  return [from, to];
}
