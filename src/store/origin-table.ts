/**
 * The `origin` table: what each origin answered when it was asked for its robots.txt. Written in batches, read back by a
 * resumed run and by whoever explains a URL. Files beyond a few KiB are kept compressed.
 */
import { zstdCompressSync } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import type { BodyEncoding } from '../model/page.ts';
import type { OriginRecord } from '../model/robots.ts';
import { decodeBody } from './decode-body.ts';

/** Up to this size it is readable in any SQLite tool. */
const LARGEST_PLAIN = 16 * 1_024;

const MOST_DECODED = 512 * 1_024;

interface OriginRow extends Omit<OriginRecord, 'robots' | 'truncated' | 'redirects'> {
  readonly robots: Uint8Array | null;
  readonly encoding: BodyEncoding;
  readonly truncated: 0 | 1;
  readonly redirects: string | null;
}

const SELECT = `SELECT origin, access, fetched_at AS fetchedAt, expires_at AS expiresAt, tries, status,
  error_class AS errorClass, error, crawl_delay_ms AS crawlDelayMs, truncated, redirects, encoding, robots
  FROM origin WHERE origin = ?`;

export class OriginTable {
  readonly #replace: Statement<[OriginRow]>;
  readonly #select: Statement<[string], OriginRow>;

  constructor(db: Database) {
    this.#select = db.prepare<[string], OriginRow>(SELECT);
    this.#replace = db.prepare<[OriginRow]>(
      `INSERT OR REPLACE INTO origin (origin, access, fetched_at, expires_at, tries, status, error_class, error,
         crawl_delay_ms, truncated, redirects, encoding, robots)
       VALUES (@origin, @access, @fetchedAt, @expiresAt, @tries, @status, @errorClass, @error,
         @crawlDelayMs, @truncated, @redirects, @encoding, @robots)`,
    );
  }

  /** Those that are known, in any order. */
  load(origins: readonly string[]): OriginRecord[] {
    const records: OriginRecord[] = [];
    for (const origin of origins) {
      const row = this.#select.get(origin);
      if (row === undefined) continue;
      const { encoding, robots, truncated, redirects, ...rest } = row;
      records.push({
        ...rest,
        robots: robots === null ? null : decodeBody(robots, encoding, MOST_DECODED),
        truncated: truncated === 1,
        redirects: redirects === null ? [] : (JSON.parse(redirects) as OriginRecord['redirects']),
      });
    }
    return records;
  }

  save(records: readonly OriginRecord[]): void {
    for (const record of records) {
      const { robots, redirects } = record;
      const isLarge = robots !== null && robots.length > LARGEST_PLAIN;
      this.#replace.run({
        ...record,
        robots: isLarge ? zstdCompressSync(robots) : robots,
        encoding: isLarge ? 'zstd' : 'identity',
        truncated: record.truncated ? 1 : 0,
        redirects: redirects.length === 0 ? null : JSON.stringify(redirects),
      });
    }
  }
}
