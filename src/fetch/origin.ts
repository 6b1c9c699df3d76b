/**
 * Fetch stage: the connections of one origin, and the attempts that wait for one.
 *
 *     waiters (first come, first served) ──► idle connection, else a new one ──► request ──► released ──► idle
 *
 * undici's Pool would do this too, but it does not tell which connection a request goes to, so that neither the address nor
 * whether a connection was used before could be known; and a connection that is being opened could not be given up.
 *
 * Invariants: at most `limit` connections, those being opened included. A waiter gets a connection, an error, or leaves; it is
 * forgotten then. While it is unknown whether the server speaks HTTP/2 (https, before the first handshake has ended), one
 * connection at most is being opened, since one may do for all. A connection to a private address, whoever it was opened
 * for, serves only those whose clearance admits it: the others are refused at once, idle connections included.
 */
import { admits, BlockedAddress, type Clearance, mostOf, type Reach } from './address-guard.ts';
import { AnswerTrust } from './answer-trust.ts';
import { Connection } from './connection.ts';
import type { Connector, Opening, Target } from './connector.ts';

/** Waits for a connection. Exactly one of the two is called, unless it leaves before. */
export interface Waiter {
  /** Wants a connection that has not been used yet. */
  readonly fresh: boolean;
  readonly clearance: Clearance;
  granted(connection: Connection): void;
  failed(error: unknown): void;
}

export interface OriginOptions {
  readonly connector: Connector;
  /** Connections at most. */
  readonly limit: number;
  /** HTTP/2 may be agreed on. */
  readonly http2: boolean;
}

export class Origin {
  readonly target: Target;
  readonly #options: OriginOptions;
  readonly #connections = new Set<Connection>();
  /** Last used first: the others may time out and close. */
  readonly #idle: Connection[] = [];
  readonly #opening: Opening[] = [];
  #waiters: Waiter[] = [];
  #httpVersion: '1.1' | '2' | null = null;
  readonly #trust = new AnswerTrust();
  /** Requests running. */
  #running = 0;

  constructor(target: Target, options: OriginOptions) {
    this.target = target;
    this.#options = options;
  }

  /** Nobody uses it or waits for it: it may be closed. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#waiters.length === 0;
  }

  /** A connection that is free now, or `null`: then `wait`. */
  acquire(clearance: Clearance): Connection | BlockedAddress | null {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (!connection.isFree) continue;
      if (admits(clearance, connection.link.reach)) return this.#take(connection);
      this.#idle.push(connection);
      return new BlockedAddress(this.target, connection.link.reach);
    }
    if (this.#httpVersion === '2') {
      for (const connection of this.#connections) {
        if (!connection.isFree) continue;
        if (admits(clearance, connection.link.reach)) return this.#take(connection);
        return new BlockedAddress(this.target, connection.link.reach);
      }
    }
    return null;
  }

  wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
    this.#openMore();
  }

  /** The waiter does not want a connection any more. */
  leave(waiter: Waiter): void {
    const before = this.#waiters.length;
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    if (this.#waiters.length === before) return;
    // What was being opened for it has had the longest time: a hanging connect must not stay for the next one.
    if (this.#opening.length > this.#waiters.length) this.#opening.shift()?.cancel();
    this.#openMore();
  }

  /** Takes a connection back after its request has ended. */
  release(connection: Connection): void {
    connection.free();
    this.#running--;
    if (connection.link.httpVersion === '1.1' && !this.#trust.mayReuse) connection.destroy();
    if (!connection.isFree) return;
    this.#refuse(connection.link.reach);
    const index = this.#waiters.findIndex((waiter) => !waiter.fresh);
    if (index !== -1) this.#grant(index, connection);
    else if (connection.link.httpVersion === '1.1') this.#idle.push(connection);
  }

  /**
   * How long an answer that has just ended is to be held before it is believed, ms: nothing may come behind it meanwhile.
   * `ttfbMs`: from the request to its headers.
   */
  holdMs(connection: Connection, ttfbMs: number, isReused: boolean): number {
    if (!isReused || connection.link.httpVersion === '2') return 0;
    // A socket that is closed does not say at once whether it was for something that came in the same read.
    return Math.max(connection.isGone ? 1 : 0, this.#trust.holdMs(ttfbMs));
  }

  /** The answer is taken for what it says it is. */
  believed(ttfbMs: number, isReused: boolean): void {
    this.#trust.believed(ttfbMs, isReused);
  }

  /** Resolves when all sockets are closed. Nobody may be waiting, and nobody may come any more. */
  async close(): Promise<void> {
    this.#cancelOpening();
    await Promise.all(Array.from(this.#connections, (connection) => connection.close()));
  }

  /** Closes the sockets that nobody uses now. */
  closeIdle(): void {
    for (const connection of this.#connections) if (!connection.isRunning) connection.destroy();
  }

  /** Closes all sockets at once. */
  destroy(): void {
    this.#cancelOpening();
    for (const connection of this.#connections) connection.destroy();
  }

  #cancelOpening(): void {
    for (const opening of this.#opening.splice(0)) opening.cancel();
  }

  #take(connection: Connection): Connection {
    connection.take();
    this.#running++;
    return connection;
  }

  #grant(index: number, connection: Connection): void {
    const [waiter] = this.#waiters.splice(index, 1);
    waiter?.granted(this.#take(connection));
  }

  #openMore(): void {
    while (this.#mayOpen()) this.#open();
  }

  #mayOpen(): boolean {
    const opening = this.#opening.length;
    if (opening >= this.#waiters.length || this.#connections.size + opening >= this.#options.limit) return false;
    const mayShare = this.target.secure && this.#options.http2 && this.#httpVersion !== '1.1';
    return opening === 0 || !mayShare;
  }

  #open(): void {
    let ended = false;
    let opening: Opening | null = null;
    // Whoever may not go where it leads is told so then; the others need it.
    const clearance = mostOf(this.#waiters.map((waiter) => waiter.clearance));
    opening = this.#options.connector.connect(this.target, clearance, (error, link) => {
      ended = true;
      const index = opening === null ? -1 : this.#opening.indexOf(opening);
      if (index !== -1) this.#opening.splice(index, 1);
      if (error instanceof BlockedAddress) this.#refuse(error.reach);
      else if (link === null) this.#waiters.shift()?.failed(error);
      else {
        this.#httpVersion = link.httpVersion;
        this.#opened(new Connection(this.target.origin, link, (connection) => this.#onGone(connection)));
      }
      this.#openMore();
    });
    // The look-up may have failed at once: then this one has come and gone before there was anything to keep.
    if (!ended) this.#opening.push(opening);
  }

  /** Nobody waits on for what it may not use. */
  #refuse(reach: Reach): void {
    if (reach.kind === 'public' || this.#waiters.length === 0) return;
    const refused = this.#waiters.filter((waiter) => !admits(waiter.clearance, reach));
    this.#waiters = this.#waiters.filter((waiter) => admits(waiter.clearance, reach));
    for (const waiter of refused) waiter.failed(new BlockedAddress(this.target, reach));
  }

  #opened(connection: Connection): void {
    this.#refuse(connection.link.reach);
    if (this.#waiters.length === 0) {
      // undici has not seen this socket yet, so nothing would ever close it.
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    while (this.#waiters.length > 0 && connection.isFree) this.#grant(0, connection);
  }

  #onGone(connection: Connection): void {
    this.#connections.delete(connection);
    if (connection.hadSurplus) {
      this.#trust.betrayed();
      this.closeIdle();
    }
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#openMore();
  }
}
