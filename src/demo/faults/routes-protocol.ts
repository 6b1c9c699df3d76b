/**
 * Fault server: answers that break HTTP, or bend it.
 *   /garbage /http09 /bad-version /bad-status-line /http2-text /rtsp /http2-preface /tls-alert    no HTTP/1.1 status line
 *   /headers/huge /headers/many /headers/endless /reason/huge    1 MB of one header, 10,000 headers, headers without end, 1 MB reason
 *   /headers/blanks /reason/endless /reason/nul          blanks before a value without end; a reason without end; with a NUL in it
 *   /headers/nul /headers/latin1 /headers/duplicate /headers/bare-cr /headers/no-colon    a NUL; the bytes E4 F6 FC; the same name twice
 *   /length/huge /length/negative /length/overflow /length/differing /length/equal /length/list /length/space
 *   /length/more                                         more bytes than declared
 *   /length/transfer /transfer/odd                       Content-Length with Transfer-Encoding; an unknown Transfer-Encoding
 *   /chunked/ok /chunked/truncated /chunked/bad-size /chunked/overflow /chunked/overflow-16 /chunked/extension
 *   /chunked/endless-extension /chunked/zeros            an extension, or zeros of a size, without end
 *   /chunked/trailers /chunked/too-short /chunked/twice  an extension of 1 MB; more bytes than a chunk's size; chunked, chunked
 *   /endless /endless-chunked                            a body without end
 *   /poison                                              an answer followed by one that nobody asked for
 *   /poison/late?ms=N    leads to itself; over the same connection, one that nobody asked for comes first, N ms before the answer
 *   /poison/rest         leads to itself; over the same connection, something comes before the answer that is no HTTP
 *   /1xx/100 /1xx/101 /1xx/103 /1xx/103-end /1xx/flood   103 is followed by a real answer
 *   /1xx/slow                                            103 every 200 ms
 */
import type { FaultRequest, FaultRoute, FaultRoutes } from './request.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const HINTS = 'HTTP/1.1 103 Early Hints\r\n\r\n';
const MEGABYTE = 'm'.repeat(1_000_000);

/** Sends `text` and leaves the connection open. */
function says(text: string): FaultRoute {
  return (request) => {
    request.end();
    request.raw(text);
  };
}

/** Sends `text` and closes. */
function saysAndCloses(text: string): FaultRoute {
  return (request) => {
    request.raw(text);
    request.finish();
  };
}

/** Sends `part` again and again, as fast as the client reads. */
export function endlessly(start: string, part: string): FaultRoute {
  return (request: FaultRequest) => {
    request.raw(start);
    const bytes = Buffer.from(part, 'latin1');
    const more = (): void => {
      while (!request.socket.destroyed && request.socket.write(bytes));
    };
    request.socket.on('drain', more);
    more();
  };
}

const many = Array.from({ length: 10_000 }, (_, i) => `x${i}: y\r\n`).join('');

/** Answers that are none, by path: what they begin with must be found in the record. */
export const protocolTexts = {
  '/garbage': '\u0000\u0001\u0002 certainly not HTTP \u001b[31m\r\n\r\n',
  '/http09': '<title>Nothing but a body</title>',
  '/bad-version': 'HTTP/9.9 200 OK\r\n\r\n',
  '/bad-status-line': 'HTTP/1.1 two hundred\r\n\r\n',
  '/http2-text': 'HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\nok',
  '/rtsp': 'RTSP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok',
  '/http2-preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '/tls-alert': '\u0015\u0003\u0003\u0000\u0002\u0002F',
} as const;

const POISON = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON';

/** Leads to itself, so that the connection is used again; the second request of one is preceded by `surplus`. */
function preceded(surplus: string): FaultRoute {
  return (request) => {
    if (!request.query.has('again')) {
      request.send(302, { location: `${request.path}?${request.query.toString()}&again` }, '');
      return;
    }
    const own = `${OK}content-length: 7\r\n\r\nits own`;
    const ms = request.number('ms', 0);
    request.end();
    if (request.turn === 1) {
      request.raw(own);
    } else if (ms === 0) {
      request.raw(surplus + own);
    } else {
      request.raw(surplus);
      request.after(ms, () => request.raw(own));
    }
  };
}

