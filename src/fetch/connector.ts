/**
 * Fetch stage: the only place in the program where sockets to other hosts are opened.
 *
 * In: an origin. Out: a connected socket (TLS done, protocol agreed) with its address and timings, or an error.
 * Four steps: addresses are looked up; the guard looks at every one of them; the connection is allowed to go to exactly
 * those; TLS and ALPN on top.
 * Invariant: no socket is connected to an address that did not come through `#open`: the name is not looked up again
 * between a check and the connect, so a name server cannot answer one thing first and another thing then.
 * The socket belongs to whoever is called back; before that, `cancel()` closes it.
 */
import net from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../model/clock.ts';
import { plainHost } from '../url/plain-host.ts';
import { admits, BlockedAddress, type Clearance, reachOf, type Reach } from './address-guard.ts';
import type { Forwarding, Proxy } from './proxy.ts';
import { addressesWithoutDns, type ResolvedAddress, type Resolver } from './resolver.ts';
import type { Target } from './target.ts';

/** An open connection. */
export interface Link {
  readonly socket: net.Socket;
  /** The address of the host; `null` where the socket does not say, and through a proxy. */
  readonly address: string | null;
  /** What all addresses of the host were. */
  readonly reach: Reach;
  readonly httpVersion: '1.1' | '2';
  /** Looking the name up, ms; 0 for address literals and loopback names. */
  readonly dnsMs: number;
  /** TCP and TLS handshakes, ms. */
  readonly connectMs: number;
  /** Requests go to a proxy, with the whole URL; `null` to the host itself, or through a tunnel. */
  readonly forwarding: Forwarding | null;
}

export interface Opening {
  /** Gives up: the callback is not called any more. */
  cancel(): void;
}

export interface ConnectorOptions {
  readonly clock: Clock;
  readonly resolver: Resolver;
  /** Whether any certificate of this host is accepted. */
  readonly insecure: (host: string) => boolean;
  /** Do not offer HTTP/2. */
  readonly http1: boolean;
  /** All connections go through it; `null` = directly. */
  readonly proxy: Proxy | null;
}

/** TLS sessions kept for resumption: a full handshake costs about 0.75 ms of processor time, a resumed one a third. */
const MOST_SESSIONS = 1_024;

