/**
 * `crawl verify`: adds both books up again from the rows, and checks that every row that must be there is there and every
 * body still has its SHA-256. Reads page by key, each read well under a second, so that a running crawl's WAL is not pinned.
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { BodyEncoding } from '../model/page.ts';
import { decodeBody } from './decode-body.ts';
import type { Difference, VerifyProgress } from './difference.ts';
import { readBooks } from './sources.ts';

const BODIES_A_READ = 100;
const URLS_A_READ = 20_000;
/** A broken file can break a million times; the first ones tell what is wrong. */
const MOST_DIFFERENCES = 1_000;

interface BodyRow {
  readonly id: number;
  readonly sha256: Buffer;
  readonly bytes: number;
  readonly encoding: BodyEncoding;
  readonly stored_bytes: number | null;
  readonly content: Buffer | null;
}

/** Every difference found, at most 1,000; none = the file is sound. */
export function verifyDatabase(db: Database, onProgress?: (progress: VerifyProgress) => void): Difference[] {
  const differences: Difference[] = [];
  for (const difference of allChecks(db, onProgress ?? (() => undefined))) {
    differences.push(difference);
    if (differences.length >= MOST_DIFFERENCES) break;
  }
  return differences;
}

function* allChecks(db: Database, onProgress: (progress: VerifyProgress) => void): Generator<Difference> {
  yield* checkIntegrity(db);
  yield* checkSources(db);
  yield* checkUrls(db, onProgress);
  yield* checkRuns(db);
  yield* checkBodies(db, onProgress);
}

function* checkIntegrity(db: Database): Generator<Difference> {
  for (const { integrity_check: line } of db.pragma('integrity_check(100)') as { integrity_check: string }[]) {
    if (line !== 'ok') yield { check: 'integrity', subject: 'database', message: line };
  }
  const broken = db.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[];
  for (const { table, rowid, parent } of broken.slice(0, MOST_DIFFERENCES)) {
    yield { check: 'foreign-key', subject: `${table} ${rowid}`, message: `refers to a ${parent} that does not exist` };
  }
}

/** The second book: each line of a source went to exactly one count, and the counts are those of the rows. */
function* checkSources(db: Database): Generator<Difference> {
  const addedRows = db.prepare<[number], number>('SELECT count(*) FROM url WHERE source_id = ?').pluck();
  const inputRows = db
    .prepare<[number, string], number>('SELECT count(*) FROM input WHERE source_id = ? AND kind = ?')
    .pluck();
  for (const book of readBooks(db)) {
    const { sourceId, name, lines, added, knownBefore, duplicate, rejected, blank } = book;
    yield* same('source', name, 'lines', lines, added + knownBefore + duplicate + rejected + blank);
    yield* same('source', name, 'new URLs', added, addedRows.get(sourceId) ?? 0);
    yield* same('source', name, 'duplicate lines', duplicate, inputRows.get(sourceId, 'duplicate') ?? 0);
    yield* same('source', name, 'rejected lines', rejected, inputRows.get(sourceId, 'rejected') ?? 0);
  }
}

/** The first book, row by row: attempts recorded, answers present, every URL known once. */
function* checkUrls(db: Database, onProgress: (progress: VerifyProgress) => void): Generator<Difference> {
  const [total, known] = db
    .prepare<[], [number, number]>('SELECT coalesce(max(id), 0), count(*) FROM url')
    .raw()
    .get() ?? [0, 0];
  yield* same('urls', 'url', 'URLs known', total, known);
  const doubled = db.prepare<[], string>('SELECT url FROM url GROUP BY url HAVING count(*) > 1 LIMIT 100').pluck();
  for (const url of doubled.all()) yield { check: 'urls', subject: url, message: 'is known twice' };
  const suspect = db.prepare<[number, number], { url: string; problem: string }>(
    `SELECT * FROM (
       SELECT url.url, CASE
         WHEN url.attempts <> (SELECT count(*) FROM fetch WHERE fetch.url_id = url.id)
           THEN 'has another number of attempts than its fetch rows'
         WHEN url.state = 'done' AND page.id IS NULL THEN 'is done, but has no page row'
         WHEN url.state = 'done' AND fetch.status NOT BETWEEN 200 AND 299 AND fetch.status <> 304
           THEN 'is done, but its answer was ' || fetch.status
         WHEN url.state = 'done' AND fetch.attempt <> url.attempts THEN 'is done, but its page is not of the last attempt'
         WHEN url.state IN ('failed', 'skipped') AND url.reason IS NULL THEN 'is ' || url.state || ' without a reason'
         WHEN page.body_id IS NOT NULL AND body.id IS NULL THEN 'has a page without its body'
         WHEN body.id IS NOT NULL AND body.bytes <> fetch.decoded_bytes THEN 'has a body of another size than was fetched'
       END AS problem
       FROM url LEFT JOIN page ON page.url_id = url.id LEFT JOIN fetch ON fetch.id = page.id
       LEFT JOIN body ON body.id = page.body_id
       WHERE url.id > ? AND url.id <= ?)
     WHERE problem IS NOT NULL`,
  );
  for (let from = 0; from < total; from += URLS_A_READ) {
    for (const { url, problem } of suspect.all(from, from + URLS_A_READ)) {
      yield { check: 'page', subject: url, message: problem };
    }
    onProgress({ check: 'urls', checked: Math.min(total, from + URLS_A_READ), total });
  }
}

