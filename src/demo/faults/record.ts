/** What a finished database says of one URL: read for the judge, with the tables' own names. The caller owns the database. */
import type { Database } from 'better-sqlite3';
import type { RedirectHop } from '../../model/attempt.ts';
import type { BodyEncoding } from '../../model/page.ts';
import type { RobotsAccess } from '../../model/robots.ts';
import { decodeBody } from '../../store/decode-body.ts';

/** The last answer of the URL's origin to the request for robots.txt, and what came of it there. */
export interface RobotsRecord {
  readonly access: RobotsAccess;
  readonly status: number | null;
  readonly tries: number;
  readonly errorClass: string | null;
  readonly truncated: boolean;
  readonly redirects: number;
  /** URLs of the same origin that are done, this one not counted. */
  readonly othersDone: number;
}

/** The URL's state, its last attempt and its page; without an attempt of its own (a skipped one) nothing but the state. */
export interface FaultRecord {
  readonly url: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly status: number | null;
  readonly errorClass: string | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly wireBytes: number;
  readonly decodedBytes: number | null;
  readonly totalMs: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirects: readonly RedirectHop[];
  readonly sha256: string | null;
  readonly title: string | null;
  readonly charset: string | null;
  readonly charsetSource: string | null;
  readonly parseError: string | null;
  readonly warning: string | null;
  readonly linksTotal: number | null;
  /** Decoded; `null` without. */
  readonly body: () => Uint8Array | null;
  /** `null` where robots.txt was not asked for. */
  readonly robots: () => RobotsRecord | null;
}

interface Row extends Omit<FaultRecord, 'headers' | 'redirects' | 'body' | 'robots'> {
  readonly headers: string | null;
  readonly redirects: string | null;
  readonly bodyId: number | null;
}

const RECORD = `
  SELECT url.url, url.state, url.reason, url.attempts, fetch.status, fetch.error_class AS errorClass,
         fetch.error_code AS errorCode, fetch.error, coalesce(fetch.wire_bytes, 0) AS wireBytes,
         fetch.decoded_bytes AS decodedBytes, coalesce(fetch.total_ms, 0) AS totalMs, fetch.headers, fetch.redirects, lower(hex(body.sha256)) AS sha256, page.title, page.charset,
         page.charset_source AS charsetSource, page.parse_error AS parseError, page.warning, page.links_total AS linksTotal,
         body.id AS bodyId
  FROM url
  LEFT JOIN fetch ON fetch.url_id = url.id AND fetch.attempt = url.attempts
  LEFT JOIN page ON page.id = fetch.id
  LEFT JOIN body ON body.id = page.body_id
  WHERE url.url = ?`;

const ROBOTS = `
  SELECT access, status, tries, error_class AS errorClass, truncated, coalesce(json_array_length(redirects), 0) AS redirects,
         (SELECT count(*) FROM url WHERE state = 'done' AND url <> :url AND url LIKE origin || '/%') AS othersDone
  FROM origin WHERE origin = :origin`;

/** Returns a function that reads one URL's record; `null` where the database does not know it. */
export function recordReader(database: Database): (url: string) => FaultRecord | null {
  const record = database.prepare<[string], Row>(RECORD);
  const content = database.prepare<[number], { content: Uint8Array; encoding: BodyEncoding; bytes: number }>(
    'SELECT content, encoding, bytes FROM content JOIN body ON body.id = content.body_id WHERE body.id = ?',
  );
  const robots = database.prepare<
    [{ url: string; origin: string }],
    Omit<RobotsRecord, 'truncated'> & { readonly truncated: number }
  >(ROBOTS);
  return (url) => {
    const row = record.get(url);
    if (row === undefined) return null;
    const { bodyId, ...rest } = row;
    return {
      ...rest,
      sha256: row.sha256 === '' ? null : row.sha256,
      headers: JSON.parse(row.headers ?? '[]') as [string, string][],
      redirects: JSON.parse(row.redirects ?? '[]') as RedirectHop[],
      body: () => {
        const stored = bodyId === null ? undefined : content.get(bodyId);
        return stored === undefined ? null : decodeBody(stored.content, stored.encoding, stored.bytes);
      },
      robots: () => {
        const found = robots.get({ url, origin: new URL(url).origin });
        return found === undefined ? null : { ...found, truncated: found.truncated === 1 };
      },
    };
  };
}
