/**
 * Fetch stage: the way through a proxy, taken by connections when one is set.
 *
 *     http://  target    the request itself goes to the proxy, with the whole URL (RFC 9112 §3.2.2)
 *     https:// target    CONNECT (RFC 9110 §9.3.6), then TLS with the target inside the tunnel
 *     any, over SOCKS 5  RFC 1928: the proxy connects, name and all
 *
 * In: an open socket to the proxy. Out: a socket that leads to the target. The sockets, their timings and limits stay the
 * connector's, as without a proxy; CONNECT is spoken by undici's client, SOCKS by its agent. What undici's ProxyAgent does
 * besides (a pool of its own) would hide which connection carries which request.
 * Invariant: user name and password of the proxy go to the proxy alone, and stand in no message.
 */
import { createRequire } from 'node:module';
import type net from 'node:net';
import type * as Undici from 'undici';
import { basicAuthorization } from '../url/basic-auth.ts';
import { redactUrl } from '../url/redact.ts';
import type { Target } from './target.ts';

const loadNow = createRequire(import.meta.url);

/** The whole of it, 40 ms to load: only tunnels need more than the client's file. */
function undici(): typeof Undici {
  return loadNow('undici') as typeof Undici;
}

/** A refusal by the proxy, in terms that `classify.ts` knows: the status of its answer decides what it means. */
class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
  readonly code: string;

  constructor(message: string, status: number) {
    super(message);
    this.code = status < 500 ? 'WEIR_PROXY_4XX' : 'WEIR_PROXY_5XX';
  }
}

/** undici's own method: it makes one tunnel; its types do not name it. */
interface SocksTunnels {
  createSocks5Connection(host: string, port: number): Promise<net.Socket>;
}

export type Opened = (error: unknown, socket: net.Socket | null) => void;

export class Proxy {
  /** What a socket is opened to first. */
  readonly target: Target;
  readonly #url: URL;
  readonly #shown: string;
  readonly #authorization: string | null;

  /** @param url http:, https: or socks5:, checked by `config/`. */
  constructor(url: string) {
    this.#url = new URL(url);
    const { protocol, hostname: urlHost, username, password } = this.#url;
    const secure = protocol === 'https:';
    const hostname = urlHost.startsWith('[') ? urlHost.slice(1, -1) : urlHost;
    const port = Number(this.#url.port || (secure ? 443 : protocol === 'http:' ? 80 : 1080));
    this.#shown = `${protocol}//${this.#url.host}`;
    this.target = { origin: `${this.#shown} (proxy)`, secure, hostname, urlHost, host: urlHost, port };
    this.#authorization = username + password === '' ? null : basicAuthorization(username, password);
  }

  /** What an http request through this proxy carries, `null` where it goes through a tunnel like any other. */
  forwarding(target: Target): Forwarding | null {
    if (target.secure || this.#isSocks) return null;
    return {
      origin: target.origin,
      headers: this.#authorization === null ? [] : ['proxy-authorization', this.#authorization],
    };
  }

  /** Makes a tunnel of a socket that is open to the proxy; it is destroyed where that fails. */
  tunnel(socket: net.Socket, target: Target, opened: Opened): void {
    const failed = (error: unknown): void => {
      socket.destroy();
      opened(error, null);
    };
    if (this.#isSocks) this.#socks(socket, target).then((through) => opened(null, through), failed);
    else this.#connect(socket, target).then((through) => opened(null, through), failed);
  }

  /** An error on the way to the target, with the proxy in it: it is not the target's. */
  named(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const { code } = error as { code?: unknown };
    const message = redactUrl(`proxy ${this.#shown}: ${error.message}`);
    return Object.assign(new Error(message), typeof code === 'string' ? { code } : {});
  }

  get #isSocks(): boolean {
    return this.#url.protocol.startsWith('socks');
  }

  async #connect(socket: net.Socket, target: Target): Promise<net.Socket> {
    const { Client } = undici();
    const client = new Client(this.#shown, {
      connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
      headersTimeout: 0,
    });
    const path = `${target.urlHost}:${target.port}`;
    const headers =
      this.#authorization === null ? { host: path } : { host: path, 'proxy-authorization': this.#authorization };
    // undici would try again on a new connection, of which there is none.
    client.on('disconnect', () => void client.destroy().catch(() => undefined));
    const { statusCode, socket: through } = await client.connect({ path, headers });
    if (statusCode >= 200 && statusCode < 300) return through as net.Socket;
    through.on('error', () => undefined).destroy();
    throw new ProxyRefusal(`answered ${statusCode} to CONNECT ${path}`, statusCode);
  }

  async #socks(socket: net.Socket, target: Target): Promise<net.Socket> {
    const { Socks5ProxyAgent } = undici();
    const agent = new Socks5ProxyAgent(this.#url, {
      connect: (_options, callback) => callback(null, socket),
      // The attempt has a limit of its own.
      connectTimeout: 0,
    });
    return await (agent as unknown as SocksTunnels).createSocks5Connection(target.hostname, target.port);
  }
}

/** How requests of a connection to a forwarding proxy differ from others. */
export interface Forwarding {
  /** Stands before the path. */
  readonly origin: string;
  /** Follow the request's own. */
  readonly headers: readonly string[];
}
