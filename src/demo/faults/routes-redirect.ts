/**
 * Fault server: redirects.
 *   /redirect/N?status=S        N hops (default status 302) on this host, then /ok
 *   /redirect-to?to=URL&status=S    one hop to any Location; `size=B` gives the answer a body of B bytes (default 20)
 *   /redirect-loop              to itself
 *   /redirect-cycle/a /redirect-cycle/b     to each other
 *   /redirect-none /redirect-empty /redirect-two /redirect-broken   no, an empty, two, an unusable Location
 *   /redirect-utf8              Location with raw UTF-8 bytes, to /grüße, which answers
 *   /redirect-crlf              Location with %0d%0a, to /ok
 *   /redirect-huge              Location of 1 MB
 *   /redirect-long              an unusable Location of 3,000 characters
 *   /redirect-password?to=HOST:PORT  to /echo there, with a user name and `redirectPassword` in the Location
 *   /redirect-signed?to=URL     as /redirect-to, for requests that carry `signature` as Authorization; else 403
 *   /redirect-stall             Location is there, the body never comes
 */
import type { FaultRequest, FaultRoutes } from './request.ts';

function redirect(request: FaultRequest, location: string | readonly string[], body = 'see elsewhere\n'): void {
  request.send(request.number('status', 302), { location, 'content-type': 'text/plain' }, body);
}

/** No URL, and longer than what is recorded of one. */
export const longLocation: string = `http://[${'x'.repeat(3_000)}/`;

/** Stands in a Location; must be found nowhere afterwards. */
export const redirectPassword = 'hunter2-of-the-location';

/** What the user sends as Authorization; must go nowhere but to the origin listed. */
export const signature = 'Bearer weir-secret-of-the-user';

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
  // Decoded, it would be a header of its own.
  '/redirect-crlf': (request) => redirect(request, '/ok?%0d%0aset-cookie:%20injected=1'),
  // The server writes Latin-1: these two characters are the bytes of "ü" and "ß" in UTF-8 each.
  '/redirect-long': (request) => redirect(request, longLocation),
  '/redirect-password': (request) =>
    redirect(request, `http://someone:${redirectPassword}@${request.query.get('to') ?? 'localhost'}/echo`),
  '/redirect-signed': (request) => {
    if (request.headers['authorization'] === signature) redirect(request, request.query.get('to') ?? '/ok');
    else request.send(403, { 'content-type': 'text/plain' }, 'without the signature\n');
  },
  '/redirect-utf8': (request) => redirect(request, `/gr${Buffer.from('üß').toString('latin1')}e`),
  '/gr%C3%BC%C3%9Fe': (request) => request.send(200, { 'content-type': 'text/plain' }, 'Grüße'),
  '/redirect-huge': (request) => redirect(request, `/${'h'.repeat(1_000_000)}`),
  '/redirect-stall': (request) => {
    request.head(302, { location: '/ok', 'content-length': '100' });
  },
};
