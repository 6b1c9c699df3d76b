/**
 * The effective settings of a run: every option resolved, units parsed, defaults applied. Made once by `config/`,
 * handed to `engine/`, which gives each stage its own small part. Times are integer ms, sizes integer bytes.
 */
import type { ExtractDataset } from './extract-rule.ts';
import type { ParseMode } from './page.ts';

export interface InputSettings {
  /** URL lists: paths (absolute), or '-' for stdin. */
  readonly urls: readonly string[];
  /** URLs given directly, on the command line or by the library. */
  readonly seeds: readonly string[];
  readonly urlPattern: readonly string[];
  /** Column of a CSV/TSV/JSONL list: a header name or a 1-based number; `null` = by header `url`, else the first that holds URLs. */
  readonly urlColumn: string | number | null;
  readonly add: boolean;
  readonly strict: boolean;
}

export interface FetchSettings {
  /** Fetches in flight; 'auto' finds the number (`engine/auto-concurrency.ts`). */
  readonly concurrency: number | 'auto';
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Bytes, decoded. */
  readonly maxSize: number;
  readonly headers: Readonly<Record<string, string>>;
  /** By origin pattern (`url/origin-rules.ts`). */
  readonly originHeaders: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly userAgent: string;
  /** Keep the cookies that servers set, for the length of the run. */
  readonly cookies: boolean;
  /** URL of the proxy for all requests, user name and password in it; `null` = none. */
  readonly proxy: string | null;
  readonly insecure: boolean;
  readonly http1: boolean;
}

/** What is said of single hosts; a missing key is as for all others. */
export interface HostRule {
  readonly perHost?: number;
  readonly delayMs?: number;
  readonly rate?: number;
  readonly jitter?: number;
  /** Accept any certificate of this host; `false` also where `FetchSettings.insecure` is set. */
  readonly insecure?: boolean;
}

export interface PolitenessSettings {
  /** Obey robots.txt. */
  readonly robots: boolean;
  /** `null` = by address: 2 for public hosts, 16 for private ones that the user listed. */
  readonly perHost: number | null;
  /** Start to start, ms; `null` = by address: 100 for public hosts, 0 for private ones. */
  readonly delayMs: number | null;
  /** Starts per second and host; `null` = no such limit. */
  readonly rate: number | null;
  /** Share of the delay that is added at random: 0 to 1. */
  readonly jitter: number;
  /** By host pattern (`url/host-rules.ts`). */
  readonly hosts: Readonly<Record<string, HostRule>>;
  /** Redirects may lead to private addresses that were not listed. */
  readonly allowPrivate: boolean;
}

export interface ParseSettings {
  readonly mode: ParseMode;
  /** Parser threads; `null` = as many as suit the cores and the mode (`parser-placement.ts`). */
  readonly parsers: number | null;
  readonly links: 'all' | 'internal' | 'none';
  readonly text: boolean;
  readonly extract: readonly ExtractDataset[];
}

export interface StorageSettings {
  /** Database file, absolute. */
  readonly output: string;
  readonly bodies: 'packed' | 'plain' | 'none';
  readonly durable: boolean;
  /** Bytes that stay free on the disk of the output: below, the run pauses; 0 = no floor. */
  readonly minFree: number;
  readonly fresh: boolean;
  readonly force: boolean;
}

export interface LimitSettings {
  readonly maxPages: number | null;
  readonly maxBytes: number | null;
  readonly maxTimeMs: number | null;
}

export interface PipelineSettings {
  /** Capacity of the queue of URLs that are ready to be fetched. */
  readonly queueSize: number;
  /** Fetched pages between fetch and commit, beside those in flight. */
  readonly pageQueue: number;
  /** Body bytes between fetch and commit. */
  readonly bytesInFlight: number;
}

export interface Settings {
  readonly input: InputSettings;
  readonly fetch: FetchSettings;
  readonly politeness: PolitenessSettings;
  readonly parse: ParseSettings;
  readonly storage: StorageSettings;
  readonly limits: LimitSettings;
  readonly pipeline: PipelineSettings;
}
