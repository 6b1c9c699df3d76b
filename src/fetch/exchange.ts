/**
 * Fetch stage: one request and its answer on one connection: the handler that undici calls.
 *
 * In: a connection, a path, headers. Out: after `done`, either `failure` or an answer: status, headers and the whole body, or the
 * redirect to follow. Never rejects.
 * Invariants: no body byte is read on that the byte budget has not granted (the socket is paused instead, and the attempt's
 * timer is held); a body is only there if it is complete; `done` resolves exactly once.
 * Called synchronously by undici while it parses, so nothing here awaits, and errors become values at once.
 */
import type { ClientHttp2Stream } from 'node:http2';
import type { Dispatcher } from 'undici';
import type { Reservation } from '../concurrency/byte-budget.ts';
import type { AttemptTimer } from './attempt-timer.ts';
import { BodyBuffer, FIRST_STEP } from './body-buffer.ts';
import { ChunkSizes } from './chunk-sizes.ts';
import {
  failure,
  failureOf,
  failureOfShared,
  failureOfStatusLine,
  isConnectionLost,
  isSessionError,
  type Failure,
  type Progress,
} from './classify.ts';
import type { Connection } from './connection.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { RedirectChain, RedirectStep } from './redirect.ts';
import { declaredLength, headerPairs, hidePasswords, joined, MOST_HEADER_FIELDS, single } from './response-headers.ts';

export interface ExchangeOptions {
  readonly timer: AttemptTimer;
  readonly reservation: Reservation;
  /** Bytes of a body on the wire. */
  readonly maxSize: number;
  /** A longer body is cut there instead of failing. */
  readonly cuts: boolean;
  /** Is told of the answer once, when the headers are there, and says what it leads to. */
  readonly chain: RedirectChain;
  readonly url: URL;
  /** The Cookie header that is sent. */
  readonly cookie: string | null;
  /** Hears of cookies before `chain` is asked; `null`: none are kept. */
  readonly cookies: CookieJar | null;
}

/** Informational answers (1xx) before the final one; more is a flood. */
export const MOST_INTERIM = 16;

/** As many and then nothing until the time is up is a slow flood. */
const MOST_HINTS = 2;

/** Bytes of a redirect's body that are read, so that the connection can be used again; beyond, closing it is cheaper. */
const MOST_DISCARDED = 16 * 1024;

/** What undici is told when we give a request up; `failure` says why. */
const GIVEN_UP = new Error('given up');

/**
 * Bytes of an answer that are neither body nor accepted header fields. undici limits those fields, but not the reason
 * phrase nor chunk extensions; reading ahead accounts for about 128 KiB.
 */
const MOST_OVERHEAD = 512 * 1024;

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

export class Exchange implements Dispatcher.DispatchHandler {
  /** Resolves when the exchange has ended, whatever the end. */
  readonly done: Promise<void>;
  status: number | null = null;
  /** Raw headers as JSON; see `response-headers.ts`. */
  headers: string | null = null;
  contentType: string | null = null;
  contentEncoding: string | null = null;
  contentRange: string | null = null;
  retryAfter: string | null = null;
  /** From the request to the headers, ms. */
  ttfbMs: number | null = null;
  redirect: RedirectStep | null = null;
  /** Bytes of body received. */
  wireBytes = 0;
  /** The body, if it is complete. */
  body: Uint8Array<ArrayBuffer> | null = null;
  failure: Failure | null = null;
  /** The connection had worked before, and was lost before anything came back or brought no HTTP: see `AttemptRun`. */
  wasStale = false;
  /** The connection had carried other requests before this one. */
  readonly isReused: boolean;

  readonly #connection: Connection;
  readonly #options: ExchangeOptions;
  readonly #bytesReadBefore: number;
  readonly #sentAt: number;
  readonly #resolve: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #ended = false;
  #interim = 0;
  #buffer: BodyBuffer | null = null;
  /** Content-Length, if there is one. */
  #declared: number | null = null;
  /** Of all kinds, as read from the connection; 0 over HTTP/2. */
  #octets = 0;
  /** The body goes on until the connection ends. */
  #isUntilClose = false;
  #chunks: ChunkSizes | null = null;
  /** That carries this, over HTTP/2. */
  #stream: ClientHttp2Stream | null = null;
  /** While bytes are being waited for. */
  #growing: AbortController | null = null;

