/**
 * Fetch stage: the connections of one origin, and the attempts that wait for one.
 *
 *     waiters (first come, first served) ──► idle connection, else a new one ──► request ──► released ──► idle
 *                                                                                                └► watched ──┘
 *
 * What was released is watched before it is used again, until the origin is proven (`answer-trust.ts`): an answer that nobody
 * asked for would be taken for that of the next request. Waiters get a new connection meanwhile, or a watched one after its
 * time, whichever is expected first: near hosts connect in less than a millisecond, far ones with TLS take as long as the watch.
 *
 * undici's Pool would do this too, but it does not tell which connection a request goes to, so that neither the address nor
 * whether a connection was used before could be known; and a connection that is being opened could not be given up.
 *
 * Invariants: at most `limit` connections, those being opened or watched included, as servers that admit as many may refuse the
 * next one (`#most`: some more at large hosts). So at the limit waiters wait for a watched one; one that nobody uses is closed only
 * for a waiter that needs a new one, and the one watched longest stays, or nothing would be proven. No connection of an unproven
 * origin carries another request before it was quiet. A waiter gets a connection, an error, or leaves; it is forgotten then. While
 * it is unknown whether the server speaks HTTP/2 (https, before the first handshake has ended), one connection at most is being
 * opened, since one may do for all. A connection to a private address, whoever it was opened for, serves only those whose
 * clearance admits it: the others are refused at once, idle connections included.
 */
import type { Clock } from '../model/clock.ts';
import { admits, BlockedAddress, type Clearance, type Reach } from './address-guard.ts';
import { AnswerTrust, PROOFS } from './answer-trust.ts';
import { Connection } from './connection.ts';
import type { Connector, Opening } from './connector.ts';
import { QuietWatch } from './quiet-watch.ts';
import type { Target } from './target.ts';
import { type Waiter, Waiters } from './waiters.ts';

/** Connections watched at a time: as many as proofs are wanted, so that these take no longer than one. */
const MOST_WATCHED = PROOFS;

/** But no more than a public host is asked requests at a time, or than browsers open to one. */
const USUAL_CONNECTIONS = 6;

/**
 * Where the user lets in as many requests, and answers take as long (ms), connections that are watched do not count: such a host
 * takes more, and to wait for each watch would cost a third of its speed until it is proven.
 */
const MANY_REQUESTS = 8;
const SLOW_MS = 20;

export interface OriginOptions {
  readonly connector: Pick<Connector, 'connect'>;
  readonly clock: Clock;
  /** Requests at a time, and so connections, at most; may change. */
  readonly limit: () => number;
  /** HTTP/2 may be agreed on. */
  readonly http2: boolean;
  /** Called before a connection is opened: too many of all origins may be open. */
  readonly makeRoom: (forOrigin: Origin) => void;
}

export class Origin {
  readonly target: Target;
  readonly #options: OriginOptions;
  readonly #connections = new Set<Connection>();
  /** Last used first: the others may time out and close. */
  readonly #idle: Connection[] = [];
  readonly #opening: Opening[] = [];
  readonly #waiters = new Waiters();
  #httpVersion: '1.1' | '2' | null = null;
  readonly #trust = new AnswerTrust();
  readonly #watch: QuietWatch;
  /**
   * What the latest connection took, ms; 0 before there is any. Without the look-up of the name, which is remembered for longer
   * than a watch takes.
   */
  #connectMs = 0;
  /** Requests running. */
  #running = 0;

  constructor(target: Target, options: OriginOptions) {
    this.target = target;
    this.#options = options;
    this.#watch = new QuietWatch(options.clock, (connection) => this.#onQuiet(connection));
  }

  /** Nobody uses it or waits for it: it may be closed. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#waiters.size === 0;
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

  /** False: nothing is being opened, and what it waits for is a connection that is watched or in use. */
  wait(waiter: Waiter): boolean {
    this.#waiters.add(waiter);
    this.#openMore();
    return this.#opening.length > 0;
  }

