/**
 * weir-crawl: a list of URLs goes in, one SQLite file comes out.
 *
 * The public API: `crawl`, the types of its options and outcomes, the errors it throws.
 */
export { crawl, type Crawl } from './engine/library.ts';
export type { CrawlOptions } from './engine/library-options.ts';
export {
  ERROR_CLASSES,
  type ErrorClass,
  type ErrorClassInfo,
  type RetryRule,
  type SkipReason,
} from './model/error-codes.ts';
export { CancelledError, ConfigError, CrawlError, StoreError, type CrawlErrorCode } from './model/errors.ts';
export type { Bottleneck, PipelineGauges, RunSummary } from './model/events.ts';
export type { Gauge } from './model/gauge.ts';
export type { Done, Failed, Outcome, OutcomeBase, Skipped } from './model/outcome.ts';
export type { Progress, RunState } from './model/ports.ts';
export type { SourceBook, UrlBook } from './model/url-state.ts';
