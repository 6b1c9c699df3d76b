/**
 * The closed set of error classes: everything that can go wrong with one URL, whether it is worth another attempt, and
 * what a user can do about it. Policy is read off this table, never off a message text.
 *
 * In: nothing. Out: `ERROR_CLASSES`, `ErrorClass`, `SKIP_REASONS`, `SkipReason`. Invariant: every failed attempt carries one of these
 * classes, every skipped URL one of these reasons.
 */

/** How often an error class may be tried again: as the user's `--retries` says, once at most, or not at all. */
export type RetryRule = 'retries' | 'once' | 'never';

export interface ErrorClassInfo {
  readonly retry: RetryRule;
  /** One line for people: what it means and what to do. */
  readonly remedy: string;
}

export type ErrorClass =
  | 'dns'
  | 'connect-refused'
  | 'connect-timeout'
  | 'tls'
  | 'reset'
  | 'empty-response'
  | 'header-timeout'
  | 'body-timeout'
  | 'too-slow'
  | 'total-timeout'
  | 'protocol'
  | 'header-overflow'
  | 'truncated'
  | 'decode'
  | 'too-large'
  | 'bomb'
  | 'too-many-redirects'
  | 'redirect-loop'
  | 'bad-redirect'
  | 'blocked-scheme'
  | 'blocked-address'
  | 'blocked-robots'
  | 'http-4xx'
  | 'http-5xx'
  | 'rate-limited'
  | 'bad-url'
  | 'parse-error'
  | 'parse-timeout'
  | 'parse-memory'
  | 'extractor-error'
  | 'worker-crash'
  | 'storage'
  | 'internal';

export const ERROR_CLASSES: Readonly<Record<ErrorClass, ErrorClassInfo>> = {
  dns: { retry: 'retries', remedy: 'the host name did not resolve; check its spelling and your resolver' },
  'connect-refused': { retry: 'retries', remedy: 'nothing listens on that host and port' },
  'connect-timeout': { retry: 'retries', remedy: 'the host did not accept a connection in time; see --timeout' },
  tls: { retry: 'never', remedy: 'the certificate was not accepted; --insecure skips the check' },
  reset: { retry: 'retries', remedy: 'the server closed the connection; fewer connections may help (--per-host)' },
  'empty-response': { retry: 'retries', remedy: 'the server closed the connection without an answer' },
  'header-timeout': { retry: 'retries', remedy: 'no answer within the timeout; see --timeout' },
  'body-timeout': { retry: 'retries', remedy: 'the body stopped arriving; see --timeout' },
  'too-slow': { retry: 'never', remedy: 'the body arrived at less than 50 bytes a second; try at another time' },
  'total-timeout': { retry: 'never', remedy: 'all attempts together passed the deadline; see --deadline' },
  protocol: {
    retry: 'never',
    remedy: 'the answer was not valid HTTP; https:// instead of http://, or --http1, may help',
  },
  'header-overflow': {
    retry: 'never',
    remedy: 'the response headers were larger than accepted; no setting changes that',
  },
  truncated: {
    retry: 'retries',
    remedy: 'the connection ended before the whole body had arrived, or the server sent a part of it only (206)',
  },
  decode: { retry: 'once', remedy: 'the body did not decode as its Content-Encoding says' },
  'too-large': { retry: 'never', remedy: 'the body was larger than allowed; see --max-size' },
  bomb: { retry: 'never', remedy: 'the compressed body expanded beyond any sane ratio; no setting lets it in' },
  'too-many-redirects': { retry: 'never', remedy: 'more than 10 redirects in a row; list the URL that they lead to' },
  'redirect-loop': {
    retry: 'never',
    remedy: 'the redirects came back to a URL already visited; another user agent (-A) may end that',
  },
  'bad-redirect': { retry: 'never', remedy: 'a redirect without one usable Location: a fault of the server' },
  'blocked-scheme': {
    retry: 'never',
    remedy: 'a redirect to something other than http or https; list the page behind it, if there is one',
  },
  'blocked-address': {
    retry: 'never',
    remedy: 'the address is private and the URL was not listed; see --allow-private',
  },
  'blocked-robots': {
    retry: 'never',
    remedy:
      'robots.txt forbids it or could not be had; crawl retry --error blocked-robots asks again, for sites of your own with --no-robots',
  },
  'http-4xx': { retry: 'never', remedy: 'the server refused the request; 401 and 403 may want headers of yours (-H)' },
  'http-5xx': { retry: 'retries', remedy: 'the server failed' },
  'rate-limited': { retry: 'retries', remedy: 'the server asked for fewer requests; see --delay and --per-host' },
  'bad-url': { retry: 'never', remedy: 'this is not an http or https URL; correct it in the list' },
  'parse-error': { retry: 'never', remedy: 'the page could not be parsed; its body is stored' },
  'parse-timeout': { retry: 'never', remedy: 'the page took too long to parse; its body is stored' },
  'parse-memory': { retry: 'never', remedy: 'the page took too much memory to parse; its body is stored' },
  'extractor-error': {
    retry: 'never',
    remedy: 'an extraction rule failed on this page; its body is stored; see --extract',
  },
  'worker-crash': { retry: 'once', remedy: 'a parser thread died on this page; its body is stored' },
  storage: { retry: 'never', remedy: 'the database could not be written; free the disk, then crawl retry' },
  internal: { retry: 'never', remedy: 'a defect of this program; please report it' },
};

/** Why a URL was never asked for, and what that means. */
export const SKIP_REASONS = {
  'blocked-robots': 'robots.txt does not allow it',
  'blocked-address': 'its address is private and it was not listed',
  'blocked-scheme': 'it is neither http:// nor https://',
  'out-of-scope': 'it lies outside the scope of the crawl',
  depth: 'it lies deeper than the crawl was to follow links',
  budget: 'the budget was used up',
  trap: 'it looks like one of endlessly many URLs that a site makes up',
  nofollow: 'the page that links to it asks not to follow',
  'redirect-target': 'another URL had led to it already, and its answer is stored there',
} as const;

export type SkipReason = keyof typeof SKIP_REASONS;

/**
 * The class of an HTTP answer that is not a success: `null` for 2xx and 304.
 * 408 and 425 are retryable 4xx answers: see `isRetryableStatus`.
 */
export function classOfStatus(status: number): ErrorClass | null {
  if ((status >= 200 && status < 300) || status === 304) return null;
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'http-5xx';
  if (status >= 400) return 'http-4xx';
  return status >= 300 ? 'bad-redirect' : 'protocol';
}

/** 4xx answers that say "try again" (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4). */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
