/**
 * Connections of an `Origin` without a network: sockets that are connected to nothing, opened when the test says so. What a
 * server would do (send something nobody asked for, close) is done to the connection.
 */
import net from 'node:net';
import { vi } from 'vitest';
import type { Connection } from '../../src/fetch/connection.ts';
import type { Link, Opening } from '../../src/fetch/connector.ts';
import type { Target } from '../../src/fetch/target.ts';
import type { Waiter } from '../../src/fetch/waiters.ts';

type Done = (error: unknown, link: Link | null) => void;

export class ManualConnector {
  /** What is being opened, oldest first. */
  readonly openings: Done[] = [];
  /** Of all that were opened. */
  readonly sockets: net.Socket[] = [];
  readonly #secure: boolean;

  constructor(secure = false) {
    this.#secure = secure;
  }

  get target(): Target {
    const scheme = this.#secure ? 'https' : 'http';
    return {
      origin: `${scheme}://h.test`,
      secure: this.#secure,
      hostname: 'h.test',
      urlHost: 'h.test',
      host: 'h.test',
      port: 80,
    };
  }

  connect(_target: Target, _clearance: unknown, done: Done): Opening {
    this.openings.push(done);
    return {
      cancel: () => {
        const index = this.openings.indexOf(done);
        if (index !== -1) this.openings.splice(index, 1);
      },
    };
  }

  /** Ends the oldest opening with a connection that took `connectMs`. */
  open(connectMs = 0, isPrivate = false): void {
    const done = this.openings.shift();
    if (done === undefined) return;
    const socket = new net.Socket();
    this.sockets.push(socket);
    done(null, {
      socket,
      address: isPrivate ? '127.0.0.1' : '192.0.2.1',
      reach: isPrivate ? { kind: 'private', privateAddress: '127.0.0.1' } : { kind: 'public', privateAddress: null },
      httpVersion: '1.1',
      dnsMs: 0,
      connectMs,
      forwarding: null,
    });
  }

  /** Ends the oldest opening with an error. */
  fail(): void {
    this.openings.shift()?.(new Error('refused'), null);
  }
}

/** Waits; what it got is there afterwards. */
export class WaiterRecord implements Waiter {
  readonly fresh: boolean;
  readonly clearance = 'any';
  connection: Connection | null = null;
  error: unknown = null;

  constructor(fresh = false) {
    this.fresh = fresh;
  }

  get isServed(): boolean {
    return this.connection !== null || this.error !== null;
  }

  granted(connection: Connection): void {
    this.connection = connection;
  }

  failed(error: unknown): void {
    this.error = error;
  }
}

/** Something comes over the connection that nobody has asked for. */
export function surplusOn(connection: Connection): void {
  vi.spyOn(connection, 'hadSurplus', 'get').mockReturnValue(true);
  connection.destroy();
}
