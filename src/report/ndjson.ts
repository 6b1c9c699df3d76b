/**
 * Report: events as JSON lines, for `--json`. In: an event of the engine. Out: one line of JSON with `type` and `at`
 * first; times are ISO 8601 UTC, names as in the library's types, every event flat. `event-schema.ts` describes them.
 */
import type { CrawlEvent } from '../model/events.ts';
import { safeJson } from './escape.ts';

/** One line, without its line break. Every control character is escaped, so a line is always one event. */
export function eventLine(event: CrawlEvent): string {
  return safeJson({ type: event.type, at: iso(event.at), ...body(event) });
}

function body(event: CrawlEvent): object {
  switch (event.type) {
    case 'url': {
      const { row } = event;
      return { ...row, startedAt: iso(row.startedAt), notBefore: row.notBefore === null ? null : iso(row.notBefore) };
    }
    case 'progress': {
      const { holding } = event.progress;
      const until = holding === null || holding.until === null ? null : iso(holding.until);
      return { ...event.progress, holding: holding === null ? null : { ...holding, until } };
    }
    case 'run-ended':
      return { ...event.summary, startedAt: iso(event.summary.startedAt) };
    case 'run-started':
      return { runId: event.runId, output: event.output, resumed: event.resumed, urls: event.urls };
    case 'fetch-started':
      return { url: event.url, attempt: event.attempt };
    case 'paused':
      return { reason: event.reason };
    case 'concurrency':
      return { permits: event.permits, reason: event.reason };
    case 'resumed':
      return {};
    default:
      return { message: event.message };
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
