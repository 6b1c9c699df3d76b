/**
 * The demo site as a pure function: six named hosts, a URL list, and for each request the answer that the server will
 * give. The same seed is the same site, byte for byte, so that tests and `crawl demo --crash` can compute what a crawl
 * must find. No sockets here: `server.ts` acts the answers out.
 */
import { brokenHost } from './broken-host.ts';
import { docsHost } from './docs-host.ts';
import type { DemoAnswer, DemoHost, DemoRequest } from './host.ts';
import { errorAnswer, htmlAnswer } from './host.ts';
import { newsHost } from './news-host.ts';
import { shopHost } from './shop-host.ts';
import { busyHost, slowHost } from './trying-hosts.ts';

/** The seed of `crawl demo`, and of the tracked lists in `data/`. */
export const DEMO_SEED = 1;

/** The port of `crawl demo --serve`, named by the tracked lists in `data/` and the example configs. */
export const DEMO_PORT = 8321;

export const DEMO_HOSTS: readonly DemoHost[] = [docsHost, shopHost, newsHost, slowHost, busyHost, brokenHost];

const byName = new Map(DEMO_HOSTS.map((host) => [host.name, host]));

/** What the site says to a request for `request.path` at `hostname` (without port). */
export function demoAnswer(hostname: string, request: DemoRequest): DemoAnswer {
  const host = byName.get(hostname);
  if (host?.forbidden !== undefined && request.path === '/robots.txt') return robotsAnswer(host.forbidden);
  if (host !== undefined) return host.answer(request) ?? errorAnswer(404, 'Not found', 20);
  if (request.path === '/' && (hostname === 'localhost' || hostname === '127.0.0.1')) return startPage(request.port);
  return errorAnswer(404, 'There is no such host here', 0);
}

/** Whether the robots.txt of that host forbids the path. */
export function isForbidden(hostname: string, path: string): boolean {
  const forbidden = byName.get(hostname)?.forbidden;
  return forbidden !== undefined && path.startsWith(forbidden);
}

function robotsAnswer(forbidden: string): DemoAnswer {
  const body = Buffer.from(`User-agent: *\nDisallow: ${forbidden}\n`);
  return { kind: 'answer', status: 200, headers: { 'content-type': 'text/plain' }, body, latencyMs: 20 };
}

/** For a person with a browser: what there is to see. */
function startPage(port: number): DemoAnswer {
  const links = DEMO_HOSTS.map((host) => ({
    href: `http://${host.name}:${port}${host.paths[0]}`,
    text: `${host.name}: ${host.purpose} (${host.paths.length} URLs)`,
  }));
  const main = '<h1>The demo site</h1>\n<p>One port, six hosts, told apart by the Host header.</p>\n';
  return htmlAnswer({ language: 'en', title: 'The demo site', description: null, links, main }, { latencyMs: 0 });
}