  /** Sends the request. `sentAt` is the time, in the timer's clock. */
  constructor(
    connection: Connection,
    options: ExchangeOptions,
    request: Dispatcher.DispatchOptions & { readonly sentAt: number },
  ) {
    this.#connection = connection;
    this.isReused = connection.reuse();
    this.#options = options;
    this.#bytesReadBefore = connection.bytesRead;
    this.#sentAt = request.sentAt;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    connection.watch((octets) => this.#onRead(octets));
    connection.dispatch(request, this);
  }

  /** The server has seen the request, or may have: not if it never left, or the server had said goodbye and gave no answer. */
  get wasSeen(): boolean {
    return this.#controller !== null && (this.status !== null || !this.#connection.saidGoodbye);
  }

  /** The server closed a connection that had been idle and said so (RFC 9110 §15.5.9), when our request was on its way. */
  get isIdleNotice(): boolean {
    return this.isReused && this.status === 408 && this.#connection.link.httpVersion === '1.1';
  }

  /** Ends the exchange with `reason`; nothing happens if it has ended. The connection is closed (HTTP/2: the stream). */
  abort(reason: Failure): void {
    if (this.#ended) return;
    // Where to go was in the headers: that the rest of this answer does not come makes no difference.
    const isSettled = this.redirect?.kind === 'follow' && isAboutBody(reason);
    const isFlood = reason.errorClass === 'header-timeout' && this.#interim > MOST_HINTS;
    const because = isFlood ? failure('protocol', `${this.#interim} 1xx answers and no other in time`) : reason;
    this.#end(isSettled ? null : because);
    this.#giveUp();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(GIVEN_UP);
    else if (this.#connection.link.httpVersion === '2') {
      this.#connection.watchNextStream((stream) => (this.#stream = stream));
    }
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#ended) return;
    if (status < 200) {
      this.#interim++;
      if (this.#interim > MOST_INTERIM) this.abort(failure('protocol', `more than ${MOST_INTERIM} 1xx answers`));
      return;
    }
    const foreign = this.#connection.firstChunk === null ? null : failureOfStatusLine(this.#connection.firstChunk);
    if (foreign !== null) {
      this.abort(foreign);
      return;
    }
    const read = this.#connection.understood();
    this.ttfbMs = this.#options.timer.answered() - this.#sentAt;
    this.status = status;
    if (this.#overhead() > MOST_OVERHEAD) {
      this.abort(failure('header-overflow', 'the status line is longer than accepted'));
      return;
    }
    const pairs = headerPairs(this.#controller?.rawHeaders);
    if (pairs.length > MOST_HEADER_FIELDS) {
      this.abort(failure('header-overflow', `${pairs.length} header fields; ${MOST_HEADER_FIELDS} are accepted`));
      return;
    }
    if (headers['location'] !== undefined) hidePasswords(pairs);
    this.headers = JSON.stringify(pairs);
    this.contentType = joined(headers['content-type']);
    this.contentEncoding = joined(headers['content-encoding']);
    this.contentRange = joined(headers['content-range']);
    this.retryAfter = single(headers['retry-after']);
    const coding = joined(headers['transfer-encoding'])?.toLowerCase() ?? 'identity';
    if (coding !== 'chunked' && coding !== 'identity') {
      // RFC 9112 §6.1: we did not ask for it, and do not know where such a body ends.
      this.abort(failure('protocol', `unknown Transfer-Encoding: ${coding}`));
      return;
    }
    const setCookie = headers['set-cookie'];
    if (setCookie !== undefined) this.#options.cookies?.store(setCookie, this.#options.url);
    const { chain, url, cookie } = this.#options;
    this.redirect = chain.step(status, headers['location'], url, cookie);
    this.#declared = hasNoBody(status) ? 0 : declaredLength(headers['content-length']);
    this.#isUntilClose = coding !== 'chunked' && this.#declared === null && this.#connection.link.httpVersion === '1.1';
    this.#expectBody(this.#declared);
    // Interim answers may stand before these headers in the same read, so that it is not known where the body begins.
    if (coding === 'chunked' && read !== null && this.#interim === 0) {
      // A chunk may be as large as any number that is exact: larger ones are sizes that have overflowed, or are meant to.
      this.#chunks = new ChunkSizes(Number.MAX_SAFE_INTEGER);
      if (this.#chunks.readBehindHeaders(read)) this.#refuseChunk();
    }
  }

  /** Octets as they come, before undici has looked at them: it says nothing of those that are neither fields nor body. */
  #onRead(octets: Uint8Array): void {
    if (this.#ended) return;
    this.#octets += octets.length;
    if (this.status === null) {
      if (this.#overhead() > MOST_OVERHEAD)
        this.abort(failure('header-overflow', 'the headers are longer than accepted'));
    } else if (this.#chunks?.read(octets) === true) {
      this.#refuseChunk();
    } else if (this.#declared === null && this.#overhead() > this.#mostOverhead) {
      this.abort(failure('protocol', 'chunk extensions are longer than accepted'));
    }
  }

  #refuseChunk(): void {
    this.abort(failure('protocol', 'the size of a chunk overflows'));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    this.wireBytes += chunk.length;
    this.#options.timer.received(chunk.length);
    if (this.#buffer === null) {
      if (this.wireBytes > MOST_DISCARDED) this.#discardRest();
      return;
    }
    const { maxSize, reservation } = this.#options;
    if (this.wireBytes > maxSize && this.#options.cuts) {
      this.#cut(chunk.subarray(0, chunk.length - (this.wireBytes - maxSize)));
      return;
    }
    if (this.wireBytes > maxSize) {
      this.abort(tooLarge(`the body is larger than ${maxSize} bytes`));
      return;
    }
    this.#buffer.append(chunk);
    if (this.wireBytes > reservation.held) {
      // In steps that double, as the buffer does; never more in all than a body may have.
      this.#reserveInAll(Math.max(Math.min(2 * reservation.held, maxSize), this.wireBytes));
    }
  }

  onResponseEnd(): void {
    if (this.#ended) return;
    // undici takes a reset for the end of such a body; only the server's own end of the connection is one (RFC 9112 §8).
    const lost = this.#isUntilClose ? this.#connection.link.socket.errored : null;
    // Nor does a stream end an answer by being cancelled (RFC 9113 §8.1), unless all that was announced has come.
    const rstCode = this.#stream?.rstCode ?? 0;
    if (lost !== null) this.#end(failureOf(lost, 'inside-body'));
    else if (rstCode === 0 || this.wireBytes === this.#declared) this.#complete();
    else this.#end(failure('truncated', `the stream was reset inside the body (code ${rstCode})`, 'RST_STREAM'));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#ended) return;
    if (this.redirect?.kind === 'follow') {
      this.#end(null);
      return;
    }
    if (this.#buffer !== null && this.wireBytes === this.#declared) {
      // It is all there. (undici stumbles over a blank after the Content-Length, and then says that it is not.)
      this.#complete();
      return;
    }
    const progress = this.#progress();
    // Of an HTTP/2 connection only its end counts: the end of one stream is what the server says to this request.
    const isShared = this.#connection.isShared;
    const isLost = this.#connection.link.httpVersion === '1.1' || this.#connection.isGone || isShared;
    const mayBeStale = progress === 'nothing-received' && this.isReused && isLost;
    // What was never sent can be sent again whatever the connection died of; so can what only shared its end.
    const isInnocent = isConnectionLost(error) || (isShared && isSessionError(error));
    this.wasStale = (mayBeStale || !this.wasSeen) && isInnocent;
    const reason = isShared
      ? failureOfShared(error, progress)
      : failureOf(error, progress, this.#connection.firstChunk);
    // What is no HTTP may be the rest of the answer before, which was longer than it said.
    this.wasStale ||= this.isReused && isLost && this.status === null && reason.errorClass === 'protocol';
    this.#end(reason);
  }

  #complete(): void {
    this.#connection.answered();
    if (this.#buffer !== null) {
      this.body = this.#buffer.take();
      this.#options.reservation.shrinkTo(this.body.length);
    }
    this.#end(null);
  }

  /** Takes the last bytes that are wanted; the rest is not read. */
  #cut(last: Uint8Array): void {
    this.#buffer?.append(last);
    this.#complete();
    this.#giveUp();
  }

  /** Chunks of a few bytes are mostly frame, about six bytes each. */
  get #mostOverhead(): number {
    return MOST_OVERHEAD + 8 * this.wireBytes;
  }

  /** Octets of this answer that are not body, with those that undici has not looked at yet; none where streams share the connection. */
  #overhead(): number {
    return this.#octets - this.wireBytes;
  }

  #progress(): Progress {
    if (this.status !== null) return 'inside-body';
    // The bytes of an HTTP/2 connection belong to all its streams: its errors say what became of this one.
    if (this.#connection.link.httpVersion === '2') return 'nothing-received';
    return this.#connection.bytesRead === this.#bytesReadBefore ? 'nothing-received' : 'inside-headers';
  }

  /** Decides from the declared length (`null`: unknown) what is read. */
  #expectBody(length: number | null): void {
    if (this.redirect?.kind === 'follow') {
      if (length !== null && length > MOST_DISCARDED) this.#discardRest();
      return;
    }
    const { maxSize, cuts } = this.#options;
    if (length !== null && length > maxSize && !cuts) {
      this.abort(tooLarge(`Content-Length is ${length}, ${maxSize} bytes are allowed`));
      return;
    }
    const expected = length === null ? null : Math.min(length, maxSize);
    this.#buffer = new BodyBuffer(expected ?? Math.min(FIRST_STEP, maxSize));
    // A compressed body takes more than its length as soon as it is decoded.
    const isPlain = this.contentEncoding === null || this.contentEncoding.toLowerCase() === 'identity';
    if (expected !== null && (isPlain || expected === 0)) this.#reserveInAll(expected);
    else this.#reserveInAll(Math.min(Math.max(expected ?? 0, FIRST_STEP), maxSize));
  }

  /** Sees to it that `wanted` bytes are held; until they are granted, nothing more is read. */
  #reserveInAll(wanted: number): void {
    const bytes = wanted - this.#options.reservation.held;
    // What arrives while the socket is paused was on its way already; it is counted when the grant comes.
    if (bytes <= 0 || this.#growing !== null || this.#options.reservation.tryGrow(bytes)) return;
    this.#options.timer.hold();
    this.#controller?.pause();
    this.#growing = new AbortController();
    this.#options.reservation.grow(bytes, this.#growing.signal).then(
      () => this.#granted(),
      (error: unknown) => this.abort(failureOf(error, 'inside-body')),
    );
  }

  #granted(): void {
    this.#growing = null;
    if (this.#ended) return;
    this.#options.timer.resume();
    this.#controller?.resume();
  }

  /** The answer is known; the rest of its body is not worth reading. */
  #discardRest(): void {
    this.#end(null);
    this.#giveUp();
  }

  #giveUp(): void {
    // Before it has been sent there is nothing to abort; `onRequestStart` does it then.
    this.#controller?.abort(GIVEN_UP);
    if (this.#controller === null && this.#connection.link.httpVersion === '1.1') this.#connection.destroy();
  }

  #end(reason: Failure | null): void {
    this.#ended = true;
    this.failure = reason;
    if (this.body === null) {
      this.#options.reservation.shrinkTo(0);
      this.#buffer = null;
    }
    this.#growing?.abort();
    this.#options.timer.resume();
    this.#resolve();
  }
}

/** RFC 9110 §6.4.1; undici has made sure that a body sent nevertheless is not taken for the next answer. */
function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

function isAboutBody(reason: Failure): boolean {
  return reason.errorClass === 'body-timeout' || reason.errorClass === 'too-slow';
}

function tooLarge(message: string): Failure {
  return failure('too-large', `${message}; see --max-size`);
}
