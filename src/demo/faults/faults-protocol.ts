/** Manifest, rows 20 to 31: answers that break HTTP or bend it, bodies and headers without end. */
import { body, error, bytesAtFault, header, noBody, wireBytes } from './expectations.ts';
import { fails, fault, ok, type Fault } from './fault.ts';
import { protocolTexts } from './routes-protocol.ts';

const tooLarge = fails(200, 'never', 'too-large');
const overflow = fails(null, 'never', 'header-overflow');
/** Found before there is an answer. */
const noAnswer = fails(null, 'never', 'protocol');
/** Found after its headers. */
const badAnswer = fails(200, 'never', 'protocol');
const cap = error('the cap', /10000000 bytes/);

export const PROTOCOL_FAULTS: readonly Fault[] = [
  fault(20, 'endless', 'a body without end', '/endless', tooLarge, noBody, cap, wireBytes(10_000_001, Infinity)),
  fault(
    20,
    'endless-chunked',
    'chunks without end',
    '/endless-chunked',
    tooLarge,
    noBody,
    cap,
    wireBytes(10_000_001, Infinity),
  ),
  fault(
    21,
    'length-huge',
    'a Content-Length of 1 TB',
    '/length/huge',
    tooLarge,
    noBody,
    wireBytes(0, 1),
    error('the declared length', /1000000000000/),
  ),
  fault(22, 'header-huge', 'a header of 1 MB', '/headers/huge', overflow),
  fault(22, 'header-endless', 'headers without end', '/headers/endless', overflow),
  fault(22, 'header-many', '10,000 headers', '/headers/many', { ...overflow, status: 200 }, noBody),
  fault(22, 'reason-huge', 'a reason phrase of 1 MB', '/reason/huge', overflow),
  fault(22, 'header-blanks', 'blanks before a value, without end', '/headers/blanks', overflow),
  fault(22, 'reason-endless', 'a reason phrase without end', '/reason/endless', overflow),
  fault(23, 'garbage', 'bytes that are not HTTP', '/garbage', noAnswer, bytesAtFault(protocolTexts['/garbage'])),
  fault(23, 'http09', 'a body without headers (HTTP/0.9)', '/http09', noAnswer, bytesAtFault(protocolTexts['/http09'])),
  fault(23, 'bad-version', 'HTTP/9.9', '/bad-version', noAnswer, bytesAtFault(protocolTexts['/bad-version'])),
  fault(
    23,
    'bad-status',
    'a status that is not a number',
    '/bad-status-line',
    noAnswer,
    bytesAtFault(protocolTexts['/bad-status-line']),
  ),
  fault(23, 'http2-text', 'HTTP/2.0 as text', '/http2-text', noAnswer, bytesAtFault(protocolTexts['/http2-text'])),
  fault(23, 'rtsp', 'RTSP/1.0', '/rtsp', noAnswer, bytesAtFault(protocolTexts['/rtsp'])),
  fault(
    23,
    'http2-preface',
    'the preface of HTTP/2',
    '/http2-preface',
    noAnswer,
    bytesAtFault(protocolTexts['/http2-preface']),
  ),
  fault(23, 'tls-alert', 'a TLS alert', '/tls-alert', noAnswer, bytesAtFault(protocolTexts['/tls-alert'])),
  fault(24, 'header-bare-cr', 'a header hidden behind a bare CR', '/headers/bare-cr', noAnswer, noBody),
  fault(24, 'header-no-colon', 'a header line without a colon', '/headers/no-colon', noAnswer, noBody),
  fault(24, 'chunked-twice', 'chunked, chunked', '/chunked/twice', badAnswer, noBody),
  fault(24, 'length-and-chunked', 'Content-Length and Transfer-Encoding', '/length/transfer', noAnswer, noBody),
  fault(24, 'transfer-unknown', 'an unknown Transfer-Encoding', '/transfer/odd', badAnswer, noBody),
  fault(24, 'length-differing', 'two different Content-Lengths', '/length/differing', noAnswer, noBody),
  fault(24, 'length-negative', 'a negative Content-Length', '/length/negative', noAnswer, noBody),
  fault(24, 'length-overflow', 'a Content-Length of 23 digits', '/length/overflow', noAnswer, noBody),
  fault(25, 'chunk-bad-size', 'a chunk size that is not a number', '/chunked/bad-size', badAnswer, noBody),
  fault(25, 'chunk-overflow', 'a chunk size of 19 digits', '/chunked/overflow', badAnswer, noBody),
  fault(25, 'chunk-overflow-16', 'a chunk size of 16 digits, then silence', '/chunked/overflow-16', badAnswer, noBody),
  fault(25, 'chunk-too-short', 'more bytes than the size of their chunk', '/chunked/too-short', badAnswer, noBody),
  fault(25, 'chunk-trailers', 'fields behind the last chunk', '/chunked/trailers', ok(), body('ok')),
  fault(25, 'chunk-extension', 'a chunk extension of 1 MB', '/chunked/extension', badAnswer, noBody),
  fault(25, 'chunk-extension-endless', 'one without end', '/chunked/endless-extension', badAnswer, noBody),
  fault(25, 'chunk-zeros', 'zeros of a chunk size, without end', '/chunked/zeros', badAnswer, noBody),
  fault(
    26,
    'length-twice',
    'the same Content-Length twice',
    '/length/equal',
    noAnswer,
    error('the header', /Content-Length/i),
  ),
  fault(26, 'length-list', '`Content-Length: 5, 5`', '/length/list', noAnswer, error('the header', /Content-Length/i)),
  fault(26, 'length-blank', 'a blank after Content-Length', '/length/space', ok(), body('hello')),
  fault(27, 'early-hints', '103, then the answer', '/1xx/103', ok(), body('ok')),
  fault(27, 'early-hints-end', '103, then the end', '/1xx/103-end', fails(null, 'retries', 'reset', 'empty-response')),
  fault(28, 'continue', '100 that nobody asked for', '/1xx/100', noAnswer, noBody),
  fault(28, 'switching', '101 that nobody asked for', '/1xx/101', noAnswer, noBody),
  fault(28, 'interim-flood', '103 without end', '/1xx/flood', noAnswer, noBody),
  fault(28, 'interim-slow', '103 again and again, slowly', '/1xx/slow', noAnswer, noBody),
  fault(29, 'no-content-with-body', '204 with a body', '/204-body', ok(204), body('', '0 bytes')),
  fault(29, 'not-modified-with-body', '304 with a body', '/304-body', ok(304), body('', '0 bytes')),
  fault(30, 'header-nul', 'a NUL in a header', '/headers/nul', noAnswer, noBody),
  fault(30, 'reason-nul', 'a NUL in the reason phrase', '/reason/nul', noAnswer, noBody),
  fault(31, 'header-latin1', 'Latin-1 in a header', '/headers/latin1', ok(), header('x-latin1', '\u00e4\u00f6\u00fc')),
];
