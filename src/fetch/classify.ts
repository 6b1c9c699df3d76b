/**
 * Fetch stage: turns whatever undici, Node, OpenSSL or the resolver throws into one of our error classes. The one place
 * where error codes and messages of other programs are looked at.
 *
 * In: an error and how far the exchange had come. Out: a `Failure`: class, finer code, one line for people (at most 300
 * characters and 64 bytes of the answer, no credentials, no control characters). Anything unknown is `internal`: a defect to be reported.
 */
import { classOfStatus, type ErrorClass } from '../model/error-codes.ts';
import { redactUrl } from '../url/redact.ts';
import { LookupFailure } from './resolver.ts';

// Not imported: naming a module's exports reads them all, and this one has some that load a copy of undici (25 ms).
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** Why an attempt failed, in the terms of the `fetch` table. */
export interface Failure {
  readonly errorClass: ErrorClass;
  /** Finer code, such as ECONNREFUSED or HTTPParserError; `null` where the class says it all. */
  readonly errorCode: string | null;
  /** One line for people. */
  readonly error: string;
}

/**
 * How far an exchange had come when it broke: the same lost connection is `empty-response` before the first byte, `reset`
 * inside the headers and `truncated` inside the body.
 */
export type Progress = 'connecting' | 'nothing-received' | 'inside-headers' | 'inside-body';

const LONGEST_ERROR = 300;
const MOST_BYTES_SHOWN = 64;

/** How an answer begins. */
const HTTP_1 = Buffer.from('HTTP/1.');
const LF = 0x0a;

/** Codes that mean the same however far the exchange had come. */
const CLASS_OF_CODE: ReadonlyMap<string, ErrorClass> = new Map([
  ['ECONNREFUSED', 'connect-refused'],
  // Nobody can be reached there now; like a refusal, that may pass.
  ['EHOSTUNREACH', 'connect-refused'],
  ['EHOSTDOWN', 'connect-refused'],
  ['ENETUNREACH', 'connect-refused'],
  ['ENETDOWN', 'connect-refused'],
  // Refused by this machine (firewall, or one of the limits below).
  ['EACCES', 'connect-refused'],
  ['EPERM', 'connect-refused'],
  ['EADDRNOTAVAIL', 'connect-refused'],
  ['EMFILE', 'connect-refused'],
  ['ENFILE', 'connect-refused'],
  ['ENOBUFS', 'connect-refused'],
  ['ENOMEM', 'connect-refused'],
  // What the proxy answered instead of connecting: 407 and other refusals stay, trouble may pass.
  ['WEIR_PROXY_4XX', 'http-4xx'],
  ['WEIR_PROXY_5XX', 'http-5xx'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'header-timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'body-timeout'],
  ['UND_ERR_HEADERS_OVERFLOW', 'header-overflow'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'too-large'],
  // undici refuses a path that it could not send as it stands.
  ['UND_ERR_INVALID_ARG', 'bad-url'],
  ['EPROTO', 'tls'],
  ['WEIR_BLOCKED_ADDRESS', 'blocked-address'],
]);

/** The connection is gone; what that means depends on how far the exchange had come. */
const CONNECTION_LOST: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'UND_ERR_INFO',
  'WEIR_CONNECTION_GONE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_INVALID_STREAM',
]);

/** undici 8 means to give parser errors the code of llhttp (`HPE_…`) but looks it up the wrong way round: there is none. */
const PARSER_ERROR = 'HTTPParserError';
/** undici asserts what it expects of an answer (a status from 100 on, no 101 unless asked for) and throws where it is not so. */
const ASSERTION = 'ERR_ASSERTION';
const LENGTH_MISMATCH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

/** What nghttp2 says of a whole connection. */
const SESSION_ERROR = 'ERR_HTTP2_ERROR';
/** Its word for headers that are larger than it takes. */
const HEADERS_TOO_LARGE = 'NGHTTP2_FRAME_SIZE_ERROR';

/** Certificate verdicts of OpenSSL, as `X509_V_ERR_*` without the prefix: Node uses them as error codes. */
const CERTIFICATE_CODE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT_)/;

/**
 * Classifies an error of the network, the parser or the resolver.
 * @param answer What the answer began with, where it was not understood.
 */
export function failureOf(error: unknown, progress: Progress, answer: Uint8Array | null = null): Failure {
  const cause = rootOf(error);
  const code = codeOf(cause);
  const errorClass = classOf(cause, code, progress);
  const bytes = errorClass === 'protocol' ? bytesAtFault(cause, answer) : '';
  return { errorClass, errorCode: code, error: describe(cause, code) + bytes };
}

/**
 * The same for one of several streams that shared an HTTP/2 connection. An error of the connection as a whole (RFC 9113 §5.4.1) does
 * not say whose fault it is: for each of them the connection is lost, no more.
 */
export function failureOfShared(error: unknown, progress: Progress): Failure {
  const found = failureOf(error, progress);
  return isSessionError(error) ? { ...found, errorClass: classOfLoss(SESSION_ERROR, progress) } : found;
}

export function isSessionError(error: unknown): boolean {
  return codeOf(rootOf(error)) === SESSION_ERROR;
}