export const protocolRoutes: FaultRoutes = {
  ...Object.fromEntries(Object.entries(protocolTexts).map(([path, text]) => [path, saysAndCloses(text)])),
  '/headers/huge': saysAndCloses(`${OK}x-huge: ${MEGABYTE}\r\n\r\n`),
  '/headers/many': saysAndCloses(`${OK}${many}content-length: 2\r\n\r\nok`),
  '/headers/endless': endlessly(OK, `x-more: ${'e'.repeat(1000)}\r\n`),
  '/headers/blanks': endlessly(`${OK}x-blank:`, ' '.repeat(1000)),
  '/reason/endless': endlessly('HTTP/1.1 200 ', 'on and on '.repeat(100)),
  '/reason/nul': says('HTTP/1.1 200 O\u0000K\r\ncontent-length: 2\r\n\r\nok'),
  '/reason/huge': saysAndCloses(`HTTP/1.1 200 ${MEGABYTE}\r\ncontent-length: 2\r\n\r\nok`),
  '/headers/nul': says(`${OK}x-nul: a\u0000b\r\ncontent-length: 2\r\n\r\nok`),
  '/headers/latin1': says(`${OK}x-latin1: \u00e4\u00f6\u00fc\r\ncontent-length: 2\r\n\r\nok`),
  '/headers/duplicate': says(`${OK}X-Twice: 1\r\nX-Twice: 2\r\ncontent-length: 2\r\n\r\nok`),
  '/headers/bare-cr': says(`${OK}x-cr: a\rcontent-length: 9\r\ncontent-length: 2\r\n\r\nok`),
  '/headers/no-colon': says(`${OK}no colon\r\ncontent-length: 2\r\n\r\nok`),
  '/length/huge': says(`${OK}content-length: 1000000000000\r\n\r\nx`),
  '/length/negative': says(`${OK}content-length: -5\r\n\r\nhello`),
  '/length/overflow': says(`${OK}content-length: 99999999999999999999999\r\n\r\nhello`),
  '/length/differing': says(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`),
  '/length/equal': says(`${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`),
  '/length/list': says(`${OK}content-length: 5, 5\r\n\r\nhello`),
  '/length/space': says(`${OK}content-length: 5 \r\n\r\nhello`),
  '/length/more': says(`${OK}content-length: 5\r\n\r\nhello and more`),
  '/length/transfer': says(`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
  '/transfer/odd': says(`${OK}transfer-encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
  '/chunked/ok': says(`${CHUNKED}5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n`),
  '/chunked/truncated': saysAndCloses(`${CHUNKED}5\r\nhello\r\n`),
  '/chunked/bad-size': says(`${CHUNKED}5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n`),
  '/chunked/overflow': says(`${CHUNKED}fffffffffffffffffff\r\nhello\r\n0\r\n\r\n`),
  '/chunked/overflow-16': says(`${CHUNKED}5\r\nhello\r\nffffffffffffffff\r\nand`),
  '/chunked/trailers': says(`${CHUNKED}2\r\nok\r\n0\r\nx-trailer: POISON\r\n\r\n`),
  '/chunked/too-short': says(`${CHUNKED}2\r\nok and more\r\n0\r\n\r\n`),
  '/chunked/twice': says(`${CHUNKED.slice(0, -2)}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  '/chunked/extension': says(`${CHUNKED}5;${MEGABYTE}\r\nhello\r\n0\r\n\r\n`),
  '/chunked/endless-extension': endlessly(`${CHUNKED}5\r\nhello\r\n5;x=`, 'x'.repeat(1000)),
  '/chunked/zeros': endlessly(CHUNKED, '0'.repeat(1000)),
  '/endless': endlessly(`${OK}\r\n`, 'e'.repeat(16_384)),
  '/endless-chunked': endlessly(CHUNKED, `4000\r\n${'e'.repeat(0x4000)}\r\n`),
  '/poison': says(`${OK}content-length: 4\r\n\r\ngood${POISON}`),
  '/poison/late': preceded(POISON),
  '/poison/rest': preceded(' and more'),
  '/1xx/100': says(`HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 2\r\n\r\nok`),
  '/1xx/101': says('HTTP/1.1 101 Switching Protocols\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n'),
  '/1xx/103-end': saysAndCloses('HTTP/1.1 103 Early Hints\r\n\r\n'),
  '/1xx/103': says(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}content-length: 2\r\n\r\nok`),
  '/1xx/flood': endlessly('', HINTS),
  '/1xx/slow': (request) => {
    const more = (): void => {
      request.raw(HINTS);
      request.after(200, more);
    };
    request.end();
    more();
  },
};
