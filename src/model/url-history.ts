/**
 * Everything that one database knows of one URL: what `crawl explain` tells, and, with times as ISO 8601 text, what its
 * `--json` writes. Read by `store/`, told by `report/`. Times are ms since 1970 UTC, sizes bytes, durations ms.
 */
import type { RedirectHop } from './attempt.ts';
import type { UrlState } from './url-state.ts';

/** A line of a list. */
export interface InputLine {
  /** The list's path, a pattern, or `-` for stdin. */
  readonly source: string;
  readonly line: number;
  /** The line's other columns, where the list has any. */
  readonly columns: Readonly<Record<string, unknown>> | null;
}

/** One attempt, as the `fetch` table has it; `null` = that did not happen. */
export interface AttemptHistory {
  readonly attempt: number;
  readonly runId: number;
  readonly startedAt: number;
  readonly waitMs: number;
  /** Within the attempt, not in `totalMs`: the crawler held it back or stood still. */
  readonly heldMs: number;
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly ttfbMs: number | null;
  readonly totalMs: number;
  readonly address: string | null;
  readonly httpVersion: string | null;
  readonly status: number | null;
  /** The server's own words on when to come back. */
  readonly retryAfter: string | null;
  readonly errorClass: string | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly wireBytes: number;
  readonly decodedBytes: number | null;
  readonly contentEncoding: string | null;
  readonly redirects: readonly RedirectHop[];
  readonly finalUrl: string | null;
}

/** What became of the latest answer. */
export interface PageHistory {
  readonly attempt: number;
  readonly contentType: string | null;
  readonly title: string | null;
  readonly charset: string | null;
  readonly charsetSource: string | null;
  readonly words: number | null;
  readonly parseError: string | null;
  readonly warning: string | null;
  /** Distinct links on the page, and how many of them are kept; `null` = not parsed for links. */
  readonly linksTotal: number | null;
  readonly linksKept: number;
  readonly items: number;
  /** Hex; `null` without a body. */
  readonly sha256: string | null;
  readonly bytes: number | null;
  /** How the body is coded in the file, and its size there; `null` = it is not kept. */
  readonly encoding: string | null;
  readonly storedBytes: number | null;
  /** Other URLs with the very same body: how many, and the first few. */
  readonly sameBody: { readonly count: number; readonly urls: readonly string[] };
}

export interface UrlHistory {
  readonly url: string;
  readonly state: UrlState;
  readonly reason: string | null;
  readonly depth: number;
  /** The line that brought it; `null` for a URL found on a page. */
  readonly listed: InputLine | null;
  /** Further lines with the same URL, the first few. */
  readonly listedAgain: readonly InputLine[];
  /** The page it was found on. */
  readonly referrer: string | null;
  readonly host: {
    readonly name: string;
    /** The host asked to be left alone until then. */
    readonly pausedUntil: number | null;
  };
  /** A queued URL that waits for its next attempt. */
  readonly retryAt: number | null;
  /** Attempts of the present round: `crawl retry` starts a new one. */
  readonly roundAttempts: number;
  /** All attempts of all runs, in the order of their starts. */
  readonly attempts: readonly AttemptHistory[];
  readonly page: PageHistory | null;
}

/** A text of a list that is no URL. */
export interface RejectedHistory {
  readonly text: string;
  readonly reason: string;
  readonly lines: readonly InputLine[];
}