  /** The waiter does not want a connection any more. */
  leave(waiter: Waiter): void {
    if (!this.#waiters.remove(waiter)) return;
    // What was being opened for it has had the longest time: a hanging connect must not stay for the next one.
    if (this.#opening.length > this.#wanted()) this.#opening.shift()?.cancel();
    this.#openMore();
  }

  /** Takes a connection back after its request has ended. */
  release(connection: Connection): void {
    connection.free();
    this.#running--;
    const mayMixUp = connection.link.httpVersion === '1.1' && connection.isUsed;
    if (mayMixUp && !this.#trust.mayReuse) connection.destroy();
    if (!connection.isFree) return;
    this.#refuse(connection.link.reach);
    if (mayMixUp && !this.#trust.isProven) this.#watchOver(connection);
    else this.#offer(connection);
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

  /** Whether an answer may be another's: a surplus has come since its request left, over this connection or one beside it. */
  isInDoubt(connection: Connection, isReused: boolean): boolean {
    if (!isReused || connection.link.httpVersion === '2') return false;
    return connection.hadSurplus || !this.#trust.mayReuse;
  }

  /** Resolves when all sockets are closed. Nobody may be waiting, and nobody may come any more. */
  async close(): Promise<void> {
    this.#watch.stop();
    this.#cancelOpening();
    await Promise.all(Array.from(this.#connections, (connection) => connection.close()));
  }

  /** Connections, those being opened or watched included. */
  get openCount(): number {
    return this.#connections.size + this.#opening.length;
  }

  /**
   * Gives up a connection that nobody uses or waits for; false where there is none. Of those that are watched as many stay as are
   * waited for. @param toBeOpened connections that this origin is about to open, for those who wait.
   */
  giveUpOne(watched: boolean, toBeOpened: number): boolean {
    const waitForWatched = this.#waiters.size - this.#opening.length - toBeOpened;
    if (watched && this.#watch.size <= waitForWatched) return false;
    if (this.#opening.length > this.#waiters.size) {
      this.#opening.shift()?.cancel();
      return true;
    }
    for (const connection of this.#connections) {
      if (connection.isRunning || this.#watch.has(connection) !== watched) continue;
      this.#discard(connection);
      return true;
    }
    return false;
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

  #watchOver(connection: Connection): void {
    const isPublic = connection.link.reach.kind === 'public';
    const most = isPublic ? Math.min(MOST_WATCHED, Math.max(USUAL_CONNECTIONS, this.#running)) : MOST_WATCHED;
    if (this.#watch.size < most) this.#watch.add(connection);
    else connection.destroy();
    // There may be room now, or somebody to make it.
    this.#openMore();
  }

  #onQuiet(connection: Connection): void {
    // Its socket may be closed, and the reason not be known yet.
    if (!connection.isFree) return;
    this.#trust.proved();
    this.#offer(connection);
    this.#openMore();
  }

  /** To whom waits for one, else to whoever comes next. */
  #offer(connection: Connection): void {
    const waiter = this.#waiters.nextForUsed();
    if (waiter !== undefined) waiter.granted(this.#take(connection));
    else if (connection.link.httpVersion === '1.1') this.#idle.push(connection);
  }

  #cancelOpening(): void {
    for (const opening of this.#opening.splice(0)) opening.cancel();
  }

  #take(connection: Connection): Connection {
    connection.take();
    this.#running++;
    return connection;
  }

  #openMore(): void {
    while (this.#mayOpen()) this.#open();
  }

  #mayOpen(): boolean {
    const opening = this.#opening.length;
    if (opening >= this.#wanted()) return false;
    const mayShare = this.target.secure && this.#options.http2 && this.#httpVersion !== '1.1';
    if (opening > 0 && mayShare) return false;
    return this.#connections.size + opening < this.#most() || this.#makeRoom();
  }

  #most(): number {
    const requests = this.#options.limit();
    const isLarge = requests >= MANY_REQUESTS && this.#trust.quickestMs >= SLOW_MS;
    return isLarge ? requests + MOST_WATCHED : requests;
  }

  /**
   * New connections that are of use: for those who want a new one, and those whom no watched one serves sooner. Where enough are
   * watched to prove the origin, more are not worth their cost: on a fast server a hundred requests would come and go meanwhile.
   */
  #wanted(): number {
    if (this.#waiters.size === 0 || this.#watch.size === 0) return this.#waiters.size;
    const isEnough = this.#watch.size >= this.#trust.proofsWanted;
    const soon = isEnough ? this.#watch.size : this.#watch.endingWithin(this.#connectMs);
    return Math.max(this.#waiters.fresh, this.#waiters.size - soon);
  }

  /** Closes a connection that nobody uses, for a waiter that wants a new one: there are idle ones only where all do. */
  #makeRoom(): boolean {
    const connection = this.#idle.shift() ?? (this.#waiters.fresh > 0 ? this.#watch.takeNewest() : null);
    if (connection === null) return false;
    this.#discard(connection);
    return true;
  }

  /** Closes a connection that nobody uses, and nobody hears of it: else room for one would be given twice. */
  #discard(connection: Connection): void {
    this.#forget(connection);
    connection.destroy();
  }

  /** False where it was forgotten before. */
  #forget(connection: Connection): boolean {
    if (!this.#connections.delete(connection)) return false;
    this.#watch.remove(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    return true;
  }

  #open(): void {
    this.#options.makeRoom(this);
    let ended = false;
    let opening: Opening | null = null;
    // Whoever may not go where it leads is told so then; the others need it.
    opening = this.#options.connector.connect(this.target, this.#waiters.clearance, (error, link) => {
      ended = true;
      const index = opening === null ? -1 : this.#opening.indexOf(opening);
      if (index !== -1) this.#opening.splice(index, 1);
      if (error instanceof BlockedAddress) this.#refuse(error.reach);
      else if (link === null) this.#waiters.next()?.failed(error);
      else {
        this.#httpVersion = link.httpVersion;
        this.#connectMs = link.connectMs;
        this.#opened(new Connection(this.target.origin, link, (connection) => this.#onGone(connection)));
      }
      this.#openMore();
    });
    // The look-up may have failed at once: then this one has come and gone before there was anything to keep.
    if (!ended) this.#opening.push(opening);
  }

  /** Nobody waits on for what it may not use. */
  #refuse(reach: Reach): void {
    for (const waiter of this.#waiters.refused(reach)) waiter.failed(new BlockedAddress(this.target, reach));
  }

  #opened(connection: Connection): void {
    this.#refuse(connection.link.reach);
    if (this.#waiters.size === 0) {
      // undici has not seen this socket yet, so nothing would ever close it.
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    while (this.#waiters.size > 0 && connection.isFree) this.#waiters.next()?.granted(this.#take(connection));
  }

  #onGone(connection: Connection): void {
    if (!this.#forget(connection)) return;
    if (connection.hadSurplus) {
      this.#trust.betrayed();
      this.closeIdle();
    }
    this.#openMore();
  }
}
