/** Builders for what the store takes: options, lines, results. Everything not under test has a plain default. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attempt, HostNote } from '../../src/model/attempt.ts';
import type { Lease } from '../../src/model/lease.ts';
import type { PageBody, PageResult, ParsedPage } from '../../src/model/page.ts';
import type { EnqueueRequest, StoreOptions } from '../../src/model/ports.ts';
import type { SeedLine, SourceIdentity } from '../../src/model/seed.ts';
import type { Settlement } from '../../src/model/url-state.ts';

export function storeOptions(file: string, options: Partial<StoreOptions> = {}): StoreOptions {
  return {
    file,
    run: { argv: ['crawl'], config: '{"fetch":{}}', versions: 'test', pid: process.pid, hostname: 'here' },
    bodies: 'packed',
    durable: false,
    fresh: false,
    detail: 'counts',
    datasets: [],
    ...options,
  };
}

export function fileSource(name = '/lists/urls.txt', fingerprint: string | null = 'first'): SourceIdentity {
  return { kind: 'file', name, fingerprint, sizeBytes: 100 };
}

export function urlLine(line: number, url: string, options: { bareHost?: boolean; columns?: string } = {}): SeedLine {
  return {
    kind: 'url',
    line,
    url,
    host: new URL(url).hostname,
    bareHost: options.bareHost ?? false,
    columns: options.columns ?? null,
  };
}

/** A batch of URLs, its lines numbered from `firstLine` on. */
export function urlBatch(sourceId: number, urls: readonly string[], firstLine = 1): EnqueueRequest {
  return {
    sourceId,
    lines: urls.map((url, i) => urlLine(firstLine + i, url)),
    position: { byteOffset: (firstLine + urls.length) * 10, line: firstLine + urls.length - 1 },
    last: true,
  };
}

export interface ResultOptions {
  readonly settlement?: Settlement;
  readonly attempt?: Partial<Attempt>;
  readonly body?: PageBody | string | null;
  readonly page?: Partial<ParsedPage> | null;
  /** Of the URL's own host; nothing else is said then. */
  readonly hostNotBefore?: number;
  readonly hostNote?: HostNote | null;
}

export function pageBody(text: string): PageBody {
  const bytes = Buffer.from(text);
  return {
    sha256: createHash('sha256').update(bytes).digest(),
    decodedBytes: bytes.length,
    encoding: 'identity',
    bytes,
  };
}

/** A success with the body 'hello', unless told otherwise. */
export function resultOf(
  lease: Pick<Lease, 'id' | 'hostId' | 'attempt' | 'url'>,
  options: ResultOptions = {},
): PageResult {
  const body = typeof options.body === 'string' ? pageBody(options.body) : options.body;
  const note = { host: new URL(lease.url).hostname, slowDown: null, reason: '503', at: 1 };
  return {
    attempt: {
      urlId: lease.id,
      hostId: lease.hostId,
      attempt: lease.attempt,
      startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      status: 200,
      errorClass: null,
      errorCode: null,
      error: null,
      wireBytes: 7,
      headers: '[["Content-Type","text/html"]]',
      redirects: [],
      finalUrl: lease.url,
      address: '127.0.0.1',
      httpVersion: '1.1',
      dnsMs: null,
      connectMs: 1,
      ttfbMs: 2,
      totalMs: 3,
      waitMs: 4,
      heldMs: 0,
      ...options.attempt,
    },
    settlement: options.settlement ?? { state: 'done' },
    hostNote: options.hostNotBefore ? { ...note, notBefore: options.hostNotBefore } : (options.hostNote ?? null),
    body: body === undefined ? pageBody('hello') : body,
    page: options.page === null ? null : { ...parsedPage(), ...options.page },
  };
}

/** An attempt without an answer, after which the URL waits or is given up. */
export function refusal(lease: Pick<Lease, 'id' | 'hostId' | 'attempt' | 'url'>, settlement: Settlement): PageResult {
  return resultOf(lease, {
    settlement,
    body: null,
    page: null,
    attempt: {
      status: null,
      errorClass: 'connect-refused',
      errorCode: 'ECONNREFUSED',
      error: 'connection refused',
      headers: null,
      finalUrl: null,
      wireBytes: 0,
    },
  });
}

function parsedPage(): ParsedPage {
  return {
    contentType: 'text/html',
    title: 'A title',
    description: null,
    h1: null,
    lang: null,
    canonical: null,
    charset: 'utf-8',
    charsetSource: 'header',
    words: 1,
    text: Buffer.from('hello'),
    parseError: null,
    warning: null,
    links: '',
    linksTotal: 0,
    items: [],
  };
}

/** In memory where there is such a place: no test here is about the disk, and every close waits for it. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of its own; `remove` it after the test. */
export function temporaryFolder(): { path: string; file: string; remove(): void } {
  const path = mkdtempSync(join(SCRATCH, 'weir-store-'));
  return { path, file: join(path, 'run.db'), remove: () => rmSync(path, { recursive: true, force: true }) };
}
