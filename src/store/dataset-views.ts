/**
 * One view per extraction data set, named after it, its columns the fields of the rule. Made anew at every start, as the
 * config may have gained fields; the rows themselves stand in `item` as JSON and do not change.
 */
import type { Database } from 'better-sqlite3';
import { ConfigError } from '../model/errors.ts';
import type { StoreOptions } from '../model/ports.ts';

/** Marks a view as one of ours to replace; SQLite keeps the comment. */
const MARK = '/* extraction data set */';
const NAME = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

/** @throws {ConfigError} naming each data set or field that cannot be a view or a column. */
export function createDatasetViews(db: Database, datasets: StoreOptions['datasets']): void {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { name, fields } of datasets) {
    problems.push(...problemsOf(db, name, fields));
    if (seen.has(name.toLowerCase())) problems.push(`extract.${name}: another data set has the same name`);
    seen.add(name.toLowerCase());
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const { name, fields } of datasets) {
    db.exec(`DROP VIEW IF EXISTS "${name}"`);
    db.exec(viewOf(name, fields));
  }
}

function problemsOf(db: Database, name: string, fields: readonly string[]): string[] {
  const problems: string[] = [];
  if (!NAME.test(name) || name.toLowerCase().startsWith('sqlite_')) {
    problems.push(`extract.${name}: the name becomes a view; use letters, digits, "-" and "_", got "${name}"`);
  }
  const existing = db
    .prepare<[string], string>("SELECT coalesce(sql, '') FROM sqlite_schema WHERE lower(name) = lower(?)")
    .pluck()
    .get(name);
  if (name.toLowerCase() === 'contents' || (existing !== undefined && !existing.includes(MARK))) {
    problems.push(`extract.${name}: "${name}" is a table or view of the database itself; choose another name`);
  }
  const columns = new Set<string>();
  for (const field of fields) {
    if (!NAME.test(field)) {
      problems.push(`extract.${name}.${field}: the field becomes a column; use letters, digits, "-" and "_"`);
    }
    if (columns.has(field.toLowerCase())) problems.push(`extract.${name}.${field}: another field has the same name`);
    columns.add(field.toLowerCase());
  }
  return problems;
}

function viewOf(name: string, fields: readonly string[]): string {
  // The page's own URL comes first, unless the rule extracts a field of that name: then it steps aside.
  const page = fields.some((field) => field.toLowerCase() === 'url') ? 'page_url' : 'url';
  const columns = fields.map((field) => `item.fields ->> '$."${field}"' AS "${field}"`);
  return `CREATE VIEW "${name}" ${MARK} AS
    SELECT ${[`url.url AS ${page}`, ...columns].join(', ')}
    FROM item JOIN page ON page.id = item.page_id JOIN url ON url.id = page.url_id
    WHERE item.dataset = '${name}' ORDER BY item.id`;
}
