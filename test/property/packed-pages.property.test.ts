/** Pages and results as rows: what is unpacked is what was packed, also after the way through a port. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Attempt } from '../../src/model/attempt.ts';
import type { FetchedPage, PageResult, ParsedPage } from '../../src/model/page.ts';
import { packFetched, packResult, unpackFetched, unpackResult } from '../../src/model/packed-pages.ts';
import type { Settlement } from '../../src/model/url-state.ts';

const text = fc.option(fc.string(), { nil: null });
const number = fc.option(fc.double({ noNaN: true }), { nil: null });
const bytes = fc.uint8Array({ maxLength: 50 });
const errorClass = fc.option(fc.constantFrom('dns', 'reset', 'decode', 'parse-memory'), { nil: null });

const settlement: fc.Arbitrary<Settlement> = fc.oneof(
  fc.constant({ state: 'done' as const }),
  fc.record({ state: fc.constantFrom('failed' as const, 'skipped' as const), reason: fc.string() }),
  fc.record({ state: fc.constant('queued' as const), reason: fc.string(), notBefore: fc.nat() }),
);

const hostNote = fc.option(
  fc.record({
    host: fc.string(),
    notBefore: fc.nat(),
    slowDown: fc.constant(null),
    reason: fc.string(),
    at: fc.nat(),
  }),
  { nil: null },
);

const attempt = fc.record({
  urlId: fc.nat(),
  hostId: fc.nat(),
  attempt: fc.nat(),
  startedAt: fc.nat(),
  status: fc.option(fc.nat(999), { nil: null }),
  errorClass,
  errorCode: text,
  error: text,
  dnsMs: number,
  connectMs: number,
  ttfbMs: number,
  totalMs: fc.nat(),
  waitMs: fc.nat(),
  heldMs: fc.nat(),
  wireBytes: fc.nat(),
  headers: text,
  redirects: fc.array(fc.record({ url: fc.webUrl(), status: fc.nat(399), location: fc.string() }), { maxLength: 3 }),
  finalUrl: fc.webUrl(),
  address: text,
  httpVersion: text,
}) as fc.Arbitrary<Attempt>;

const fetched = fc.record({
  attempt,
  settlement,
  hostNote,
  body: bytes,
  contentType: text,
  contentEncoding: text,
  baseUrl: fc.webUrl(),
  parse: fc.constantFrom(undefined, 'none' as const),
  parseError: fc.constantFrom(undefined, 'worker-crash' as const),
  ifUndecodable: settlement,
}) as fc.Arbitrary<FetchedPage>;

const page = fc.record({
  contentType: text,
  title: text,
  description: text,
  h1: text,
  lang: text,
  canonical: text,
  charset: text,
  charsetSource: fc.constantFrom('bom', 'header', null),
  words: number,
  text: fc.option(bytes, { nil: null }),
  parseError: errorClass,
  warning: text,
  links: text,
  linksTotal: fc.nat(),
  items: fc.array(fc.record({ dataset: fc.string(), fields: fc.dictionary(fc.string(), text) }), { maxLength: 2 }),
}) as fc.Arbitrary<ParsedPage>;

const result: fc.Arbitrary<PageResult> = fc.record({
  attempt,
  settlement,
  hostNote,
  body: fc.option(
    fc.record({
      sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      decodedBytes: fc.nat(),
      encoding: fc.constantFrom('identity' as const, 'gzip' as const),
      bytes: fc.option(bytes, { nil: null }),
    }),
    { nil: null },
  ),
  page: fc.option(page, { nil: null }),
});

test('a fetched page is itself again', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fetched,
        fetched.map((one) => ({ ...one, baseUrl: one.attempt.finalUrl ?? '' })),
      ),
      (one) => {
        expect(unpackFetched(structuredClone(packFetched(one)))).toEqual(one);
      },
    ),
  );
});

test('a result is itself again', () => {
  fc.assert(
    fc.property(result, (one) => {
      expect(unpackResult(structuredClone(packResult(one)))).toEqual({ ...one, ...copied(one) });
    }),
  );
});

/** A digest comes out as a Buffer. */
function copied({ body }: PageResult): Pick<PageResult, 'body'> {
  return { body: body === null ? null : { ...body, sha256: Buffer.from(body.sha256) } };
}
