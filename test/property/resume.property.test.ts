/**
 * Resume: whatever sequence of interruptions a crawl has been through, it ends in the set of (url, state, status, sha256) and
 * links of an uninterrupted one, and nothing that was settled is asked again. Interruptions come when the server has seen, or
 * the loop has been given, a random number of pages: by the caller's signal (nothing more is waited for) or by leaving the loop.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crawl, type CrawlOptions } from '../../src/index.ts';
import { outcomeSet, snapshotOf } from '../support/database-snapshot.ts';
import { effort } from '../support/effort.ts';
import { pageSha256, startLatencyServer, type LatencyServer, type PlannedAnswer } from '../support/latency-server.ts';
import { temporaryFolder } from '../support/store-fixtures.ts';

const MOST = 60;

type Kind = 'page' | 'gone' | 'broken' | 'fails-once' | 'redirect';

interface Interruption {
  readonly how: 'signal' | 'break';
  /** Requests at the server, or outcomes in the loop. */
  readonly after: number;
}

const kinds: fc.Arbitrary<Kind[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Kind>('page') },
    { weight: 1, arbitrary: fc.constantFrom<Kind>('gone', 'broken', 'fails-once', 'redirect') },
  ),
  { minLength: 1, maxLength: MOST },
);
const interruptions: fc.Arbitrary<Interruption[]> = fc.array(
  fc.record({ how: fc.constantFrom<Interruption['how']>('signal', 'break'), after: fc.integer({ min: 1, max: 20 }) }),
  { maxLength: 3 },
);

let server: LatencyServer;
let site: readonly Kind[] = [];

beforeAll(async () => {
  server = await startLatencyServer({
    pages: 2 * MOST,
    hosts: ['a.localhost', 'b.localhost', 'c.localhost'],
    latencyMs: (n) => (n * 7) % 5,
    answer,
  });
});

afterAll(() => server.close());

function answer(n: number, hit: number): PlannedAnswer | null {
  switch (site[n]) {
    case 'gone':
      return { status: 410, body: 'gone\n' };
    case 'broken':
      return { status: 500, body: 'broken\n' };
    case 'fails-once':
      return hit === 1 ? { status: 503, body: 'not yet\n' } : null;
    case 'redirect':
      return { status: 301, headers: { location: server.url(MOST + n + 1) }, body: '' };
    default:
      return null;
  }
}

/** What must be stored of each URL, as `url state status`, and the digest where it is a page. */
function expectedSet(): string[] {
  const lines = site.map((kind, n) => {
    if (kind === 'gone') return `${server.url(n)} failed 410`;
    if (kind === 'broken') return `${server.url(n)} failed 500`;
    return `${server.url(n)} done 200 ${pageSha256(kind === 'redirect' ? MOST + n + 1 : n)}`;
  });
  return lines.sort();
}

/** Crawls until the interruption or the end, whichever comes first. */
async function crawlUntil(options: CrawlOptions, { how, after }: Interruption): Promise<void> {
  const stop = new AbortController();
  if (how === 'signal') void server.arrived(server.log.length + after).then(() => stop.abort());
  let outcomes = 0;
  try {
    for await (const _ of crawl({ ...options, signal: stop.signal })) {
      if (how === 'break' && ++outcomes === after) break;
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_CANCELLED' });
  }
}

test('any sequence of interruptions ends in the set of an uninterrupted run, and asks for nothing settled again', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, interruptions, async (pages, breaks) => {
      const folder = temporaryFolder();
      try {
        site = pages;
        server.forget();
        const urls = pages.map((_, n) => server.url(n));
        // Of a short list a redirect may lead to a host that is not on it.
        const options = { urls, output: folder.file, concurrency: 4, retries: 1, allowPrivate: true };
        const settledHits = new Map<string, number>();
        for (const interruption of [...breaks, { how: 'break', after: Number.POSITIVE_INFINITY } as const]) {
          await crawlUntil(options, interruption);
          await server.idle();
          const { urls: rows, differences } = snapshotOf(folder.file);
          expect(differences).toEqual([]);
          for (const [url, hits] of settledHits) expect(server.hits.get(url), url).toBe(hits);
          for (const { url, state } of rows) {
            if (state !== 'queued') settledHits.set(url, server.hits.get(url) ?? 0);
          }
        }
        const end = snapshotOf(folder.file);
        const found = outcomeSet(end).map((line) => line.replace(/( failed \d+) .*/, '$1'));
        expect(found).toEqual(expectedSet());
        expect(end.links).toHaveLength(pages.filter((kind) => kind !== 'gone' && kind !== 'broken').length * 2);
      } finally {
        folder.remove();
      }
    }),
    { numRuns: effort(3, 50) },
  );
});
