/**
 * What a host of the demo site is made of: a name, the paths that go into the URL list, and a pure function from a request
 * to an answer. Nothing here opens a socket; `server.ts` acts the answers out, tests compute with them.
 */
import type { DemoCharset } from './charset.ts';
import { encodeText } from './charset.ts';
import type { DemoPage } from './html.ts';
import { renderPage } from './html.ts';

/** What the server does with one request. `latencyMs` passes before the first byte, at speed 1. */
export type DemoAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Lower-case names; Content-Length, Content-Encoding and Vary are the server's own. */
      readonly headers: Readonly<Record<string, string>>;
      /** Decoded: the server compresses it for clients that accept gzip. */
      readonly body: Uint8Array;
      readonly latencyMs: number;
    }
  /** The connection is reset before any byte. */
  | { readonly kind: 'reset'; readonly latencyMs: number }
  /** 200 with a Content-Length, and the connection ends half-way. */
  | { readonly kind: 'truncated'; readonly body: Uint8Array; readonly latencyMs: number };

/** One request as the hosts see it. */
export interface DemoRequest {
  readonly seed: number;
  /** The port the site is reached at: absolute links name it. */
  readonly port: number;
  /** Path with query. */
  readonly path: string;
  /** How often this URL has been asked for, this time included: some answers get better with asking. */
  readonly hit: number;
}

export interface DemoHost {
  readonly name: string;
  /** What it shows, for the start page. */
  readonly purpose: string;
  /** Paths for the URL list. */
  readonly paths: readonly string[];
  /** Folder that its robots.txt keeps crawlers out of; without one it has no robots.txt. */
  readonly forbidden?: string;
  /** `null`: there is no such page. */
  answer(request: DemoRequest): DemoAnswer | null;
}

export interface PageOptions {
  readonly latencyMs: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly charset?: DemoCharset;
  /** Where the charset is declared; `nowhere` leaves it to detection. Default `header`. */
  readonly declared?: 'header' | 'meta' | 'bom' | 'nowhere';
}

/** A page as an answer, in the charset and with the declaration asked for. */
export function htmlAnswer(page: DemoPage, options: PageOptions): DemoAnswer {
  const charset = options.charset ?? 'utf-8';
  const declared = options.declared ?? 'header';
  const html = renderPage(page, declared === 'meta' ? charset : null);
  return {
    kind: 'answer',
    status: options.status ?? 200,
    headers: {
      'content-type': declared === 'header' ? `text/html; charset=${charset}` : 'text/html',
      ...options.headers,
    },
    body: encodeText(declared === 'bom' ? `\ufeff${html}` : html, charset),
    latencyMs: options.latencyMs,
  };
}

/** A redirect to `location` (relative or absolute). */
export function redirectAnswer(location: string, status: 301 | 302 | 307 | 308, latencyMs: number): DemoAnswer {
  return {
    kind: 'answer',
    status,
    headers: { location, 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(`moved to ${location}\n`),
    latencyMs,
  };
}

/** An error page of the given status. */
export function errorAnswer(
  status: number,
  title: string,
  latencyMs: number,
  headers: Readonly<Record<string, string>> = {},
): DemoAnswer {
  return htmlAnswer(
    { language: 'en', title: `${status} ${title}`, description: null, links: [], main: `<h1>${title}</h1>\n` },
    { status, latencyMs, headers },
  );
}

/** `prefix1 … prefixN`. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
}

/** The number in a path of `prefix`, or `null` where it is none from 1 to `count`. */
export function numberOf(path: string, prefix: string, count: number): number | null {
  if (!path.startsWith(prefix)) return null;
  const digits = path.slice(prefix.length);
  if (!/^[1-9]\d{0,4}$/.test(digits)) return null;
  const number = Number(digits);
  return number <= count ? number : null;
}
