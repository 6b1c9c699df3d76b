/**
 * Laboratory: a real run of the engine over a list, into a temporary file. In: options of `crawl`. Out: what became of each
 * URL, the summary, and one lane a fetcher.
 */
import { crawl } from '../../engine/library.ts';
import type { CrawlOptions } from '../../engine/library-options.ts';
import type { RunSummary } from '../../model/events.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Lane, Span } from './lanes.ts';

export interface EngineRun {
  readonly outcomes: readonly Outcome[];
  readonly summary: RunSummary;
  /** From the first start of a fetch to the last end. */
  readonly fetchMs: number;
  /** From the start of the first fetch. */
  readonly lanes: readonly Lane[];
}

interface Fetch {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** As many at once to a host as in all, no robots.txt, no retries, unless told otherwise. Lanes are named `NAME 1`, … */
export async function runEngine(name: string, options: CrawlOptions & { concurrency: number }): Promise<EngineRun> {
  const { concurrency } = options;
  const run = crawl({ perHost: concurrency, delay: 0, robots: false, retries: 0, ...options });
  const outcomes: Outcome[] = [];
  for await (const outcome of run) outcomes.push(outcome);
  const fetches = outcomes.flatMap((outcome): Fetch[] => {
    if (outcome.kind !== 'done') return [];
    const from = outcome.fetchedAt.getTime();
    return [{ from, to: from + outcome.totalMs, label: new URL(outcome.url).pathname }];
  });
  const start = Math.min(...fetches.map(({ from }) => from));
  const end = Math.max(start, ...fetches.map(({ to }) => to));
  return {
    outcomes,
    summary: await run.summary,
    fetchMs: end - start,
    lanes: lanesOf(name, fetches, concurrency, start),
  };
}

/** Which of the fetchers it was is nowhere written: each fetch goes to the one that has been free for longest. */
function lanesOf(name: string, fetches: readonly Fetch[], fetchers: number, start: number): Lane[] {
  const lanes = Array.from({ length: Math.min(fetchers, fetches.length) }, (): Span[] => []);
  const freeAt = (spans: readonly Span[]): number => spans.at(-1)?.to ?? -1;
  for (const { from, to, label } of fetches.toSorted((a, b) => a.from - b.from)) {
    const spans = lanes.reduce((best, other) => (freeAt(other) < freeAt(best) ? other : best));
    // Times are whole milliseconds: one that seems to begin before the other ended began with its end.
    const begin = Math.max(from - start, freeAt(spans));
    spans.push({ from: begin, to: Math.max(begin, to - start), kind: 'works', label });
  }
  return lanes.map((spans, index) => ({ name: `${name} ${index + 1}`, spans }));
}
