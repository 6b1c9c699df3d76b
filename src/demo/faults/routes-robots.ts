/**
 * Fault server: what hosts answer that are asked for /robots.txt, by the first label of their name; all others have none. Every
 * file forbids `/private/`, where there are pages all the same.
 */
import { gzipSync } from 'node:zlib';
import type { FaultRequest, FaultRoute, FaultRoutes } from './request.ts';
import { endlessly, protocolRoutes } from './routes-protocol.ts';

const RULES = 'User-agent: *\nDisallow: /private/\n';

/** Matching them by trying every way takes longer than anybody waits. */
const WILDCARDS = `Disallow: /${'*a'.repeat(30)}*b\n`;

function file(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): FaultRoute {
  return (request) => request.send(200, headers, body);
}

function status(code: number): FaultRoute {
  return (request) => request.send(code, {}, 'no\n');
}

function redirect(location: (request: FaultRequest) => string): FaultRoute {
  return (request) => request.send(302, { location: location(request) }, '');
}

function nextHop(request: FaultRequest): string {
  return `/robots.txt?hop=${request.number('hop', 0) + 1}`;
}

/** By label. */
const ANSWERS: Readonly<Record<string, FaultRoute>> = {
  'robots-404': status(404),
  'robots-403': status(403),
  'robots-410': status(410),
  'robots-503': status(503),
  'robots-429': status(429),
  'robots-hang': () => undefined,
  'robots-reset': (request) => request.reset(),
  'robots-garbage': protocolRoutes['/garbage'] as FaultRoute,
  'robots-none': (request) => request.send(204, {}, ''),
  'robots-bom': file(`\u{feff}${RULES}`),
  'robots-utf16': file(Buffer.from(`\u{feff}${RULES}`, 'utf16le')),
  'robots-cr': file(RULES.replaceAll('\n', '\r')),
  'robots-gzip': file(gzipSync(RULES), { 'content-encoding': 'gzip' }),
  'robots-bomb': file(gzipSync(`${RULES}${'#'.repeat(9_000_000)}`), { 'content-encoding': 'gzip' }),
  'robots-large': file(`${RULES}${`# ${'x'.repeat(97)}\n`.repeat(20_000)}`),
  'robots-endless': endlessly(`HTTP/1.1 200 OK\r\n\r\n${RULES}`, `# ${'x'.repeat(998)}\n`),
  'robots-long-line': file(`# ${'x'.repeat(17_000)}\n${RULES}`),
  'robots-groups': file(`${'User-agent: x\nDisallow: /\n'.repeat(10_000)}${RULES}`),
  'robots-hops': (request) => (request.number('hop', 0) < 5 ? redirect(nextHop)(request) : file(RULES)(request)),
  'robots-more-hops': redirect(nextHop),
  'robots-loop': redirect(() => '/robots.txt'),
  'robots-other-host': redirect(({ origin }) => `${origin.replace('robots-other-host', 'robots-bom')}/robots.txt`),
  // Nobody listed a URL of this host name.
  'robots-private': redirect(({ origin }) => `http://127.0.0.1:${new URL(origin).port}/robots.txt`),
  'robots-html': file(`<!doctype html>\n<p>${RULES.replaceAll('\n', '</p>\n<p>')}</p>\n`),
  'robots-html-comment': file(`<!-- the robots of this site -->\n${RULES}`),
  'robots-binary': file(Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(RULES)])),
  'robots-wildcards': file(`${RULES}${WILDCARDS}`),
};

export const robotsRoutes: FaultRoutes = {
  '/robots.txt': (request) => {
    const label = new URL(request.origin).hostname.split('.')[0] ?? '';
    (ANSWERS[label] ?? status(404))(request);
  },
  '/private/': (request) => request.send(200, { 'content-type': 'text/plain' }, 'private'),
};
