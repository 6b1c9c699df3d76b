/**
 * The demo site as a stand-in where nginx or the documents are not installed: its healthy pages, without latency. It is a
 * Node server on the same cores, so ratios come out differently: the report says that they are not comparable.
 */
import { expectedOutcome } from '../../src/demo/expected.ts';
import { startDemoSite } from '../../src/demo/server.ts';
import { DEMO_SEED } from '../../src/demo/site.ts';
import { demoUrls } from '../../src/demo/urls.ts';
import type { BenchSite, ExpectedPage } from './site.ts';

export async function startDemoBenchSite(pages: number): Promise<BenchSite> {
  const site = await startDemoSite({ speed: Number.POSITIVE_INFINITY });
  const urls = demoUrls(site.port).filter(isHealthy).slice(0, pages);
  const expected = new Map<string, ExpectedPage>();
  for (const url of urls) {
    const { bytes, sha256 } = expectedOutcome(DEMO_SEED, url);
    expected.set(url, { bytes: bytes ?? 0, sha256: sha256 ?? '' });
  }
  return {
    label: `${urls.length} pages of the demo site: nginx or the documents are missing, so the figures are NOT comparable`,
    comparable: false,
    urls,
    expected,
    close: () => site.close(),
  };
}

function isHealthy(url: string): boolean {
  const { hostname, pathname } = new URL(url);
  return ['docs.localhost', 'shop.localhost', 'news.localhost'].includes(hostname) && !pathname.startsWith('/old/');
}
