/**
 * What a running crawl tells the outside: events for `--json` and the per-URL lines, a snapshot for the progress line, a
 * summary at the end. Plain data; the engine makes it, `report/` and `cli/` show it.
 */
import type { Gauge } from './gauge.ts';
import type { Progress, RunState, SettledRow } from './ports.ts';

/** The stages with their arrows, in flow order. */
export interface PipelineGauges {
  /** Seeds read and on their way to the store. */
  readonly import: Gauge;
  /** URLs ready now (the host schedule's window). */
  readonly ready: Gauge;
  /** Fetches in flight: capacity = permits. */
  readonly fetch: Gauge;
  /** Fetched pages waiting for a parser thread. */
  readonly parse: Gauge;
  /** Item credits: pages between the start of the fetch and the commit. */
  readonly window: Gauge;
  /** Body bytes between fetch and commit. */
  readonly bytes: Gauge;
}

/** What a run waits for while nothing is settled. */
export interface Holding {
  /**
   * `host`: the pause or delay of a host; `retry`: the back-off of a failed URL; `turn`: a redirect that waits for another
   * host; `connect`, `headers`, `body`: a fetch; `parse`, `store`: a page behind it; `robots`: a
   * robots.txt; `import`: a list that says nothing.
   */
  readonly stage: 'host' | 'retry' | 'turn' | 'connect' | 'headers' | 'body' | 'parse' | 'store' | 'robots' | 'import';
  /** The URL, or for `import` the list; `null` = not known. */
  readonly url: string | null;
  readonly host: string | null;
  /** For how long it has been at that stage, ms; where nobody counts that, for how long nothing was settled. */
  readonly sinceMs: number;
  /** When the wait is over (ms since 1970), where that is known. */
  readonly until: number | null;
}

export interface ProgressSnapshot {
  readonly elapsedMs: number;
  readonly urls: Progress['urls'];
  /** Settled by this run. */
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
  /** Over the last 5 seconds. */
  readonly pagesPerSecond: number;
  /** Bytes on the wire, this run. */
  readonly wireBytes: number;
  /** Estimated ms to the end; `null` while the import still runs or nothing has been settled. */
  readonly etaMs: number | null;
  readonly importing: boolean;
  readonly draining: boolean;
  /** Nothing new is started for want of disk space. */
  readonly paused: boolean;
  readonly gauges: PipelineGauges;
  /** What everything waits for; `null` while the run goes on. */
  readonly holding: Holding | null;
}

/** What held the run back most of the time. */
export type Bottleneck = 'network' | 'politeness' | 'concurrency' | 'parsing' | 'storage' | 'input' | 'nothing';

export interface RunSummary {
  readonly runId: number;
  readonly output: string;
  readonly state: RunState;
  /** Why it stopped, for `stopped`, `limit` and `failed`. */
  readonly reason: string | null;
  readonly startedAt: number;
  readonly totalMs: number;
  /** Answers and other ends committed by this run. */
  readonly settled: {
    readonly done: number;
    readonly failed: number;
    readonly skipped: number;
    readonly retries: number;
  };
  /** Attempts made by this run. */
  readonly fetches: number;
  readonly pagesPerSecond: number;
  readonly wireBytes: number;
  readonly decodedBytes: number;
  /** Both books, over the whole file. */
  readonly progress: Progress;
  readonly bottleneck: Bottleneck;
  /** One sentence; names the flag where a default is what bounds the run. */
  readonly bottleneckAdvice: string;
  readonly gauges: PipelineGauges;
  readonly peakRssBytes: number;
  /** True when the file already held every URL of the list, settled, and nothing was fetched. */
  readonly nothingToDo: boolean;
  /** False when another process reads the file: `-wal` belongs to it. */
  readonly portable: boolean;
  readonly warnings: readonly string[];
}

export type CrawlEvent =
  | {
      readonly type: 'run-started';
      readonly at: number;
      readonly runId: number;
      readonly output: string;
      readonly resumed: boolean;
      readonly urls: Progress['urls'];
    }
  | { readonly type: 'fetch-started'; readonly at: number; readonly url: string; readonly attempt: number }
  /** After the commit of an attempt: `row.state` 'queued' = will be retried. */
  | { readonly type: 'url'; readonly at: number; readonly row: SettledRow }
  | { readonly type: 'progress'; readonly at: number; readonly progress: ProgressSnapshot }
  /** Nothing new is started until `resumed`; what is in flight goes on. */
  | { readonly type: 'paused'; readonly at: number; readonly reason: string }
  | { readonly type: 'resumed'; readonly at: number }
  /** `-c auto` found another number of fetches in flight. */
  | { readonly type: 'concurrency'; readonly at: number; readonly permits: number; readonly reason: string }
  | { readonly type: 'warning'; readonly at: number; readonly message: string }
  | { readonly type: 'run-ended'; readonly at: number; readonly summary: RunSummary };
