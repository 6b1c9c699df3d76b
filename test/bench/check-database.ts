/** A fast run that lost something is no run: holds every row of a benchmark's database against the pages on disk. */
import Database from 'better-sqlite3';
import type { BenchSite } from './site.ts';

interface Row {
  readonly url: string;
  readonly status: number | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
}

/** @throws Error unless the database has exactly one right row for each URL of the site. */
export function checkDatabase(file: string, site: BenchSite): void {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = database.prepare<[], Row>('SELECT url, status, bytes, sha256 FROM pages').all();
    if (rows.length !== site.urls.length) throw new Error(`${file}: ${rows.length} rows for ${site.urls.length} URLs`);
    for (const row of rows) {
      const expected = site.expected.get(row.url);
      const right = row.status === 200 && row.bytes === expected?.bytes && row.sha256 === expected.sha256;
      if (!right) throw new Error(`${row.url}: got ${JSON.stringify(row)}, expected ${JSON.stringify(expected)}`);
    }
    const distinct = new Set(rows.map((row) => row.url)).size;
    if (distinct !== rows.length) throw new Error(`${file}: ${rows.length - distinct} URLs have two rows`);
  } finally {
    database.close();
  }
}
