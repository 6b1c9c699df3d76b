/**
 * The schema's history: step n brings a file from `user_version` n − 1 to n. An empty file gets all steps; an older one is
 * copied first and then gets the rest; a newer one is refused. A step and its version number commit together.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { StoreError } from '../model/errors.ts';
import {
  APPLICATION_ID,
  HOST_BACKOFF_TABLE,
  LISTED_PORT_TABLE,
  ORIGIN_TABLE,
  PAGE_LINK_TABLE,
  QUEUE_INDEXES,
  TABLES,
} from './schema/tables.ts';
import { HOSTS_VIEW, LINK_VIEWS, VIEWS } from './schema/views.ts';

/** Canonical URLs: `scheme://host/…` or `scheme://host:port/…`. CAST reads the digits that a text begins with. */
const LISTED_PORTS = `
INSERT OR IGNORE INTO listed_port (host_id, port)
SELECT host_id, CASE
    WHEN rest LIKE ':%' THEN CAST(substr(rest, 2, 5) AS INTEGER)
    WHEN url LIKE 'https:%' THEN 443
    ELSE 80 END
FROM (SELECT url.host_id, url.url, substr(url.url, instr(url.url, '//') + 2 + length(host.name), 6) AS rest
      FROM url JOIN host ON host.id = url.host_id WHERE url.source_id IS NOT NULL);
`;

/** What is said of the password itself: nothing. */
const PASSWORD_LINE = `
ALTER TABLE source ADD COLUMN password_line INTEGER NOT NULL DEFAULT 0; -- the last line whose URL had a user name or password
`;

/** A row a page instead of a row a link. */
const PACK_LINKS = `
INSERT INTO page_link (page_id, links)
SELECT page_id, json_group_array(json_array("to", anchor, rel, n) ORDER BY id) FROM link GROUP BY page_id;
DROP VIEW links;
DROP VIEW broken_links;
DROP TABLE link;
`;

/** `MIGRATIONS[n − 1]` makes version n. Steps are never edited once released, only added. */
export const MIGRATIONS: readonly string[] = [
  TABLES + VIEWS,
  LISTED_PORT_TABLE +
    LISTED_PORTS +
    PASSWORD_LINE +
    HOST_BACKOFF_TABLE +
    ORIGIN_TABLE +
    'DROP INDEX IF EXISTS url_queued;' +
    QUEUE_INDEXES +
    'DROP VIEW hosts;' +
    HOSTS_VIEW +
    // What was decided about the stage in that second, and why.
    'ALTER TABLE stage_stat ADD COLUMN note TEXT;' +
    // Within the attempt: no bytes granted, a redirect's turn, this process stood still. Not in total_ms.
    'ALTER TABLE fetch ADD COLUMN held_ms INTEGER NOT NULL DEFAULT 0;',
  PAGE_LINK_TABLE + PACK_LINKS + LINK_VIEWS,
];

/** The version this program writes and reads. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** What a file is, judged by its header: nothing is written. */
export function identify(db: Database): 'empty' | 'weir' | 'foreign' {
  const applicationId = db.pragma('application_id', { simple: true });
  if (applicationId === APPLICATION_ID) return 'weir';
  const objects = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  return applicationId === 0 && objects === 0 ? 'empty' : 'foreign';
}

/** @throws {StoreError} when the file is another program's, holds nothing yet, or is of a later version than `known`. */
export function assertReadable(db: Database, file: string, known: number = SCHEMA_VERSION): void {
  const kind = identify(db);
  if (kind === 'empty') {
    // A run was killed between making the file and its first commit.
    throw new StoreError(`${file} holds no run yet: run the same command again, the one with the list`, {
      code: 'ERR_NOT_FOUND',
    });
  }
  if (kind === 'foreign') {
    throw new StoreError(
      `${file} is a SQLite database, but not one made by crawl; it has been left as it is. Name another file`,
    );
  }
  const version = userVersion(db);
  if (version > known) {
    throw new StoreError(
      `${file} has schema version ${version}; this program knows versions up to ${known}. Update weir-crawl to use this file`,
    );
  }
}

/**
 * Brings the database to the last version. An older file is copied to `FILE.v<version>.bak` before it is touched.
 *
 * @returns the backup's path, or `null` where none was needed.
 */
export function migrate(db: Database, file: string, steps: readonly string[] = MIGRATIONS): string | null {
  const empty = identify(db) === 'empty';
  if (!empty) assertReadable(db, file, steps.length);
  const from = empty ? 0 : userVersion(db);
  if (from === steps.length) return null;
  const backup = from === 0 ? null : backUp(db, file, from);
  for (let version = from + 1; version <= steps.length; version++) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(steps[version - 1] ?? '');
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
  return backup;
}

function userVersion(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function backUp(db: Database, file: string, version: number): string {
  const backup = `${file}.v${version}.bak`;
  // A backup that is already there is the older and therefore the better one: an earlier migration was cut short after it.
  if (existsSync(backup)) return backup;
  // Under another name until it is whole: a kill or a full disk must not leave half a backup that passes for one.
  const unfinished = `${backup}.part`;
  try {
    rmSync(unfinished, { force: true });
    db.prepare('VACUUM INTO ?').run(unfinished);
    renameSync(unfinished, backup);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return backup;
}
