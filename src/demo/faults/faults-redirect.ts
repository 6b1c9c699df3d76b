/** Manifest, rows 40 to 52: redirects, what must not follow them, and statuses. */
import { attempts, body, downgraded, error, hops, location, nowhere, someBody } from './expectations.ts';
import { fails, fault, hostOf, ok, type Fault, type FaultScene, type Place } from './fault.ts';
import { longLocation, redirectPassword, signature } from './routes-redirect.ts';

const loop = fails(302, 'never', 'redirect-loop');
const bad = fails(302, 'never', 'bad-redirect');
const unsigned = nowhere('Authorization and Cookie sent on', signature);

const SCHEMES: readonly (readonly [scheme: string, target: string])[] = [
  ['file', 'file:///etc/passwd'],
  ['data', 'data:text/html,hello'],
  ['javascript', 'javascript:alert(1)'],
  ['ftp', 'ftp://elsewhere.test/file'],
  ['gopher', 'gopher://elsewhere.test/1'],
  ['unix', 'unix:/run/docker.sock'],
  ['blob', 'blob:http://elsewhere.test/1'],
];

/** Ways to write an address of this machine or its network, and what each means. */
const PRIVATE_HOSTS: readonly (readonly [id: string, host: string, address: string])[] = [
  ['decimal', '2130706433', '127.0.0.1'],
  ['octal', '0177.0.0.1', '127.0.0.1'],
  ['hex', '0x7f.1', '127.0.0.1'],
  ['name', 'localhost', '127.0.0.1'],
  ['mapped', '[::ffff:127.0.0.1]', '::ffff:7f00:1'],
  ['nat64', '[64:ff9b::7f00:1]', '64:ff9b::7f00:1'],
  ['unspecified', '0', '0.0.0.0'],
  ['metadata', '169.254.169.254', '169.254.169.254'],
];

/** A redirect that asks for the user's signature first, to a place of the scene. */
function signed(target: (scene: FaultScene) => string, listener: Place['listener'] = 'http'): Place {
  return { listener, path: (scene) => `/redirect-signed?to=${encodeURIComponent(target(scene))}` };
}

/** Where redirects to other origins lead. */
const OTHER_HOST = 'landing';

/**
 * Pages that a list must hold beside the faults: a redirect may go to a private address only where the user listed a URL of that
 * host and port.
 */
export function landings(scene: FaultScene): string[] {
  return [
    `http://${hostOf(OTHER_HOST)}:${scene.http}/ok`,
    `https://${hostOf('to-other-port')}:${scene.https}/ok`,
    `http://${hostOf('downgrade')}:${scene.http}/ok`,
  ];
}

export const REDIRECT_FAULTS: readonly Fault[] = [
  fault(40, 'redirect-loop', 'a redirect to itself', '/redirect-loop', loop, hops(1)),
  fault(40, 'redirect-cycle', 'two redirects to each other', '/redirect-cycle/a', loop, hops(2)),
  fault(
    41,
    'redirect-endless',
    '10,000 redirects',
    '/redirect/10000',
    fails(302, 'never', 'too-many-redirects'),
    hops(10),
  ),
  fault(42, 'location-none', 'no Location', '/redirect-none', bad, location('')),
  fault(42, 'location-empty', 'an empty Location', '/redirect-empty', bad, location('')),
  fault(42, 'location-two', 'two Locations', '/redirect-two', bad, location('/ok, /page/1')),
  fault(
    42,
    'location-broken',
    'a Location that is no URL',
    '/redirect-broken',
    bad,
    location('http://[not-an-address/'),
  ),
  fault(42, 'location-long', 'the same with 3,000 characters', '/redirect-long', bad, location(longLocation)),
  ...SCHEMES.map(([scheme, target]) =>
    fault(
      43,
      `to-${scheme}`,
      `a redirect to \`${scheme}:\``,
      `/redirect-to?to=${encodeURIComponent(target)}`,
      fails(302, 'never', 'blocked-scheme'),
      location(target),
      error('the target', new RegExp(scheme)),
    ),
  ),
  ...PRIVATE_HOSTS.map(([id, host, address]) =>
    fault(
      44,
      `to-private-${id}`,
      `a redirect to a private address, written \`${host}\``,
      { path: ({ http }) => `/redirect-to?to=${encodeURIComponent(`http://${host}:${http}/ok`)}` },
      fails(null, 'never', 'blocked-address'),
      hops(1),
      error('the address', new RegExp(`^${address.replaceAll('.', '\\.')} `)),
    ),
  ),
  fault(
    45,
    'to-other-host',
    'a redirect to another host',
    signed((scene) => `http://${hostOf(OTHER_HOST)}:${scene.http}/echo`),
    ok(),
    unsigned,
  ),
  fault(
    45,
    'to-other-port',
    'a redirect to another scheme and port',
    signed((scene) => `https://${hostOf('to-other-port')}:${scene.https}/echo`),
    ok(),
    unsigned,
  ),
  fault(
    46,
    'downgrade',
    'a redirect from https to http',
    signed((scene) => `http://${hostOf('downgrade')}:${scene.http}/echo`, 'https'),
    ok(),
    unsigned,
    downgraded,
  ),
  fault(
    47,
    'location-password',
    'a password in the Location',
    { path: (scene) => `/redirect-password?to=${hostOf(OTHER_HOST)}:${scene.http}` },
    ok(),
    nowhere('password', redirectPassword),
  ),
  fault(48, 'location-huge', 'a Location of 1 MB', '/redirect-huge', fails(null, 'never', 'header-overflow')),
  fault(48, 'location-utf8', 'a Location in raw UTF-8', '/redirect-utf8', ok(), body('Grüße')),
  fault(48, 'location-crlf', 'a Location with %0d%0a', '/redirect-crlf', ok(), body('ok'), hops(1)),
];

export const STATUS_FAULTS: readonly Fault[] = [
  ...[400, 401, 403, 404, 410, 451].map((status) =>
    fault(
      49,
      `status-${status}`,
      `status ${status}`,
      `/status/${status}`,
      fails(status, 'never', 'http-4xx'),
      body(`status ${status}\n`),
    ),
  ),
  ...[408, 425].map((status) =>
    fault(
      49,
      `status-${status}`,
      `status ${status}`,
      `/status/${status}`,
      fails(status, 'retries', 'http-4xx'),
      someBody,
    ),
  ),
  // For good it would not end so soon: a URL loses no retry to a host that asks for patience (`retry-policy.ts`).
  fault(49, 'status-429', 'status 429, then the page', '/flaky?fails=1&status=429', ok(), someBody, attempts(2)),
  ...[500, 502, 503, 504].map((status) =>
    fault(
      50,
      `status-${status}`,
      `status ${status}`,
      `/status/${status}`,
      fails(status, 'retries', 'http-5xx'),
      someBody,
    ),
  ),
  fault(
    51,
    'flaky',
    'fails twice, then answers',
    { path: ({ retries }) => `/flaky?fails=${Math.min(2, retries)}&status=503` },
    ok(),
    attempts(3),
  ),
  fault(
    52,
    'partial-then-full',
    'half of the body, then all of it',
    '/partial-then-full',
    ok(),
    body('x'.repeat(1_000), 'one body, the whole one'),
    attempts(2),
  ),
];
