/** What an export reads: stored pages in the order of their URLs' ids, and where they come from. */
import type { UrlState } from './url-state.ts';

/** A URL's latest answer, without its body. */
export interface StoredPage {
  readonly urlId: number;
  /** Canonical. */
  readonly url: string;
  readonly state: UrlState;
  readonly status: number;
  /** As the server wrote it. */
  readonly contentType: string | null;
  readonly title: string | null;
  /** `null`: the answer had no complete body. */
  readonly bodyId: number | null;
  /** Hex, of the decoded body. */
  readonly sha256: string | null;
  /** ms since 1970 UTC. */
  readonly fetchedAt: number;
  /** The other columns of the list's line that brought the URL, as a JSON object. */
  readonly columns: string | null;
}

/** Each call is one short read, so that a crawl that writes the same file is not held up. */
export interface PageSource {
  /** The largest id of a URL with an answer; 0 where there is none. */
  lastPage(): number;
  /** Pages with ids in (`after`, `upTo`], ascending, at most about a hundred. Empty: there are no more. */
  pages(after: number, upTo: number): readonly StoredPage[];
  /** The decoded body; `null` where it is not kept (--bodies none). @throws {StoreError} when it is damaged. */
  bodyBytes(bodyId: number): Uint8Array | null;
}
