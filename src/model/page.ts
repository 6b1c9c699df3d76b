/**
 * What crosses from the fetch stage to the parser threads (`FetchedPage`) and from there to the store (`PageResult`).
 * Bodies cross by transfer, pages in batches of about 16; the store's commit acknowledgement ends their journey.
 */
import type { AttemptResult } from './attempt.ts';
import type { ErrorClass } from './error-codes.ts';
import type { Settlement } from './url-state.ts';

/** How much of a page is parsed: `none` still decodes, hashes and counts bytes. */
export type ParseMode = 'full' | 'links' | 'none';

/** Content codings a body can be stored under. */
export type BodyEncoding = 'identity' | 'gzip' | 'deflate' | 'deflate-raw' | 'br' | 'zstd';

export interface FetchedPage extends AttemptResult {
  /** The body as it came over the wire (may be empty). Its buffer is transferred: the sender must not keep it. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Raw Content-Type value, or `null`. */
  readonly contentType: string | null;
  /** Raw Content-Encoding value, or `null`. */
  readonly contentEncoding: string | null;
  /** Base for relative links: the final URL. */
  readonly baseUrl: string;
  /** Overrides the run's parse mode: `none` for the second fetch of a page whose parsing killed its thread. */
  readonly parse?: ParseMode | undefined;
  /** Stored as the page's `parse_error` in that case. */
  readonly parseError?: ErrorClass | undefined;
  /**
   * What happens to the URL if the body of a success does not decode (class `decode`): computed by the sender, who knows the policy.
   */
  readonly ifUndecodable: Settlement;
}

/** One distinct link of a page. */
export interface PageLink {
  /** Absolute, canonical, without fragment. */
  readonly to: string;
  /** Visible text of the first occurrence, white space collapsed, at most 200 characters. */
  readonly anchor: string;
  readonly rel: string | null;
  /** Occurrences on the page. */
  readonly n: number;
}

/** Decoded body: content-addressed by the SHA-256 of the decoded bytes. */
export interface PageBody {
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** Size after decoding. */
  readonly decodedBytes: number;
  readonly encoding: BodyEncoding;
  /** Bytes to store, under `encoding`; `null` with `--bodies none`. */
  readonly bytes: Uint8Array | null;
}

/** How the charset was found. */
export type CharsetSource = 'bom' | 'header' | 'meta' | 'detected' | 'default';

/** What the parser found out about a page; all `null` where it was not parsed (not HTML, `--parse none`). */
export interface ParsedPage {
  readonly contentType: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly h1: string | null;
  readonly lang: string | null;
  readonly canonical: string | null;
  readonly charset: string | null;
  readonly charsetSource: CharsetSource | null;
  /** Words of the visible text; `null` where there is no text. */
  readonly words: number | null;
  /**
   * Visible text, white space collapsed, as UTF-8 in a buffer of its own: it is transferred, and a database stores these
   * very bytes. `null` with `--no-text` or `--parse links|none`.
   */
  readonly text: Uint8Array | null;
  readonly parseError: ErrorClass | null;
  /** A remark that is not an error: trailing garbage after gzip, replaced characters, capped links. */
  readonly warning: string | null;
  /**
   * `null`: not parsed. Else the page's distinct links in document order, as JSON (`packed-links.ts`); where that is large, in UTF-8
   * in a buffer of its own, which is transferred.
   */
  readonly links: string | Uint8Array | null;
  /** Distinct links found before any cap; how many `links` holds unless capped or filtered. */
  readonly linksTotal: number;
  /** Extracted rows, one or more per data set (`extract:` of the config). */
  readonly items: readonly ExtractedItem[];
}

export interface ExtractedItem {
  /** Data set name: becomes a view of that name. */
  readonly dataset: string;
  /** Field name → text, list of texts, or null where nothing matched. */
  readonly fields: Readonly<Record<string, string | readonly string[] | null>>;
}

/**
 * What the store commits for one attempt: with a body and page where there was an answer, without where there was none. Of an error
 * page whose body does not decode there is a page without a body.
 */
export interface PageResult extends AttemptResult {
  readonly body: PageBody | null;
  readonly page: ParsedPage | null;
}
