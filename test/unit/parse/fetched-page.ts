/** Makes `FetchedPage`s for the tests of the parse stage: a 200 answer with the body and headers that matter here. */
import type { FetchedPage } from '../../../src/model/page.ts';
import type { ParserOptions } from '../../../src/parse/options.ts';

export interface PageParts {
  readonly urlId?: number;
  readonly body?: string | Uint8Array;
  readonly contentType?: string | null;
  readonly contentEncoding?: string | null;
  readonly baseUrl?: string;
  readonly parse?: FetchedPage['parse'];
  readonly parseError?: FetchedPage['parseError'];
}

export function fetchedPage(parts: PageParts = {}): FetchedPage {
  const {
    urlId = 1,
    contentType = 'text/html',
    contentEncoding = null,
    baseUrl = 'http://site.test/dir/page.html',
  } = parts;
  const { body = '<title>t</title>' } = parts;
  // A copy of its own: a page's body is transferred, and Node's small buffers share memory.
  const bytes = new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body);
  return {
    attempt: {
      urlId,
      hostId: 1,
      attempt: 1,
      startedAt: 0,
      status: 200,
      errorClass: null,
      errorCode: null,
      error: null,
      wireBytes: bytes.length,
      headers: '[]',
      redirects: [],
      finalUrl: baseUrl,
      address: '127.0.0.1',
      httpVersion: '1.1',
      dnsMs: null,
      connectMs: null,
      ttfbMs: 1,
      totalMs: 2,
      waitMs: 0,
      heldMs: 0,
    },
    settlement: { state: 'done' },
    hostNote: null,
    body: bytes,
    contentType,
    contentEncoding,
    baseUrl,
    parse: parts.parse,
    parseError: parts.parseError,
    ifUndecodable: { state: 'queued', reason: 'decode', notBefore: 5 },
  };
}

export function parserOptions(options: Partial<ParserOptions> = {}): ParserOptions {
  return {
    mode: 'full',
    links: 'all',
    text: true,
    bodies: 'packed',
    maxSize: 10_000_000,
    extract: [],
    ...options,
  };
}