/** An answer with a status that is not a success; `null` for 2xx and 304. */
export function failureOfStatus(status: number): Failure | null {
  const errorClass = classOfStatus(status);
  if (errorClass === null) return null;
  return { errorClass, errorCode: null, error: `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd() };
}

/** A failure that we found ourselves. */
export function failure(errorClass: ErrorClass, error: string, errorCode: string | null = null): Failure {
  return { errorClass, errorCode, error: oneLine(error) };
}

/**
 * What undici's parser takes for an answer although it is none, from how it began: another protocol (RTSP/1.0, HTTP/2.0 as text), a
 * NUL in the status line. Else `null`.
 */
export function failureOfStatusLine(answer: Uint8Array): Failure | null {
  // Blank lines before an answer are passed over, as the parser does.
  const start = answer.findIndex((octet) => octet !== 0x0d && octet !== 0x0a);
  if (start === -1) return null;
  const isShort = answer.length - start < HTTP_1.length;
  if (!isShort && !HTTP_1.every((octet, i) => octet === answer[start + i])) {
    return failure('protocol', `the answer is no HTTP/1${bytesAtFault(null, answer)}`);
  }
  const end = answer.indexOf(LF, start);
  if (!answer.subarray(start, end === -1 ? answer.length : end).includes(0)) return null;
  return failure('protocol', `a NUL in the status line${bytesAtFault(null, answer)}`);
}

/** This machine has no descriptor, port or buffer left: fewer fetches at a time are the remedy, not another host. */
export function isOutOfResources(errorCode: string | null): boolean {
  return (
    errorCode === 'EMFILE' ||
    errorCode === 'ENFILE' ||
    errorCode === 'ENOBUFS' ||
    errorCode === 'ENOMEM' ||
    errorCode === 'EADDRNOTAVAIL'
  );
}

/** The connection was closed or reset by the other side (as opposed to: it said something wrong). */
export function isConnectionLost(error: unknown): boolean {
  const cause = rootOf(error);
  return CONNECTION_LOST.has(codeOf(cause) ?? '') && !isBadAnswer(cause);
}

function classOf(error: unknown, code: string | null, progress: Progress): ErrorClass {
  if (code === null) return 'internal';
  // Whatever its code: ECONNREFUSED here is a name server that nobody answers for.
  if (error instanceof LookupFailure) return 'dns';
  const known = CLASS_OF_CODE.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('UND_ERR_SOCKS5')) return 'connect-refused';
  if (CERTIFICATE_CODE.test(code) || code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) return 'tls';
  if (code === PARSER_ERROR) return isEarlyEnd(error) && progress === 'inside-body' ? 'truncated' : 'protocol';
  // Also undici's verdict on Content-Length fields that contradict each other, before there is any body.
  if (code === LENGTH_MISMATCH) return progress === 'inside-body' ? 'truncated' : 'protocol';
  if (isBadAnswer(error) || (code === ASSERTION && progress !== 'connecting')) return 'protocol';
  if (progress === 'nothing-received' && error instanceof Error && error.message.includes(HEADERS_TOO_LARGE)) {
    return 'header-overflow';
  }
  if (CONNECTION_LOST.has(code)) return classOfLoss(code, progress);
  return code.startsWith('ERR_HTTP2_') ? 'protocol' : 'internal';
}

function classOfLoss(code: string, progress: Progress): ErrorClass {
  switch (progress) {
    case 'connecting':
      return code === 'ETIMEDOUT' ? 'connect-timeout' : 'reset';
    case 'nothing-received':
      // undici reports a FIN as UND_ERR_SOCKET ("other side closed") and a RST as ECONNRESET.
      return code === 'UND_ERR_SOCKET' ? 'empty-response' : 'reset';
    case 'inside-headers':
      return 'reset';
    case 'inside-body':
      return 'truncated';
    default:
      return progress satisfies never;
  }
}

/** What came was no answer to anything: undici's verdict where no request is under way, or its parser's. */
export function isUnasked(error: unknown): boolean {
  return isBadAnswer(error) || codeOf(error) === PARSER_ERROR;
}

/**
 * An unsolicited 100 Continue or 101 Switching Protocols. undici 8 gives both the code of a lost connection, so that
 * only the message tells them apart.
 */
function isBadAnswer(error: unknown): boolean {
  return error instanceof Error && (error.message === 'bad response' || error.message === 'bad upgrade');
}

/** The error that happened first: the first address tried by Node's address selection, or what a wrapper wraps. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0];
  if (error instanceof Error && codeOf(error) === null && error.cause instanceof Error) return error.cause;
  return error;
}

function codeOf(error: unknown): string | null {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return name === PARSER_ERROR ? PARSER_ERROR : null;
}

/** The stream ended in the middle of a chunk or before the last one. */
function isEarlyEnd(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Invalid EOF state');
}

function describe(error: unknown, code: string | null): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message === '' ? (code ?? 'unknown error') : message;
  return oneLine(text);
}

/**
 * How the answer began or, inside a body, what the parser choked on; at most 64 bytes as hexadecimal digits, because garbage
 * must not reach a terminal as it came.
 */
function bytesAtFault(error: unknown, answer: Uint8Array | null): string {
  if (answer !== null) return `, first bytes ${Buffer.from(answer.subarray(0, MOST_BYTES_SHOWN)).toString('hex')}`;
  const data = (error as { data?: unknown }).data;
  if (typeof data !== 'string' || data === '') return '';
  return `, at bytes ${Buffer.from(data.slice(0, MOST_BYTES_SHOWN)).subarray(0, MOST_BYTES_SHOWN).toString('hex')}`;
}

/** One line of at most 300 characters without control characters and without passwords of URLs. */
function oneLine(text: string): string {
  return (
    redactUrl(text)
      .slice(0, 2 * LONGEST_ERROR)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
      .trim()
      .slice(0, LONGEST_ERROR)
  );
}
