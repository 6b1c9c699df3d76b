/**
 * Reading all that is known of one URL, for `crawl explain`. In: an open database and a URL's id, or a text. Out: plain
 * values. Look-ups by index; only lines that are looked for by their text, and a page's other copies, take a scan.
 */
import type { Database } from 'better-sqlite3';
import type { RedirectHop } from '../model/attempt.ts';
import type { AttemptHistory, InputLine, PageHistory, RejectedHistory, UrlHistory } from '../model/url-history.ts';
import type { UrlState } from '../model/url-state.ts';

/** Lines and copies that are named; more are only counted. */
const NAMED = 5;
/** URLs of a host that are looked at for the nearest to one that is not there. */
const CANDIDATES = 2_000;

interface UrlFacts {
  readonly url: string;
  readonly state: UrlState;
  readonly reason: string | null;
  readonly depth: number;
  readonly sourceId: number | null;
  readonly source: string | null;
  readonly line: number | null;
  readonly referrer: string | null;
  readonly host: string;
  readonly pausedUntil: number;
  readonly notBefore: number;
  readonly roundAttempts: number;
}

export function readHistory(db: Database, urlId: number): UrlHistory | null {
  const row = db
    .prepare<[number], UrlFacts>(
      `SELECT url.url, url.state, url.reason, url.depth, url.source_id AS sourceId, source.name AS source, url.line,
              referrer.url AS referrer, host.name AS host, host.not_before AS pausedUntil, url.not_before AS notBefore,
              url.attempts - url.round_base AS roundAttempts
       FROM url JOIN host ON host.id = url.host_id LEFT JOIN source ON source.id = url.source_id
       LEFT JOIN url AS referrer ON referrer.id = url.referrer WHERE url.id = ?`,
    )
    .get(urlId);
  if (row === undefined) return null;
  const { url, state, reason, depth, referrer, roundAttempts } = row;
  return {
    url,
    state,
    reason,
    depth,
    listed: listedAt(db, row),
    listedAgain: listedAgain(db, urlId, row),
    referrer,
    host: { name: row.host, pausedUntil: row.pausedUntil > 0 ? row.pausedUntil : null },
    retryAt: state === 'queued' && row.notBefore > 0 ? row.notBefore : null,
    roundAttempts,
    attempts: attemptsOf(db, urlId),
    page: pageOf(db, urlId),
  };
}

interface InputRow {
  readonly source: string;
  readonly line: number;
  readonly columns: string | null;
}

function listedAt(db: Database, { sourceId, source, line }: UrlFacts): InputLine | null {
  if (sourceId === null || source === null || line === null) return null;
  const columns = db
    .prepare<[number, number], string | null>('SELECT columns FROM input WHERE source_id = ? AND line = ?')
    .pluck()
    .get(sourceId, line);
  return toLine({ source, line, columns: columns ?? null });
}

function listedAgain(db: Database, urlId: number, { sourceId, line }: UrlFacts): InputLine[] {
  const repeated = db.prepare<[], number>('SELECT sum(duplicate + known_before) FROM source').pluck().get() ?? 0;
  if (repeated === 0) return [];
  return db
    .prepare<[number, number | null, number | null, number], InputRow>(
      `SELECT source.name AS source, input.line, input.columns FROM input JOIN source ON source.id = input.source_id
       WHERE input.url_id = ? AND NOT (input.source_id IS ? AND input.line IS ?) LIMIT ?`,
    )
    .all(urlId, sourceId, line, NAMED)
    .map(toLine);
}

function toLine({ source, line, columns }: InputRow): InputLine {
  return { source, line, columns: columns === null ? null : (JSON.parse(columns) as Record<string, unknown>) };
}

type AttemptRow = Omit<AttemptHistory, 'redirects' | 'retryAfter' | 'contentEncoding'> & {
  readonly redirects: string | null;
  readonly headers: string | null;
};

