/**
 * The two ports of the pipeline towards storage. Everything the engine asks of a database goes through them, in batches:
 * neither is ever called once per page. Every implementation passes the contract suite (`test/support/store-contract.ts`).
 *
 * Invariants an implementation keeps: a claim writes nothing; a result applies only where the URL is still queued and has
 * made `attempt − 1` attempts; page, body, links, attempt and state of one result commit together or not at all.
 */
import type { Gauge } from './gauge.ts';
import type { HostEntry, Lease } from './lease.ts';
import type { BodyEncoding, PageResult } from './page.ts';
import type { SeedLine, SourceIdentity, SourcePosition } from './seed.ts';
import type { OriginRecord } from './robots.ts';
import type { SourceBook, UrlBook } from './url-state.ts';
import type { SkipReason } from './error-codes.ts';

export interface EnqueueRequest {
  readonly sourceId: number;
  readonly lines: readonly SeedLine[];
  readonly position: SourcePosition;
  readonly last: boolean;
  /** The last of these lines whose URL had a user name or password (which are not among them); 0 = none. */
  readonly passwordLine?: number;
}

export interface EnqueueReceipt {
  readonly book: SourceBook;
  readonly urls: UrlBook;
  /** Hosts with claimable URLs that nobody holds: a reason to call `claim`. */
  readonly readyHosts: number;
}

export interface ClaimRequest {
  /** Hosts already held that run low, each with how many more leases are wanted. */
  readonly refill: readonly { readonly hostId: number; readonly want: number }[];
  /** At most this many hosts not yet held are handed out… */
  readonly newHosts: number;
  /** …with at most this many leases each. */
  readonly perNewHost: number;
  /** Upper bound of all leases in the answer. */
  readonly max: number;
}

export interface Claim {
  readonly leases: readonly Lease[];
  readonly newHosts: readonly HostEntry[];
  /**
   * Hosts (refilled or new) for which nothing more can be claimed now. The store takes them back: when they get work again
   * (new URLs, a retry that falls due) they are handed out anew as new hosts.
   */
  readonly exhausted: readonly number[];
  /** Hosts that could still be claimed. */
  readonly readyHosts: number;
  /** Wall-clock ms at which the next waiting retry of a host not held falls due; `null` = none waits. */
  readonly nextDueAt: number | null;
}

/** One URL as it stands after a commit; only sent where someone listens (`detail: 'rows'`). */
export interface SettledRow {
  readonly urlId: number;
  readonly url: string;
  readonly state: 'done' | 'failed' | 'skipped' | 'queued';
  readonly reason: string | null;
  readonly attempt: number;
  readonly depth: number;
  readonly status: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly finalUrl: string | null;
  readonly contentType: string | null;
  readonly bytes: number | null;
  readonly wireBytes: number;
  /** Hex, or `null` without a body. */
  readonly sha256: string | null;
  readonly title: string | null;
  readonly charset: string | null;
  readonly words: number | null;
  readonly parseError: string | null;
  readonly totalMs: number;
  readonly startedAt: number;
  /** Where the retry may start, for state `queued`. */
  readonly notBefore: number | null;
}

export interface CommitAck {
  /** URLs whose results are now on disk (or were refused as stale): their window credits come back. */
  readonly urlIds: readonly number[];
  readonly urls: UrlBook;
  readonly readyHosts: number;
  readonly nextDueAt: number | null;
  /** Rows committed and bytes written by this transaction, and how long it took (ms). */
  readonly rows: number;
  readonly bytes: number;
  readonly ms: number;
  /** `null` unless the store was opened with `detail: 'rows'`. */
  readonly settled: readonly SettledRow[] | null;
}

export interface Progress {
  readonly urls: UrlBook;
  readonly sources: readonly SourceBook[];
  readonly readyHosts: number;
  readonly nextDueAt: number | null;
  /** Failed URLs of this database by error class, skipped ones by reason. */
  readonly reasons: readonly {
    readonly state: 'failed' | 'skipped';
    readonly reason: string;
    readonly count: number;
  }[];
  readonly decodedBytes: number;
  readonly hosts: number;
}

/** The host that can be handed out next, and the URL that it will begin with. */
export interface NextDue {
  readonly host: string;
  readonly url: string | null;
  /** That URL has been tried before; else its host is to be left alone until then. */
  readonly isRetry: boolean;
}

