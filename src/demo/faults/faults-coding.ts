/** Manifest, rows 32 to 39: Content-Encoding, honest and otherwise. */
import { body, error, noBody, warning, wireBytes } from './expectations.ts';
import { fails, fault, ok, type Fault } from './fault.ts';
import { encodedText } from './routes-pages.ts';

const whole = body(encodedText, 'the same decoded body');
const undecodable = fails(200, 'once', 'decode');
const final = fails(200, 'never', 'decode');
const leftOut = warning('a warning', /^the body was left out/);
/** The cap on decoded bytes or the ratio, whichever is met first. */
const overCap = fails(200, 'never', 'too-large', 'bomb');
const overRatio = fails(200, 'never', 'bomb', 'too-large');
const bothSizes = error('both sizes', /^the [\w-]+ body of \d+ bytes expands to more than \d+/);

const CODINGS: readonly (readonly [path: string, title: string])[] = [
  ['gzip', 'gzip'],
  ['br', 'br'],
  ['zstd', 'zstd'],
  ['deflate', 'deflate'],
  ['x-gzip', '`x-gzip`'],
  ['GZIP', '`GZIP`'],
  ['gzip-twice', 'gzip, two-fold'],
  ['gzip-members', 'gzip of two members'],
  ['zstd-frames', 'zstd of two frames'],
  ['zstd-skippable', 'zstd behind a frame to be skipped'],
];

export const CODING_FAULTS: readonly Fault[] = [
  ...CODINGS.map(([path, title]) =>
    fault(
      32,
      path === 'GZIP' ? 'coding-upper-case' : `coding-${path}`,
      title,
      `/encoded/${path}`,
      ok(),
      whole,
      wireBytes(1, encodedText.length - 1),
    ),
  ),
  fault(32, 'coding-chunked', 'gzip in chunks', '/encoded-chunked/gzip', ok(), whole),
  fault(33, 'deflate-raw', 'deflate without its wrapper', '/encoded/deflate-raw', ok(), whole),
  fault(34, 'gzip-garbage', 'gzip that is none', '/encoded-wrong/garbage', undecodable, noBody),
  fault(34, 'gzip-truncated', 'half of the gzip data', '/encoded-wrong/truncated', undecodable, noBody),
  fault(34, 'gzip-crc', 'gzip with a wrong check sum', '/encoded-wrong/crc', undecodable, noBody),
  fault(
    35,
    'gzip-trailing',
    'garbage after the gzip data',
    '/encoded-wrong/trailing',
    ok(),
    whole,
    warning('a warning', /bytes after the end of the gzip data/),
  ),
  fault(36, 'bomb-gzip', '50 MB of zeros as gzip', '/bomb/gzip', overCap, noBody, bothSizes),
  fault(36, 'bomb-br', '50 MB of zeros as br', '/bomb/br', overRatio, noBody, bothSizes),
  fault(36, 'bomb-zstd', '50 MB of zeros as zstd', '/bomb/zstd', overRatio, noBody, bothSizes),
  fault(36, 'bomb-twice', '50 MB of zeros as gzip of gzip', '/bomb/gzip-twice', overRatio, noBody, bothSizes),
  fault(
    36,
    'bomb-ratio',
    '5 MB of zeros as br, beyond 1,000 : 1',
    '/bomb/br?size=5000000',
    overRatio,
    noBody,
    bothSizes,
  ),
  fault(
    37,
    'codings-stacked',
    '200 codings on one another',
    '/encoded-wrong/stacked',
    final,
    noBody,
    error('their number', /200/),
  ),
  fault(
    38,
    'coding-unknown',
    'a coding that nobody knows',
    '/encoded-wrong/unknown',
    final,
    noBody,
    error('the coding', /x-nobody-knows/),
  ),
  fault(39, 'coding-404', 'a compressed 404', '/encoded-wrong/404', fails(404, 'never', 'http-4xx'), whole),
  fault(
    39,
    'coding-404-plain',
    'a 404 that is not the gzip it says',
    '/encoded-wrong/plain-404',
    fails(404, 'never', 'http-4xx'),
    noBody,
    leftOut,
  ),
  fault(
    39,
    'coding-503-unknown',
    'a 503 in a coding that nobody knows',
    '/encoded-wrong/unknown-503',
    fails(503, 'retries', 'http-5xx'),
    noBody,
    leftOut,
  ),
];