export class Connector {
  readonly #options: ConnectorOptions;
  readonly #alpn: string[];
  readonly #sessions = new Map<string, Buffer>();

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#alpn = options.http1 ? ['http/1.1'] : ['h2', 'http/1.1'];
  }

  /**
   * Opens a connection where `clearance` allows it: else the error is a `BlockedAddress`, and nothing has been sent.
   * Without a limit of time: that is the attempt's, which cancels.
   */
  connect(target: Target, clearance: Clearance, done: (error: unknown, link: Link | null) => void): Opening {
    const { clock, resolver, proxy } = this.#options;
    const startedAt = clock.now();
    const opening = new SocketOpening();
    // Names are looked up by a proxy, so that of them only literals and names of this machine are known here.
    const known = proxy === null ? null : (addressesWithoutDns(target.hostname) ?? []);
    const next = proxy?.target ?? target;
    const failed = (error: unknown): void => {
      if (!opening.isCancelled)
        done(proxy === null || error instanceof BlockedAddress ? error : proxy.named(error), null);
    };
    if (known !== null && !admits(clearance, reachOf(known))) {
      failed(new BlockedAddress(target, reachOf(known)));
      return opening;
    }
    resolver.resolve(next.hostname, (error, addresses) => {
      if (opening.isCancelled) return;
      if (error !== null) return failed(error);
      const reach = reachOf(known ?? addresses);
      if (!admits(clearance, reach)) return failed(new BlockedAddress(target, reach));
      const resolvedAt = clock.now();
      const dnsMs = resolvedAt - startedAt;
      const opened = (problem: unknown, httpVersion: Link['httpVersion']): void => {
        const { socket } = opening;
        if (opening.isCancelled) return;
        if (problem !== null || socket === null) return failed(problem);
        const address = proxy === null ? (socket.remoteAddress ?? null) : null;
        const forwarding = proxy?.forwarding(target) ?? null;
        done(null, { socket, address, reach, httpVersion, dnsMs, connectMs: clock.now() - resolvedAt, forwarding });
      };
      opening.socket = this.#open(next, addresses, (problem, httpVersion) => {
        if (problem !== null || proxy === null || opening.isCancelled) opened(problem, httpVersion);
        else this.#openThrough(proxy, target, opening, opened);
      });
    });
    return opening;
  }

  /** The proxy is connected: from there to the target, unless requests go to the proxy itself. */
  #openThrough(
    proxy: Proxy,
    target: Target,
    opening: SocketOpening,
    done: (problem: unknown, httpVersion: Link['httpVersion']) => void,
  ): void {
    const { socket } = opening;
    if (socket === null || proxy.forwarding(target) !== null) {
      done(null, '1.1');
      return;
    }
    proxy.tunnel(socket, target, (error, through) => {
      if (through === null) done(error, '1.1');
      else if (opening.isCancelled) through.destroy();
      else if (target.secure) opening.socket = this.#secured(target, { socket: through }, done);
      else {
        opening.socket = through;
        done(null, '1.1');
      }
    });
  }

  /** Connects to one of `addresses`, which have passed the guard. */
  #open(
    target: Target,
    addresses: readonly ResolvedAddress[],
    done: (error: Error | null, httpVersion: '1.1' | '2') => void,
  ): net.Socket {
    const options: net.TcpNetConnectOpts = {
      // The name stays for TLS and for error messages; `lookup` pins it to the addresses given.
      host: target.hostname,
      port: target.port,
      lookup: pinned(addresses),
      noDelay: true,
    };
    if (target.secure) return this.#secured(target, options, done);
    return whenOpen(net.connect(options), 'connect', done);
  }

  /** TLS with the target, over a connection that is there (`socket`) or is to be made. */
  #secured(
    target: Target,
    options: tls.ConnectionOptions,
    done: (error: Error | null, httpVersion: Link['httpVersion']) => void,
  ): tls.TLSSocket {
    return whenOpen(this.#openTls(target, options), 'secureConnect', done);
  }

  #openTls(target: Target, options: tls.ConnectionOptions): tls.TLSSocket {
    const session = this.#sessions.get(target.origin);
    const socket = tls.connect({
      ...options,
      // RFC 6066 §3: an address is not a server name, and a name has no dot at its end.
      ...(net.isIP(target.hostname) === 0 ? { servername: plainHost(target.hostname) } : {}),
      ALPNProtocols: this.#alpn,
      rejectUnauthorized: !this.#options.insecure(target.host),
      ...(session === undefined ? {} : { session }),
    });
    socket.on('session', (fresh: Buffer) => this.#keepSession(target.origin, fresh));
    return socket;
  }

  #keepSession(origin: string, session: Buffer): void {
    this.#sessions.delete(origin);
    if (this.#sessions.size >= MOST_SESSIONS) {
      const oldest = this.#sessions.keys().next();
      if (oldest.done !== true) this.#sessions.delete(oldest.value);
    }
    this.#sessions.set(origin, session);
  }
}

/** A connection that is being made, whichever socket it is at. */
class SocketOpening implements Opening {
  socket: net.Socket | null = null;
  isCancelled = false;

  cancel(): void {
    this.isCancelled = true;
    this.socket?.destroy();
  }
}

function whenOpen<S extends net.Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  done: (error: Error | null, httpVersion: Link['httpVersion']) => void,
): S {
  let isOpen = false;
  socket.once(event, () => {
    isOpen = true;
    done(null, (socket as net.Socket & { alpnProtocol?: unknown }).alpnProtocol === 'h2' ? '2' : '1.1');
  });
  // Listens for the life of the socket, since an error without a listener ends the process. Once it is open, errors are
  // the business of undici, which listens too.
  socket.on('error', (error) => {
    if (!isOpen) done(error, '1.1');
  });
  return socket;
}

/** A look-up that answers with the addresses already found. */
function pinned(addresses: readonly ResolvedAddress[]): net.LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) {
      callback(
        null,
        addresses.map(({ address, family }) => ({ address, family })),
      );
      return;
    }
    const first = addresses[0];
    callback(null, first?.address ?? '', first?.family ?? 4);
  };
}