function attemptsOf(db: Database, urlId: number): AttemptHistory[] {
  const rows = db
    .prepare<[number], AttemptRow>(
      `SELECT attempt, run_id AS runId, started_at AS startedAt, wait_ms AS waitMs, ${heldMs(db)} AS heldMs, dns_ms AS dnsMs, connect_ms AS connectMs,
              ttfb_ms AS ttfbMs, total_ms AS totalMs, address, http_version AS httpVersion, status,
              error_class AS errorClass, error_code AS errorCode, error, wire_bytes AS wireBytes,
              decoded_bytes AS decodedBytes, final_url AS finalUrl, redirects, headers
       FROM fetch WHERE url_id = ? ORDER BY attempt`,
    )
    .all(urlId);
  return rows.map(({ redirects, headers, ...row }) => {
    const fields = JSON.parse(headers ?? '[]') as readonly (readonly [string, string])[];
    const header = (name: string): string | null => fields.find(([field]) => field.toLowerCase() === name)?.[1] ?? null;
    return {
      ...row,
      retryAfter: header('retry-after'),
      contentEncoding: header('content-encoding'),
      redirects: JSON.parse(redirects ?? '[]') as RedirectHop[],
    };
  });
}

/** Files of version 1 do not know it. */
function heldMs(db: Database): string {
  return schemaVersion(db) >= 2 ? 'held_ms' : '0';
}

function schemaVersion(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

type PageRow = Omit<PageHistory, 'sameBody' | 'linksKept'> & { readonly id: number; readonly bodyId: number | null };

function pageOf(db: Database, urlId: number): PageHistory | null {
  const row = db
    .prepare<[number], PageRow>(
      `SELECT page.id, page.body_id AS bodyId, fetch.attempt, page.content_type AS contentType, page.title, page.charset,
              page.charset_source AS charsetSource, page.words, page.parse_error AS parseError, page.warning,
              page.links_total AS linksTotal, (SELECT count(*) FROM item WHERE item.page_id = page.id) AS items,
              nullif(lower(hex(body.sha256)), '') AS sha256,
              body.bytes, body.encoding, body.stored_bytes AS storedBytes
       FROM page JOIN fetch ON fetch.id = page.id LEFT JOIN body ON body.id = page.body_id WHERE page.url_id = ?`,
    )
    .get(urlId);
  if (row === undefined) return null;
  const { id, bodyId, ...page } = row;
  return { ...page, linksKept: linksOf(db, id), sameBody: sameBody(db, bodyId, id) };
}

function linksOf(db: Database, pageId: number): number {
  // Until version 2 each link was a row.
  const count =
    schemaVersion(db) >= 3
      ? 'json_array_length(links) FROM page_link WHERE page_id = ?'
      : 'count(*) FROM link WHERE page_id = ?';
  return db.prepare<[number], number>(`SELECT ${count}`).pluck().get(pageId) ?? 0;
}

function sameBody(db: Database, bodyId: number | null, pageId: number): PageHistory['sameBody'] {
  if (bodyId === null) return { count: 0, urls: [] };
  const others = 'FROM page WHERE page.body_id = ? AND page.id <> ?';
  const count = db.prepare<[number, number], number>(`SELECT count(*) ${others}`).pluck().get(bodyId, pageId) ?? 0;
  const urls = db
    .prepare<[number, number, number], string>(
      `SELECT url.url FROM (SELECT page.id, page.url_id ${others} ORDER BY page.id LIMIT ?) AS copy
       JOIN url ON url.id = copy.url_id ORDER BY copy.id`,
    )
    .pluck()
    .all(bodyId, pageId, NAMED);
  return { count, urls };
}

/** A rejected line by what stands in it; `null` where no list has such a line. */
export function readRejected(db: Database, text: string): RejectedHistory | null {
  const rows = db
    .prepare<[string, number], InputRow & { reason: string }>(
      `SELECT source.name AS source, input.line, input.columns, input.reason FROM input
       JOIN source ON source.id = input.source_id WHERE input.kind = 'rejected' AND trim(input.url) = ? LIMIT ?`,
    )
    .all(text, NAMED);
  const [first] = rows;
  return first === undefined ? null : { text, reason: first.reason, lines: rows.map(toLine) };
}

/** URLs of one host, the first few thousand. */
export function readUrlsOfHost(db: Database, host: string): string[] {
  return db
    .prepare<[string, number], string>(
      'SELECT url FROM url WHERE host_id = (SELECT id FROM host WHERE name = ?) ORDER BY id LIMIT ?',
    )
    .pluck()
    .all(host, CANDIDATES);
}
