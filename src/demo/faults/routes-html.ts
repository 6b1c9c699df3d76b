/**
 * Fault server: pages that are hard to parse, to decode or to show. `n` changes their size.
 *   /html/deep?n=100000          nested elements, never closed
 *   /html/formatting?n=2500      misnested formatting elements: a tree builder makes n² / 2 of them
 *   /html/attributes?n=200000    one element with that many attributes
 *   /html/links?n=600000         distinct links
 *   /html/line?bytes=50000000    text without a line break
 *   /html/charset/KIND           see `charsets`: which declaration wins, and what a wrong one does
 *   /html/text/KIND              see `texts`: bytes that are no text
 *   /html/title                  `hostileTitle`
 *   /html/type/wrong             an image that says it is HTML;  /html/type/image an HTML page that says it is an image
 */
import { gzipSync } from 'node:zlib';
import type { FaultRequest, FaultRoutes } from './request.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** A title made to break whatever shows it: markup, SQL, a terminal's colours, a line of its own in a log. */
export const hostileTitle = `<script>alert(1)</script>'; DROP TABLE page;-- \u001b[31mred\r\nforged: line`;

const GREETING = '<title>Grüße</title><p>Grüße aus dem Wehr, viele Grüße';

/** Content-Type and body by kind; the title is "Grüße" in each. */
const charsets: Readonly<Record<string, readonly [type: string, body: Uint8Array]>> = {
  'bom-beats-header': ['text/html; charset=iso-8859-1', Buffer.from(`\ufeff${GREETING}`)],
  'header-beats-meta': ['text/html; charset=utf-8', Buffer.from(`<meta charset=iso-8859-1>${GREETING}`)],
  meta: ['text/html', Buffer.from(`<meta charset="windows-1252">${GREETING}`, 'latin1')],
  quoted: [`text/html; charset="utf-8"`, Buffer.from(GREETING)],
  unknown: ['text/html; charset=x-nobody-knows', Buffer.from(`<meta charset=utf-8>${GREETING}`)],
};

/** Bytes that no charset explains. */
const texts: Readonly<Record<string, Uint8Array>> = {
  'invalid-utf8': Buffer.from('<title>Broken \xff\xfe here</title><p>\xc3(', 'latin1'),
  nul: Buffer.from('<title>Nul \0 here</title><p>a\0b'),
  // What an encoder makes of half a surrogate pair that it should have refused (CESU-8).
  surrogate: Buffer.concat([
    Buffer.from('<title>Lone '),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from(' here</title>'),
  ]),
};

/** Where a lie cannot be seen: bytes of Latin-1 called UTF-8. */
const LYING: readonly [type: string, body: Uint8Array] = ['text/html; charset=utf-8', Buffer.from(GREETING, 'latin1')];

/** A small PNG's first bytes. */
export const imageBytes: Uint8Array = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489',
  'hex',
);

type Page = (n: number) => string;

const bombs: Readonly<Record<string, readonly [n: number, page: Page]>> = {
  '/html/deep': [100_000, (n) => `<title>Deep</title>${'<div>'.repeat(n)}deep`],
  '/html/formatting': [2_500, (n) => `<title>Formatting</title>${numbered(n, (i) => `<p><b c=${i}>`)}x`],
  '/html/attributes': [200_000, (n) => `<title>Attributes</title><p${numbered(n, (i) => ` a${i}=b`)}>x</p>`],
  '/html/links': [600_000, (n) => `<title>Links</title>${numbered(n, (i) => `<a href=/${i.toString(36)}>`)}x`],
};

function numbered(n: number, part: Page): string {
  let text = '';
  for (let i = 0; i < n; i++) text += part(i);
  return text;
}

/** Sent compressed: what is to be tested is the parser, not the loopback. Made once, however often it is asked for. */
const made = new Map<string, Uint8Array>();

function sendCompressed(request: FaultRequest, key: string, make: () => Uint8Array | string): void {
  const bytes = made.get(key) ?? gzipSync(make(), { level: 1 });
  made.set(key, bytes);
  request.send(200, { ...HTML, 'content-encoding': 'gzip' }, bytes);
}

function line(request: FaultRequest): void {
  const bytes = request.number('bytes', 50_000_000);
  // Neither all alike, which would be a decompression bomb, nor with a blank to break at.
  const period = Buffer.from(numbered(10_000, (i) => i.toString(36)));
  sendCompressed(request, `line ${bytes}`, () => Buffer.alloc(bytes, period));
}

function lastPart(request: FaultRequest): string {
  return request.path.slice(request.path.lastIndexOf('/') + 1);
}

function sendCharset(request: FaultRequest): void {
  const [type, body] = charsets[lastPart(request)] ?? LYING;
  request.send(200, { 'content-type': type }, body);
}

export const htmlRoutes: FaultRoutes = {
  ...Object.fromEntries(
    Object.entries(bombs).map(([path, [usual, page]]) => [
      path,
      (request: FaultRequest): void => {
        const n = request.number('n', usual);
        sendCompressed(request, `${path} ${n}`, () => page(n));
      },
    ]),
  ),
  '/html/line': line,
  '/html/charset/': sendCharset,
  '/html/text/': (request) => request.send(200, HTML, texts[lastPart(request)] ?? ''),
  '/html/title': (request) =>
    request.send(200, HTML, `<textarea></textarea><title>${hostileTitle}</title><p>A hostile title.</p>`),
  '/html/type/wrong': (request) => request.send(200, HTML, imageBytes),
  '/html/type/image': (request) => request.send(200, { 'content-type': 'image/png' }, '<title>No image</title>'),
};