/** What the runs say they committed, against the rows. */
function* checkRuns(db: Database): Generator<Difference> {
  const runs = db.prepare<[], { fetches: number; wire: number; decoded: number }>(
    'SELECT coalesce(sum(fetches), 0) AS fetches, coalesce(sum(wire_bytes), 0) AS wire, coalesce(sum(decoded_bytes), 0) AS decoded FROM run',
  );
  const rows = db.prepare<[], { fetches: number; wire: number; decoded: number }>(
    'SELECT count(*) AS fetches, coalesce(sum(wire_bytes), 0) AS wire, coalesce(sum(decoded_bytes), 0) AS decoded FROM fetch',
  );
  // One read transaction: a running crawl may commit between the two.
  const [said, found] = db.transaction(() => [runs.get(), rows.get()])();
  if (said === undefined || found === undefined) return;
  yield* same('run', 'all runs', 'attempts', said.fetches, found.fetches);
  yield* same('run', 'all runs', 'bytes on the wire', said.wire, found.wire);
  yield* same('run', 'all runs', 'decoded bytes', said.decoded, found.decoded);
}

function* checkBodies(db: Database, onProgress: (progress: VerifyProgress) => void): Generator<Difference> {
  const total = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM body').pluck().get() ?? 0;
  const doubled = db
    .prepare<[], string>('SELECT lower(hex(sha256)) FROM body GROUP BY sha256 HAVING count(*) > 1 LIMIT 100')
    .pluck();
  for (const digest of doubled.all()) yield { check: 'body', subject: digest, message: 'is stored twice' };
  const select = db.prepare<[number, number], BodyRow>(
    `SELECT body.id, sha256, bytes, encoding, stored_bytes, content
     FROM body LEFT JOIN content ON content.body_id = body.id WHERE body.id > ? AND body.id <= ?`,
  );
  for (let from = 0; from < total; from += BODIES_A_READ) {
    for (const row of select.iterate(from, from + BODIES_A_READ)) {
      const problem = bodyProblem(row);
      if (problem !== null) yield { check: 'body', subject: row.sha256.toString('hex'), message: problem };
    }
    onProgress({ check: 'bodies', checked: Math.min(total, from + BODIES_A_READ), total });
  }
}

function bodyProblem(row: BodyRow): string | null {
  if (row.content === null) return row.stored_bytes === null ? null : 'has lost its content';
  if (row.content.byteLength !== row.stored_bytes) {
    return `has ${row.content.byteLength} stored bytes instead of ${row.stored_bytes ?? 'none'}`;
  }
  let decoded: Uint8Array;
  try {
    decoded = decodeBody(row.content, row.encoding, row.bytes);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (decoded.byteLength !== row.bytes) return `decodes to ${decoded.byteLength} bytes instead of ${row.bytes}`;
  const digest = createHash('sha256').update(decoded).digest();
  return digest.equals(row.sha256) ? null : `has the digest ${digest.toString('hex')}`;
}

function* same(check: string, subject: string, what: string, expected: number, found: number): Generator<Difference> {
  if (expected !== found)
    yield { check, subject, message: `${what}: the counter says ${expected}, the rows say ${found}` };
}
