/**
 * Fault server: well-formed answers.
 *   /page/N?size=BYTES          HTML page N with a title and links to its neighbours, exactly `size` bytes (default 2,000)
 *   /ok                         "ok"
 *   /echo                       the request headers as JSON
 *   /status/N?retry-after=…     an answer with that status and a body
 *   /flaky?fails=K&status=S     fails K times, then is fine; without status the connection is reset
 *   /encoded/CODING             the text of `encodedText` as gzip, x-gzip, GZIP, deflate, deflate-raw, br, zstd, gzip-twice, gzip-members,
 *                               zstd-frames (two), zstd-skippable (behind a frame to be skipped)
 *   /encoded-chunked/CODING     the same without Content-Length
 *   /encoded-wrong/KIND         garbage, truncated (half of the gzip), crc (a wrong check sum), trailing (garbage after it), unknown (a coding nobody knows),
 *                               stacked (200 codings), 404 (a compressed error page), plain-404 (one that is not), unknown-503
 *   /bomb/CODING?size=BYTES     that many zeros, compressed (default 50 MB): gzip, br, zstd, gzip-twice
 *   /charset/NAME               a page whose title is "Grüße", in utf-8, utf-16le, windows-1252 or iso-8859-1, named in the header
 *   /204-body /304-body         answers that must not have a body, with one
 *   /part?range=R&bytes=B       206 with B bytes (default 10) of `partText` and, if R is given, with it as Content-Range
 *   /no-type /empty-body        without Content-Type; without a byte
 */
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
  constants as zlibConstants,
} from 'node:zlib';
import type { FaultRequest, FaultRoutes } from './request.ts';

/** What `/encoded/…` decodes to. */
export const encodedText: string = `<title>Encoded</title>${'The quick brown fox jumps over the lazy dog. '.repeat(500)}`;

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** What `/part` sends the beginning of. */
export const partText = '0123456789';

/** Page `n`, exactly `size` bytes of ASCII (more if it cannot be that short). */
export function pageBody(n: number, size: number): Buffer {
  const start = `<!doctype html><html><head><title>Page ${n}</title></head><body><a href="/page/${n + 1}">next</a> `;
  const end = '</body></html>\n';
  const text = `Sentence ${n} of a long and quiet page. `;
  const room = Math.max(0, size - start.length - end.length);
  return Buffer.from(start + text.repeat(Math.ceil(room / text.length)).slice(0, room) + end);
}

/** RFC 8878 §3.1.2: ten bytes for somebody else. */
const SKIPPABLE_FRAME = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 10, 0, 0, 0]), Buffer.alloc(10, 'x')]);

const encoders: Readonly<Record<string, readonly [coding: string, encode: (body: Buffer) => Uint8Array]>> = {
  gzip: ['gzip', (body) => gzipSync(body)],
  'x-gzip': ['x-gzip', (body) => gzipSync(body)],
  GZIP: ['GZIP', (body) => gzipSync(body)],
  deflate: ['deflate', (body) => deflateSync(body)],
  'deflate-raw': ['deflate', (body) => deflateRawSync(body)],
  br: ['br', (body) => brotliCompressSync(body, { params: { [zlibConstants.BROTLI_PARAM_QUALITY]: 4 } })],
  zstd: ['zstd', (body) => zstdCompressSync(body)],
  'gzip-twice': ['gzip, gzip', (body) => gzipSync(gzipSync(body))],
  'gzip-members': ['gzip', (body) => Buffer.concat([gzipSync(body.subarray(0, 1000)), gzipSync(body.subarray(1000))])],
  'zstd-frames': [
    'zstd',
    (body) => Buffer.concat([zstdCompressSync(body.subarray(0, 1000)), zstdCompressSync(body.subarray(1000))]),
  ],
  'zstd-skippable': ['zstd', (body) => Buffer.concat([SKIPPABLE_FRAME, zstdCompressSync(body)])],
};

function encoded(name: string, body: Buffer): { coding: string; bytes: Uint8Array } {
  const encoder = encoders[name];
  if (encoder === undefined) throw new Error(`fault server: no coding ${name}`);
  return { coding: encoder[0], bytes: encoder[1](body) };
}

function sendEncoded(request: FaultRequest): void {
  const { coding, bytes } = encoded(lastPart(request), Buffer.from(encodedText));
  request.send(200, { ...HTML, 'content-encoding': coding }, bytes);
}

function sendEncodedChunked(request: FaultRequest): void {
  const { coding, bytes } = encoded(lastPart(request), Buffer.from(encodedText));
  request.end();
  request.head(200, { ...HTML, 'content-encoding': coding, 'transfer-encoding': 'chunked' });
  request.raw(`${bytes.length.toString(16)}\r\n`);
  request.raw(bytes);
  request.raw('\r\n0\r\n\r\n');
}