export interface Frontier {
  enqueue(request: EnqueueRequest): Promise<EnqueueReceipt>;
  claim(request: ClaimRequest): Promise<Claim>;
  /** Resolves when the results are on disk. Results are committed in batches (500 rows, 8 MB or 250 ms). */
  commit(results: readonly PageResult[]): Promise<void>;
  progress(): Promise<Progress>;
  /** Whom `nextDueAt` is about; `null` = no host waits for a time. */
  nextDue(): Promise<NextDue | null>;
}

export interface RunRecord {
  readonly argv: readonly string[];
  /** Effective settings as JSON, secrets redacted. */
  readonly config: string;
  readonly versions: string;
  readonly pid: number;
  readonly hostname: string;
}

export type RunState = 'running' | 'finished' | 'stopped' | 'limit' | 'failed';

export interface OpenSource {
  readonly sourceId: number;
  /** Where to go on; `complete` = this very source was read to its end before. */
  readonly position: SourcePosition;
  readonly complete: boolean;
}

/** A source that an earlier run has read. */
export interface KnownSource extends SourceIdentity {
  readonly sourceId: number;
  readonly complete: boolean;
  /** The last line read whose URL had a user name or password; 0 = none. */
  readonly passwordLine: number;
}

export interface StoredBody {
  readonly urlId: number;
  readonly sha256: string;
  readonly decodedBytes: number;
  readonly encoding: BodyEncoding;
  readonly bytes: Uint8Array;
  readonly charset: string | null;
  readonly text: string | null;
}

/** What a `retry` selects; all criteria given must hold. No criterion = every failed URL. */
export interface RetryFilter {
  readonly errorClass?: string | undefined;
  /** '404', '5xx', '500-599'. */
  readonly status?: string | undefined;
  readonly host?: string | undefined;
}

/** One second of one stage, for `stage_stat`. */
export interface StageSample {
  readonly second: number;
  readonly stage: string;
  readonly gauge: Gauge;
  /** What was decided about the stage in this second; `null` = nothing. */
  readonly note: string | null;
}

export interface OpenInfo {
  readonly runId: number;
  /** False when this run made the file. */
  readonly existed: boolean;
  readonly urls: UrlBook;
  /** Hosts that an earlier run was asked to leave alone, with the wall-clock ms until which that still holds. */
  readonly paused: readonly { readonly host: string; readonly notBefore: number }[];
  readonly sources: readonly KnownSource[];
  /** Effective settings of the last run as JSON; `null` in a new file. */
  readonly lastConfig: string | null;
}

export interface Store extends Frontier {
  /** Knows a source again by kind, name and fingerprint, or registers it. */
  openSource(identity: SourceIdentity, keepColumns: boolean): Promise<OpenSource>;
  /** Puts failed URLs back in the queue with a new round of retries; resolves to how many. */
  requeue(filter: RetryFilter): Promise<number>;
  /** Settles queued URLs that will never be asked, in one transaction; those that are not queued any more are left alone. */
  skip(urlIds: readonly number[], reason: SkipReason): Promise<CommitAck>;
  /** What is known of the robots.txt of these origins; those that were never asked are missing. */
  loadOrigins(origins: readonly string[]): Promise<OriginRecord[]>;
  /** Keeps what origins answered, in place of earlier answers. */
  saveOrigins(records: readonly OriginRecord[]): Promise<void>;
  /** Whether a source has brought a URL of this host (as in URLs) and port. Seldom asked: see the fetch stage's guard. */
  isListed(host: string, port: number): Promise<boolean>;
  readBody(urlId: number): Promise<StoredBody | null>;
  recordStages(samples: readonly StageSample[]): Promise<void>;
  /** Commits what is pending, records how the run ended, leaves one portable file. `portable: false` = a reader kept the WAL. */
  close(state: RunState, reason: string | null): Promise<{ portable: boolean }>;
}

export interface StoreOptions {
  /** Database file, absolute path. */
  readonly file: string;
  readonly run: RunRecord;
  /** `packed`: as received or zstd. `plain`: decoded, readable in any SQLite tool. `none`: sizes and digests only. */
  readonly bodies: 'packed' | 'plain' | 'none';
  /** fsync at every commit (`synchronous=FULL`). */
  readonly durable: boolean;
  /** Start over: the old file is removed first (the caller has checked `--force`). */
  readonly fresh: boolean;
  /** Whether acks carry `SettledRow`s. */
  readonly detail: 'counts' | 'rows';
  /** Data sets of the extraction rules with their fields: one view each. */
  readonly datasets: readonly { readonly name: string; readonly fields: readonly string[] }[];
}
