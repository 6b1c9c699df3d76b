/** Laboratory: the engine crawls the same list with one fetcher and with many, on the bundled demo site. */
import { startDemoSite } from '../demo/server.ts';
import { equal, reaches } from './support/checks.ts';
import { runEngine } from './support/engine-run.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import { integer } from './support/parameters.ts';

/** Guides of the demo site, a page each. */
const GUIDES = 250;

export const experiment: Experiment = defineExperiment({
  name: 'one-fetcher-many',
  topic: 'The engine',
  rows: ['0.3', '0.4', 'C2'],
  summary: 'The engine crawls the same pages of the demo site twice: with one fetcher, then with several.',
  watch: [
    'the bars are the same, only stacked: a page takes as long as before. Waiting is what many can do at the same time.',
    'Starting the engine and its threads is not counted; what is left is the waiting for the server.',
  ],
  parameters: {
    pages: integer('pages', 16, { min: 2, max: GUIDES }),
    fetchers: integer('fetchers of the second run', 8, { min: 2, max: 64 }),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { pages, fetchers } }) {
    const site = await startDemoSite();
    try {
      const urls = Array.from({ length: pages }, (_, n) => `http://docs.localhost:${site.port}/guide/${n + 1}`);
      const one = await runEngine('one', { urls, concurrency: 1 });
      const many = await runEngine('many', { urls, concurrency: fetchers });
      const gain = one.fetchMs / Math.max(1, many.fetchMs);
      const possible = Math.min(fetchers, pages);
      return {
        unit: 'ms',
        lanes: [...one.lanes, ...many.lanes],
        values: {
          'one fetcher, ms': one.fetchMs,
          [`${fetchers} fetchers, ms`]: many.fetchMs,
          'times as fast': gain,
        },
        checks: [
          equal('pages, one fetcher', pages, one.summary.settled.done),
          equal(`pages, ${fetchers} fetchers`, pages, many.summary.settled.done),
          equal('the same bytes', sizesOf(one.outcomes), sizesOf(many.outcomes)),
          equal('in flight at most, one fetcher', 1, one.summary.gauges.fetch.highWater),
          equal(`in flight at most, ${fetchers} fetchers`, possible, many.summary.gauges.fetch.highWater),
          reaches('times as fast', possible / 3, gain, 1),
        ],
        defect: null,
        verdict: `${gain.toFixed(1)} times as fast with ${fetchers} fetchers; no page came sooner, more came at once`,
      };
    } finally {
      await site.close();
    }
  },
});

/** All sizes by URL, in one text. */
function sizesOf(outcomes: readonly { readonly url: string; readonly bytes?: number }[]): string {
  const total = outcomes.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  return `${new Set(outcomes.map(({ url }) => url)).size} URLs, ${total} bytes`;
}
