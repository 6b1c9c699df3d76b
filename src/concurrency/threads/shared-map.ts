/**
 * Concurrency across threads and processes: a map that all of them use. One side owns the map and serves it; the others hold
 * a client that sends each operation as a message (Python's `Manager` works the same way).
 *
 * Invariant: the owner carries out one operation after the other, in the order in which they arrive, so each *single*
 * operation is atomic. A `get` followed by a `set` is two: between them others may have changed the value. What must happen
 * in one step has an operation of its own (`append`).
 *
 *     main:    const map = new SharedMap(); worker.postMessage(map.connect(), [port])      // or map.serve(processEndpoint(child))
 *     worker:  const map = new SharedMapClient(portEndpoint(port)); await map.set('key', 'value')
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { CrawlError } from '../../model/errors.ts';
import { portEndpoint, type Endpoint } from './endpoint.ts';
import { RemoteCaller, serveCalls } from './remote-calls.ts';

/** The owner's side. */
export class SharedMap {
  readonly entries: Map<string, unknown> = new Map<string, unknown>();

  /** A port for one thread: transfer it, and make a client of it there. */
  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.serve(portEndpoint(port1));
    // A service is no reason to stay alive.
    port1.unref();
    return port2;
  }

  /** Serves whoever is at the other end. */
  serve(endpoint: Endpoint): void {
    serveCalls(endpoint, {
      get: (key: string) => this.entries.get(key),
      set: (key: string, value: unknown) => void this.entries.set(key, value),
      has: (key: string) => this.entries.has(key),
      delete: (key: string) => this.entries.delete(key),
      append: (key: string, value: unknown) => this.#append(key, value),
      entries: () => [...this.entries],
    });
  }

  #append(key: string, value: unknown): number {
    const list = this.entries.get(key) ?? [];
    if (!Array.isArray(list)) throw new CrawlError('ERR_INTERNAL', `append: the value of "${key}" is no list`);
    this.entries.set(key, [...(list as unknown[]), value]);
    return list.length + 1;
  }
}

/** The side of a thread or process that uses the map. Its owner closes it: an open connection keeps the thread alive. */
export class SharedMapClient {
  readonly #caller: RemoteCaller;

  constructor(endpoint: Endpoint) {
    this.#caller = new RemoteCaller(endpoint);
  }

  get(key: string): Promise<unknown> {
    return this.#caller.ask('get', key);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#caller.ask('set', key, value);
  }

  async has(key: string): Promise<boolean> {
    return (await this.#caller.ask('has', key)) as boolean;
  }

  /** @returns whether it was there. */
  async delete(key: string): Promise<boolean> {
    return (await this.#caller.ask('delete', key)) as boolean;
  }

  /** Adds to the list at `key`, which is made if need be. @returns its new length. */
  async append(key: string, value: unknown): Promise<number> {
    return (await this.#caller.ask('append', key, value)) as number;
  }

  async entries(): Promise<[string, unknown][]> {
    return (await this.#caller.ask('entries')) as [string, unknown][];
  }

  /** Requests without an answer fail with ERR_CLOSED. */
  close(): void {
    this.#caller.close();
  }
}