function sendWronglyEncoded(request: FaultRequest): void {
  const gzip = gzipSync(encodedText);
  switch (lastPart(request)) {
    case 'garbage':
      return request.send(200, { ...HTML, 'content-encoding': 'gzip' }, 'this is not gzip');
    case 'truncated':
      return request.send(200, { ...HTML, 'content-encoding': 'gzip' }, gzip.subarray(0, gzip.length / 2));
    case 'crc': {
      const damaged = Buffer.from(gzip);
      damaged.writeUInt32LE(0, damaged.length - 8);
      return request.send(200, { ...HTML, 'content-encoding': 'gzip' }, damaged);
    }
    case 'trailing':
      return request.send(200, { ...HTML, 'content-encoding': 'gzip' }, Buffer.concat([gzip, Buffer.from('garbage')]));
    case 'unknown':
      return request.send(200, { ...HTML, 'content-encoding': 'x-nobody-knows' }, encodedText);
    case 'stacked':
      return request.send(200, { ...HTML, 'content-encoding': Array(200).fill('gzip').join(', ') }, gzip);
    case 'unknown-503':
      return request.send(503, { ...HTML, 'content-encoding': 'x-nobody-knows' }, 'busy');
    case 'plain-404':
      return request.send(404, { ...HTML, 'content-encoding': 'gzip' }, 'this is not gzip');
    default:
      return request.send(404, { ...HTML, 'content-encoding': 'gzip' }, gzip);
  }
}

/** Compressed once, however often it is asked for. */
const bombs = new Map<string, Uint8Array>();

function sendBomb(request: FaultRequest): void {
  const size = request.number('size', 50_000_000);
  const key = `${lastPart(request)} ${size}`;
  const { coding } = encoded(lastPart(request), Buffer.from('x'));
  const bytes = bombs.get(key) ?? encoded(lastPart(request), Buffer.alloc(size)).bytes;
  bombs.set(key, bytes);
  request.send(200, { ...HTML, 'content-encoding': coding }, bytes);
}

const charsets: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  'utf-16le': 'utf16le',
  'windows-1252': 'latin1',
  'iso-8859-1': 'latin1',
};

function sendCharset(request: FaultRequest): void {
  const name = lastPart(request);
  const body = Buffer.from('<title>Grüße</title><p>Grüße aus dem Wehr', charsets[name] ?? 'utf8');
  request.send(200, { 'content-type': `text/html; charset=${name}` }, body);
}

function sendStatus(request: FaultRequest): void {
  const status = Number(lastPart(request));
  const retryAfter = request.query.get('retry-after');
  request.send(
    status,
    { ...HTML, ...(retryAfter === null ? {} : { 'retry-after': retryAfter }) },
    `status ${status}\n`,
  );
}

function sendPart(request: FaultRequest): void {
  const range = request.query.get('range');
  const body = partText.slice(0, request.number('bytes', partText.length));
  request.send(206, { 'content-type': 'text/plain', ...(range === null ? {} : { 'content-range': range }) }, body);
}

function flaky(request: FaultRequest): void {
  const status = request.number('status', 0);
  if (request.hit > request.number('fails', 2)) request.send(200, HTML, pageBody(request.hit, 2000));
  else if (status === 0) request.reset();
  else request.send(status, HTML, 'not yet');
}

function lastPart(request: FaultRequest): string {
  return request.path.slice(request.path.lastIndexOf('/') + 1);
}

export const pageRoutes: FaultRoutes = {
  '/page/': (request) => request.send(200, HTML, pageBody(Number(lastPart(request)), request.number('size', 2000))),
  '/ok': (request) => request.send(200, { 'content-type': 'text/plain' }, 'ok'),
  '/echo': (request) => request.send(200, { 'content-type': 'application/json' }, JSON.stringify(request.headers)),
  '/status/': sendStatus,
  '/flaky': flaky,
  '/encoded/': sendEncoded,
  '/encoded-chunked/': sendEncodedChunked,
  '/encoded-wrong/': sendWronglyEncoded,
  '/bomb/': sendBomb,
  '/charset/': sendCharset,
  '/204-body': (request) => request.send(204, {}, 'POISON'),
  '/304-body': (request) => request.send(304, {}, 'POISON'),
  '/part': sendPart,
  '/no-type': (request) => request.send(200, {}, '<title>Untyped</title>'),
  '/empty-body': (request) => request.send(200, HTML, ''),
};
