/** What is stored of one URL's latest answer: headers, decoded body, body as it came, text. */
import type { Database } from 'better-sqlite3';
import type { BodyEncoding } from '../model/page.ts';
import { decodeBody } from './decode-body.ts';

export interface PageContent {
  readonly url: string;
  readonly finalUrl: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly charset: string | null;
  /** Response headers as received: [name, value] pairs. */
  readonly headers: readonly (readonly [string, string])[];
  /** Hex. */
  readonly sha256: string | null;
  /** Size of the decoded body. */
  readonly decodedBytes: number | null;
  /** How the stored bytes are coded. */
  readonly encoding: BodyEncoding | null;
  /** The decoded body; `null` where none is stored (--bodies none). */
  readonly bytes: Uint8Array | null;
  /** The body as it came over the wire: coded as its Content-Encoding says. `null` as `bytes`. */
  readonly wire: Uint8Array | null;
  /** The visible text; `null` where none was extracted. */
  readonly text: string | null;
}

interface ContentRow {
  readonly finalUrl: string | null;
  readonly status: number;
  readonly headers: string | null;
  readonly contentType: string | null;
  readonly charset: string | null;
  readonly sha256: string | null;
  readonly decodedBytes: number | null;
  readonly encoding: BodyEncoding | null;
  readonly content: Uint8Array | null;
  readonly text: string | null;
}

/** `null` where the URL has no answer. @throws {StoreError} when the stored body is damaged. */
export function readContent(db: Database, urlId: number, url: string): PageContent | null {
  const row = db
    .prepare<[number], ContentRow>(
      `SELECT fetch.final_url AS finalUrl, fetch.status, fetch.headers, page.content_type AS contentType, page.charset,
              lower(hex(body.sha256)) AS sha256, body.bytes AS decodedBytes, body.encoding, content.content, page_text.text
       FROM page JOIN fetch ON fetch.id = page.id LEFT JOIN body ON body.id = page.body_id
       LEFT JOIN content ON content.body_id = body.id LEFT JOIN page_text ON page_text.page_id = page.id
       WHERE page.url_id = ?`,
    )
    .get(urlId);
  if (row === undefined) return null;
  const { content, encoding, decodedBytes, ...rest } = row;
  const headers = JSON.parse(row.headers ?? '[]') as [string, string][];
  const bytes = content === null || encoding === null ? null : decodeBody(content, encoding, decodedBytes ?? 0);
  return {
    ...rest,
    url,
    finalUrl: row.finalUrl ?? url,
    headers,
    sha256: row.sha256 === '' ? null : row.sha256,
    decodedBytes,
    encoding,
    bytes,
    // A body that came uncompressed is stored as zstd: what came over the wire is then the decoded body itself.
    wire: headers.some(([name]) => name.toLowerCase() === 'content-encoding') ? content : bytes,
  };
}
