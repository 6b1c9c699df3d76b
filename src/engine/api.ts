/**
 * The face of the engine towards `cli/` and the library: settings and hooks in, a running crawl out.
 */
import type { CrawlEvent, ProgressSnapshot, RunSummary } from '../model/events.ts';
import type { RetryFilter } from '../model/ports.ts';

export interface EngineHooks {
  /** Recorded in the `run` table. */
  readonly argv: readonly string[];
  /** Effective settings as JSON with secrets redacted, recorded in the `run` table. */
  readonly configJson: string;
  /** `rows`: events of type 'url' carry every settled URL. `counts` is cheaper. */
  readonly detail: 'counts' | 'rows';
  readonly onEvent?: ((event: CrawlEvent) => void) | undefined;
  /** `crawl retry`: puts matching failed URLs back before the run starts. */
  readonly retry?: RetryFilter | undefined;
  /** Awaited before the credits of a commit return: a slow consumer slows the crawl (library). */
  readonly afterRows?: (() => Promise<void>) | undefined;
}

export interface CrawlRun {
  /** Resolves once the file is closed. Rejects with `StoreError` (exit 5) or `ConfigError` (exit 2). */
  readonly result: Promise<RunSummary>;
  progress(): ProgressSnapshot;
  /** First Ctrl-C: no new fetches; what is in flight finishes (at most 10 s), then everything is committed. */
  drain(reason: string): void;
  /** Second Ctrl-C: fetches in flight are aborted (they stay queued); what has been fetched is committed. */
  abort(reason: string): void;
}
