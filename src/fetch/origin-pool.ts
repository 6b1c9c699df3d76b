/**
 * Fetch stage: all origins that a run has connections to: at most `maxOrigins` of them. When one more is needed, the origin
 * that was used longest ago and is idle now is closed. Where more fetches are in flight than that, all to different origins,
 * there is no idle one, and the number in flight is the bound. The same goes for connections, where open files are few.
 *
 * Owner: the fetcher, which closes it.
 */
import type { Clock } from '../model/clock.ts';
import type { Connector } from './connector.ts';
import { Origin } from './origin.ts';
import { targetOf } from './target.ts';

export interface OriginPoolOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly connectionsPerOrigin: (host: string) => number;
  readonly maxOrigins: number;
  /** Of all origins together, if no more requests run or wait at a time; Infinity = no bound. */
  readonly maxConnections: number;
  readonly http2: boolean;
}

export class OriginPool {
  readonly #options: OriginPoolOptions;
  /** In order of use, last used last: a Map keeps the order of insertion. */
  readonly #origins = new Map<string, Origin>();
  /** The last one used: a list sorted by host need not move it again and again. */
  #latest: string | null = null;

  constructor(options: OriginPoolOptions) {
    this.#options = options;
  }

  /** Origins kept now. */
  get size(): number {
    return this.#origins.size;
  }

  /** The origin of `url`, new or known. */
  of(url: URL): Origin {
    const key = url.origin;
    const known = this.#origins.get(key);
    if (known !== undefined) {
      if (this.#latest !== key) {
        this.#origins.delete(key);
        this.#origins.set(key, known);
        this.#latest = key;
      }
      return known;
    }
    if (this.#origins.size >= this.#options.maxOrigins) this.#closeOldest();
    const { connector, clock, connectionsPerOrigin, http2 } = this.#options;
    const target = targetOf(url);
    const limit = (): number => connectionsPerOrigin(target.host);
    const origin = new Origin(target, { connector, clock, limit, http2, makeRoom: this.#makeRoom });
    this.#origins.set(key, origin);
    this.#latest = key;
    return origin;
  }

  /** Closes one origin, unless somebody uses it. */
  closeIfIdle(key: string): void {
    const origin = this.#origins.get(key);
    if (origin?.isIdle !== true) return;
    this.#origins.delete(key);
    if (this.#latest === key) this.#latest = null;
    origin.destroy();
  }

  /** Closes the origins that nobody uses now, and the idle connections of the others. */
  closeIdle(): void {
    for (const [key, origin] of this.#origins) {
      if (origin.isIdle) this.#origins.delete(key);
      origin.closeIdle();
    }
    this.#latest = null;
  }

  /** Resolves when all sockets are closed; to be called when nothing runs any more. */
  async close(): Promise<void> {
    const origins = [...this.#origins.values()];
    this.#origins.clear();
    await Promise.all(origins.map((origin) => origin.close()));
  }

  /** Closes all sockets at once. */
  destroy(): void {
    for (const origin of this.#origins.values()) origin.destroy();
    this.#origins.clear();
  }

  /**
   * Before one more is opened: while as many are open as may be, one that nobody uses is closed, of the origin used longest ago.
   * Whoever opens one has a request that needs it, so what is in use and what is waited for never fills the bound.
   */
  readonly #makeRoom = (forOrigin: Origin): void => {
    const { maxConnections } = this.#options;
    if (maxConnections === Infinity) return;
    let open = 0;
    for (const origin of this.#origins.values()) open += origin.openCount;
    for (const watched of [false, true]) {
      for (const origin of this.#origins.values()) {
        while (open >= maxConnections && origin.giveUpOne(watched, origin === forOrigin ? 1 : 0)) open--;
      }
    }
  };

  #closeOldest(): void {
    for (const [key, origin] of this.#origins) {
      if (!origin.isIdle) continue;
      this.#origins.delete(key);
      origin.destroy();
      // One more if fetches in flight had made them too many before.
      if (this.#origins.size < this.#options.maxOrigins) return;
    }
  }
}
