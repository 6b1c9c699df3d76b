/**
 * Writes what one attempt brought: its `fetch` row and, where there was an answer, body, page, text, links and items.
 * Runs inside the transaction that also changes the URL's state. An attempt without an answer leaves the page of an earlier
 * one as it is; a new answer replaces it, or takes it away if nothing of it can be kept (cut short, not to be decoded).
 * Bytes of a large page are empty afterwards: SQLite has them, body and text one after the other.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { Attempt } from '../model/attempt.ts';
import { release } from '../model/large-memory.ts';
import type { PageResult, ParsedPage } from '../model/page.ts';
import type { BodyTable } from './body-table.ts';
import { LARGE } from './large-values.ts';
import type { LargeValues } from './large-values.ts';

export class PageWriter {
  readonly #runId: number;
  readonly #bodies: BodyTable;
  readonly #insertFetch: Statement<(string | number | null)[]>;
  readonly #insertPage: Statement<(string | number | null)[]>;
  readonly #insertText: (pageId: number, text: Uint8Array) => void;
  readonly #insertLinks: Statement<[number, string]>;
  readonly #insertManyLinks: (pageId: number, links: Uint8Array) => void;
  readonly #insertItem: Statement<[number, string, string]>;
  readonly #oldPage: Statement<[number], number>;
  readonly #deleteOld: readonly Statement<[number]>[];

  constructor(db: Database, runId: number, bodies: BodyTable, values: LargeValues) {
    this.#runId = runId;
    this.#bodies = bodies;
    this.#insertFetch =
      db.prepare(`INSERT INTO fetch (url_id, attempt, run_id, started_at, status, error_class, error_code,
      error, dns_ms, connect_ms, ttfb_ms, total_ms, wait_ms, wire_bytes, decoded_bytes, headers, redirects, final_url, address,
      http_version, held_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertPage =
      db.prepare(`INSERT INTO page (id, url_id, body_id, content_type, title, description, h1, lang, canonical,
      charset, charset_source, words, parse_error, warning, links_total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertText = values.insertInto({ table: 'page_text', id: 'page_id', column: 'text', isText: true });
    this.#insertLinks = db.prepare('INSERT INTO page_link (page_id, links) VALUES (?, ?)');
    this.#insertManyLinks = values.insertInto({ table: 'page_link', id: 'page_id', column: 'links', isText: true });
    this.#insertItem = db.prepare('INSERT INTO item (page_id, dataset, fields) VALUES (?, ?, ?)');
    this.#oldPage = db.prepare<[number], number>('SELECT id FROM page WHERE url_id = ?').pluck();
    this.#deleteOld = [
      db.prepare('DELETE FROM item WHERE page_id = ?'),
      db.prepare('DELETE FROM page_text WHERE page_id = ?'),
      db.prepare('DELETE FROM page_link WHERE page_id = ?'),
      db.prepare('DELETE FROM page WHERE id = ?'),
    ];
  }

  /** Returns the bytes of body and text that were written. */
  write(result: PageResult): number {
    const { attempt, body, page } = result;
    const fetchId = this.#writeFetch(attempt, body?.decodedBytes ?? null);
    // Also where nothing of the new answer can be kept: what stands there would be taken for it.
    if (attempt.attempt > 1 && attempt.status !== null) this.#removeOldPage(attempt.urlId);
    if (body === null && page === null) return 0;
    const stored = body === null ? null : this.#bodies.store(body);
    // One that is stored already was not written, and is not needed either.
    if (body?.bytes && body.bytes.length >= LARGE) release(body.bytes);
    this.#writePage(fetchId, attempt.urlId, stored?.id ?? null, page);
    const text = page?.text ?? null;
    const written = (stored?.written ?? 0) + (text?.length ?? 0);
    if (text !== null) this.#insertText(fetchId, text);
    if (page !== null) {
      if (page.links instanceof Uint8Array) this.#insertManyLinks(fetchId, page.links);
      else if (page.links !== null && page.links !== '') this.#insertLinks.run(fetchId, page.links);
      for (const item of page.items) this.#insertItem.run(fetchId, item.dataset, JSON.stringify(item.fields));
    }
    return written;
  }

  #writeFetch(attempt: Attempt, decodedBytes: number | null): number {
    // Most answers come from the URL asked for: only redirected ones keep their final URL.
    const moved = attempt.redirects.length > 0;
    const inserted = this.#insertFetch.run(
      attempt.urlId,
      attempt.attempt,
      this.#runId,
      attempt.startedAt,
      attempt.status,
      attempt.errorClass,
      attempt.errorCode,
      attempt.error,
      attempt.dnsMs,
      attempt.connectMs,
      attempt.ttfbMs,
      attempt.totalMs,
      attempt.waitMs,
      attempt.wireBytes,
      decodedBytes,
      attempt.headers,
      moved ? JSON.stringify(attempt.redirects) : null,
      moved ? attempt.finalUrl : null,
      attempt.address,
      attempt.httpVersion,
      attempt.heldMs,
    );
    return Number(inserted.lastInsertRowid);
  }

  #writePage(pageId: number, urlId: number, bodyId: number | null, page: ParsedPage | null): void {
    this.#insertPage.run(
      pageId,
      urlId,
      bodyId,
      page?.contentType ?? null,
      page?.title ?? null,
      page?.description ?? null,
      page?.h1 ?? null,
      page?.lang ?? null,
      page?.canonical ?? null,
      page?.charset ?? null,
      page?.charsetSource ?? null,
      page?.words ?? null,
      page?.parseError ?? null,
      page?.warning ?? null,
      page === null || page.links === null ? null : page.linksTotal,
    );
  }

  #removeOldPage(urlId: number): void {
    const old = this.#oldPage.get(urlId);
    if (old === undefined) return;
    for (const statement of this.#deleteOld) statement.run(old);
  }
}
