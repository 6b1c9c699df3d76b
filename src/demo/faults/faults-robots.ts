/**
 * Manifest, rows 55 to 62: answers to the request for robots.txt. Each is met at a page that the file forbids, where it can be
 * read; `/ok` of the same host, which none forbids, is listed with it. For a crawl of their own, which obeys robots.txt.
 */
import { code, error, robots } from './expectations.ts';
import { fails, fault, ok, urlOf, type Ends, type Fault, type FaultScene } from './fault.ts';

/** Forbidden by every file. */
const FORBIDDEN = '/private/page';
const OPEN = '/ok';

const obeyed: Ends = { status: null, retry: 'never', classes: ['blocked-robots'] };
/** The file did not come, however often it was asked for. */
const withheld: Ends = { ...obeyed, retry: 'retries' };

const read = robots({ access: 'rules', truncated: false });
const readInPart = robots({ access: 'rules', truncated: true });

export const ROBOTS_FAULTS: readonly Fault[] = [
  ...[404, 403, 410].map((status) =>
    fault(
      55,
      `robots-${status}`,
      `robots.txt: status ${status}`,
      FORBIDDEN,
      ok(),
      robots({ access: 'allow-all', status, tries: 1 }),
    ),
  ),
  fault(55, 'robots-none', 'robots.txt: status 204', FORBIDDEN, ok(), robots({ access: 'rules', status: 204 })),
  fault(
    56,
    'robots-503',
    'robots.txt: status 503',
    FORBIDDEN,
    withheld,
    robots({ access: 'disallow-all', status: 503, errorClass: 'http-5xx' }),
  ),
  fault(
    56,
    'robots-hang',
    'robots.txt: no answer',
    FORBIDDEN,
    withheld,
    robots({ access: 'disallow-all', errorClass: 'header-timeout' }),
  ),
  fault(
    56,
    'robots-reset',
    'robots.txt: a reset instead of an answer',
    FORBIDDEN,
    withheld,
    robots({ access: 'disallow-all', errorClass: 'reset' }),
  ),
  fault(
    56,
    'robots-refused',
    'robots.txt: nothing listens on the port',
    { listener: 'refusing', path: FORBIDDEN },
    fails(null, 'retries', 'connect-refused'),
    code('ECONNREFUSED'),
    robots({ access: 'unreachable', errorClass: 'connect-refused' }),
  ),
  fault(
    56,
    'robots-tls-reset',
    'robots.txt: a reset in the TLS handshake',
    { listener: 'resetting', path: FORBIDDEN },
    fails(null, 'retries', 'reset'),
    code('ECONNRESET'),
    robots({ access: 'unreachable', errorClass: 'reset' }),
  ),
  fault(
    56,
    'robots-http-to-tls',
    'robots.txt: HTTP to a TLS port',
    { listener: 'https', scheme: 'http', path: FORBIDDEN },
    fails(null, 'never', 'protocol'),
    error('that it speaks TLS', /speaks TLS/),
    robots({ access: 'disallow-all', errorClass: 'protocol' }),
  ),
  fault(
    56,
    'robots-garbage',
    'robots.txt: bytes that are not HTTP',
    FORBIDDEN,
    fails(null, 'never', 'protocol'),
    error('the bytes', /first bytes/),
    robots({ access: 'disallow-all', errorClass: 'protocol', tries: 1 }),
  ),
  fault(
    57,
    'robots-429',
    'robots.txt: status 429',
    FORBIDDEN,
    withheld,
    robots({ access: 'disallow-all', status: 429, errorClass: 'rate-limited' }),
  ),
  fault(58, 'robots-bom', 'robots.txt with a BOM', FORBIDDEN, obeyed, read),
  fault(58, 'robots-utf16', 'robots.txt in UTF-16', FORBIDDEN, obeyed, read),
  fault(58, 'robots-cr', 'robots.txt whose lines end with CR', FORBIDDEN, obeyed, read),
  fault(58, 'robots-gzip', 'robots.txt as gzip', FORBIDDEN, obeyed, read),
  fault(59, 'robots-large', 'robots.txt of 2 MB', FORBIDDEN, obeyed, readInPart),
  fault(59, 'robots-bomb', 'robots.txt of 9 MB as gzip', FORBIDDEN, obeyed, readInPart),
  fault(59, 'robots-endless', 'robots.txt without end', FORBIDDEN, obeyed, readInPart),
  fault(59, 'robots-long-line', 'robots.txt with a line of 17,000 characters', FORBIDDEN, obeyed, read),
  fault(59, 'robots-groups', 'robots.txt of 10,000 groups', FORBIDDEN, obeyed, read),
  fault(
    60,
    'robots-hops',
    'robots.txt behind 5 redirects',
    FORBIDDEN,
    obeyed,
    robots({ access: 'rules', tries: 1, redirects: 5 }),
  ),
  fault(
    60,
    'robots-more-hops',
    'robots.txt: redirects without end',
    FORBIDDEN,
    ok(),
    robots({ access: 'allow-all', errorClass: 'too-many-redirects' }),
  ),
  fault(
    60,
    'robots-loop',
    'robots.txt: a redirect to itself',
    FORBIDDEN,
    ok(),
    robots({ access: 'allow-all', errorClass: 'redirect-loop' }),
  ),
  fault(
    60,
    'robots-other-host',
    'robots.txt on another host',
    FORBIDDEN,
    obeyed,
    robots({ access: 'rules', redirects: 1 }),
  ),
  fault(
    60,
    'robots-private',
    'robots.txt: a redirect to a private address',
    FORBIDDEN,
    ok(),
    robots({ access: 'allow-all', errorClass: 'blocked-address' }),
  ),
  fault(61, 'robots-html', 'robots.txt is HTML', FORBIDDEN, ok(), read),
  fault(61, 'robots-html-comment', 'robots.txt begins with a comment in HTML', FORBIDDEN, obeyed, read),
  fault(61, 'robots-binary', 'robots.txt is binary', FORBIDDEN, ok(), read),
  fault(
    62,
    'robots-wildcards',
    'robots.txt with thirty `*a` before a `b`',
    `${FORBIDDEN}?${'a'.repeat(5_000)}`,
    obeyed,
    read,
  ),
];

/** What the list of that crawl must hold: two pages of each host. */
export function robotsUrls(scene: FaultScene): string[] {
  return ROBOTS_FAULTS.flatMap((one) => [urlOf(one, scene), urlOf({ ...one, at: { ...one.at, path: OPEN } }, scene)]);
}
