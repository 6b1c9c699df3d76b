/**
 * What became of one URL: the value that the library yields. What may happen to a URL is never an exception.
 */
import type { ErrorClass, SkipReason } from './error-codes.ts';

export interface OutcomeBase {
  /** Canonical URL as it was asked for. */
  readonly url: string;
  /** Attempts made so far, over all runs. */
  readonly attempts: number;
  readonly depth: number;
}

interface Answered extends OutcomeBase {
  /** Where the body came from after redirects. */
  readonly finalUrl: string;
  readonly status: number;
  readonly contentType: string | null;
  /** Size of the decoded body. */
  readonly bytes: number;
  /** SHA-256 of the decoded body, hex. */
  readonly sha256: string;
  readonly title: string | null;
  readonly charset: string | null;
  readonly words: number | null;
  /** Duration of the last attempt, ms. */
  readonly totalMs: number;
  readonly fetchedAt: Date;
  /** The decoded bytes, read from the file. @throws {CrawlError} `ERR_NOT_FOUND` with `bodies: 'none'`. */
  body(): Promise<Uint8Array>;
  /** The body as text, by the page's charset. @throws {CrawlError} as `body`. */
  text(): Promise<string>;
}

/** An answer with 2xx or 304, whatever parsing did with it. */
export interface Done extends Answered {
  readonly kind: 'done';
  readonly parseError: ErrorClass | null;
}

/** Any other end. An answered failure (4xx, 5xx) keeps its body. */
export interface Failed extends OutcomeBase {
  readonly kind: 'failed';
  readonly errorClass: ErrorClass;
  /** One line for people. */
  readonly error: string;
  /** `null` where there was no answer. */
  readonly status: number | null;
  /** 0 without a body. */
  readonly bytes: number;
  readonly body: (() => Promise<Uint8Array>) | null;
}

/** Never asked. */
export interface Skipped extends OutcomeBase {
  readonly kind: 'skipped';
  readonly reason: SkipReason;
}

export type Outcome = Done | Failed | Skipped;
