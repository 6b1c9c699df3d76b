/**
 * Pages and results on their way from thread to thread: rows of values instead of objects. A structured clone writes and reads the
 * name of every property of every object; as rows a page crosses in 7 µs instead of 16, and it crosses twice.
 *
 * Invariant: `unpack(pack(x))` equals `x` (a property test holds it). Bytes of bodies, texts and links are in the rows as they
 * are: whoever posts a row names their buffers in the transfer list.
 */
import type { Attempt, HostNote } from './attempt.ts';
import type { ExtractedItem, FetchedPage, PageBody, PageResult, ParsedPage } from './page.ts';
import type { Settlement } from './url-state.ts';

export type PackedFetched = readonly unknown[] & { readonly packs?: FetchedPage };
export type PackedResult = readonly unknown[] & { readonly packs?: PageResult };

/** What parser threads post to the store thread over their own ports. */
export interface ResultsMessage {
  readonly type: 'results';
  readonly results: readonly PackedResult[];
}

export function packFetched(page: FetchedPage): PackedFetched {
  const { attempt } = page;
  return [
    packAttempt(attempt),
    packSettlement(page.settlement),
    page.hostNote,
    page.body,
    page.contentType,
    page.contentEncoding,
    // Nearly always the same, and URLs are long.
    page.baseUrl === attempt.finalUrl ? null : page.baseUrl,
    page.parse,
    page.parseError,
    packSettlement(page.ifUndecodable),
  ];
}

export function unpackFetched(row: PackedFetched): FetchedPage {
  const attempt = unpackAttempt(row[0] as unknown[]);
  return {
    attempt,
    settlement: unpackSettlement(row[1] as unknown[] | null),
    hostNote: row[2] as HostNote | null,
    body: row[3] as FetchedPage['body'],
    contentType: row[4] as string | null,
    contentEncoding: row[5] as string | null,
    baseUrl: (row[6] ?? attempt.finalUrl) as string,
    parse: row[7] as FetchedPage['parse'],
    parseError: row[8] as FetchedPage['parseError'],
    ifUndecodable: unpackSettlement(row[9] as unknown[] | null),
  };
}

export function packResult(result: PageResult): PackedResult {
  const { body, page } = result;
  return [
    packAttempt(result.attempt),
    packSettlement(result.settlement),
    result.hostNote,
    body === null ? null : packBody(body),
    page === null ? null : packPage(page),
  ];
}

export function unpackResult(row: PackedResult): PageResult {
  const body = row[3] as unknown[] | null;
  const page = row[4] as unknown[] | null;
  return {
    attempt: unpackAttempt(row[0] as unknown[]),
    settlement: unpackSettlement(row[1] as unknown[] | null),
    hostNote: row[2] as HostNote | null,
    body: body === null ? null : unpackBody(body),
    page: page === null ? null : unpackPage(page),
  };
}

function packAttempt(attempt: Attempt): unknown[] {
  return [
    attempt.urlId,
    attempt.hostId,
    attempt.attempt,
    attempt.startedAt,
    attempt.status,
    attempt.errorClass,
    attempt.errorCode,
    attempt.error,
    attempt.dnsMs,
    attempt.connectMs,
    attempt.ttfbMs,
    attempt.totalMs,
    attempt.waitMs,
    attempt.wireBytes,
    attempt.headers,
    attempt.redirects.length === 0 ? null : attempt.redirects,
    attempt.finalUrl,
    attempt.address,
    attempt.httpVersion,
    attempt.heldMs,
  ];
}

function unpackAttempt(row: readonly unknown[]): Attempt {
  return {
    urlId: row[0] as number,
    hostId: row[1] as number,
    attempt: row[2] as number,
    startedAt: row[3] as number,
    status: row[4] as number | null,
    errorClass: row[5] as Attempt['errorClass'],
    errorCode: row[6] as string | null,
    error: row[7] as string | null,
    dnsMs: row[8] as number | null,
    connectMs: row[9] as number | null,
    ttfbMs: row[10] as number | null,
    totalMs: row[11] as number,
    waitMs: row[12] as number,
    wireBytes: row[13] as number,
    headers: row[14] as string | null,
    redirects: (row[15] ?? NONE) as Attempt['redirects'],
    finalUrl: row[16] as string | null,
    address: row[17] as string | null,
    httpVersion: row[18] as string | null,
    heldMs: row[19] as number,
  };
}

function packBody(body: PageBody): unknown[] {
  return [digestText(body.sha256), body.decodedBytes, body.encoding, body.bytes];
}

function unpackBody(row: readonly unknown[]): PageBody {
  return {
    sha256: Buffer.from(row[0] as string, 'latin1'),
    decodedBytes: row[1] as number,
    encoding: row[2] as PageBody['encoding'],
    bytes: row[3] as Uint8Array | null,
  };
}

function packPage(page: ParsedPage): unknown[] {
  return [
    page.contentType,
    page.title,
    page.description,
    page.h1,
    page.lang,
    page.canonical,
    page.charset,
    page.charsetSource,
    page.words,
    page.text,
    page.parseError,
    page.warning,
    page.links,
    page.linksTotal,
    page.items.length === 0 ? null : page.items,
  ];
}

function unpackPage(row: readonly unknown[]): ParsedPage {
  return {
    contentType: row[0] as string | null,
    title: row[1] as string | null,
    description: row[2] as string | null,
    h1: row[3] as string | null,
    lang: row[4] as string | null,
    canonical: row[5] as string | null,
    charset: row[6] as string | null,
    charsetSource: row[7] as ParsedPage['charsetSource'],
    words: row[8] as number | null,
    text: row[9] as Uint8Array | null,
    parseError: row[10] as ParsedPage['parseError'],
    warning: row[11] as string | null,
    links: row[12] as string | Uint8Array | null,
    linksTotal: row[13] as number,
    items: (row[14] ?? NONE) as readonly ExtractedItem[],
  };
}

/** `null` = done, which most are. */
function packSettlement(settlement: Settlement): unknown[] | null {
  switch (settlement.state) {
    case 'done':
      return null;
    case 'queued':
      return [settlement.state, settlement.reason, settlement.notBefore];
    default:
      return [settlement.state, settlement.reason];
  }
}

function unpackSettlement(row: readonly unknown[] | null): Settlement {
  if (row === null) return DONE;
  const state = row[0] as Exclude<Settlement['state'], 'done'>;
  const reason = row[1] as string;
  return state === 'queued' ? { state, reason, notBefore: row[2] as number } : { state, reason };
}

/** A digest as a string of 32 characters: a view of bytes costs a buffer and two objects at either end. */
function digestText(sha256: Uint8Array): string {
  return Buffer.from(sha256.buffer, sha256.byteOffset, sha256.length).toString('latin1');
}

const DONE: Settlement = { state: 'done' };
const NONE: readonly never[] = [];
