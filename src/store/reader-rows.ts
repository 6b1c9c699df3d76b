/** What the reader's methods return: plain rows, times as ms unless they say otherwise. */
import type { Progress, RunState } from '../model/ports.ts';
import type { SourceBook, UrlBook, UrlState } from '../model/url-state.ts';

export interface SizeRow {
  readonly url: string;
  /** Decoded body. */
  readonly bytes: number;
  readonly fetchedAt: string;
}

/** One failed attempt. */
export interface ErrorRow {
  readonly url: string;
  readonly attempt: number;
  readonly status: number | null;
  readonly errorClass: string;
  readonly error: string | null;
  /** ISO-8601 UTC. */
  readonly at: string;
}

export interface HostRow {
  readonly host: string;
  readonly urls: number;
  readonly queued: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly attempts: number;
}

export interface RunRow {
  readonly id: number;
  /** ms since 1970 UTC. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: RunState;
  readonly reason: string | null;
  readonly argv: readonly string[];
  /** Effective settings as JSON. */
  readonly config: string;
  readonly versions: string;
  readonly pid: number;
  readonly hostname: string;
  readonly fetches: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly retries: number;
  readonly wireBytes: number;
  readonly decodedBytes: number;
}

export interface UrlRow {
  readonly id: number;
  readonly url: string;
  readonly state: UrlState;
  readonly reason: string | null;
  readonly depth: number;
  readonly attempts: number;
}

export interface ReaderSummary {
  readonly urls: UrlBook;
  readonly sources: readonly SourceBook[];
  readonly reasons: Progress['reasons'];
  readonly hosts: number;
  readonly decodedBytes: number;
  readonly lastRun: RunRow | null;
}
