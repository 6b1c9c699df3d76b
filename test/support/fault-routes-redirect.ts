/**
 * Fault server: redirects.
 *   /redirect/N?status=S        N hops (default status 302) on this host, then /ok
 *   /redirect-to?to=URL&status=S    one hop to any Location; `size=B` gives the answer a body of B bytes (default 20)
 *   /redirect-loop              to itself
 *   /redirect-cycle/a /redirect-cycle/b     to each other
 *   /redirect-none /redirect-empty /redirect-two /redirect-broken   no, an empty, two, an unusable Location
 *   /redirect-utf8              Location with raw UTF-8 bytes, to /grüße, which answers
 *   /redirect-huge              Location of 1 MB
 *   /redirect-stall             Location is there, the body never comes
 */
import type { FaultRequest, FaultRoutes } from './fault-server.ts';

function redirect(request: FaultRequest, location: string | readonly string[], body = 'see elsewhere\n'): void {
  request.send(request.number('status', 302), { location, 'content-type': 'text/plain' }, body);
}

function chain(request: FaultRequest): void {
  const left = Number(request.path.slice('/redirect/'.length));
  redirect(
    request,
    left <= 1 ? '/ok' : `/redirect/${left - 1}${request.query.size > 0 ? `?${request.query.toString()}` : ''}`,
  );
}

export const redirectRoutes: FaultRoutes = {
  '/redirect/': chain,
  '/redirect-to': (request) =>
    redirect(request, request.query.get('to') ?? '/ok', 'b'.repeat(request.number('size', 20))),
  '/redirect-loop': (request) => redirect(request, '/redirect-loop'),
  '/redirect-cycle/a': (request) => redirect(request, '/redirect-cycle/b'),
  '/redirect-cycle/b': (request) => redirect(request, '/redirect-cycle/a'),
  '/redirect-none': (request) => redirect(request, []),
  '/redirect-empty': (request) => redirect(request, ''),
  '/redirect-two': (request) => redirect(request, ['/ok', '/page/1']),
  '/redirect-broken': (request) => redirect(request, 'http://[not-an-address/'),
  // The server writes Latin-1: these two characters are the bytes of "ü" and "ß" in UTF-8 each.
  '/redirect-utf8': (request) => redirect(request, `/gr${Buffer.from('üß').toString('latin1')}e`),
  '/gr%C3%BC%C3%9Fe': (request) => request.send(200, { 'content-type': 'text/plain' }, 'Grüße'),
  '/redirect-huge': (request) => redirect(request, `/${'h'.repeat(1_000_000)}`),
  '/redirect-stall': (request) => {
    request.head(302, { location: '/ok', 'content-length': '100' });
  },
};
