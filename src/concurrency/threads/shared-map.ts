/**
 * Concurrency across threads and processes: a map that all of them use. Objects cannot be shared, so one side owns the map
 * and serves it; the others hold a client that sends each operation as a message (Python's `Manager` works the same way).
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

type Operation = 'get' | 'set' | 'has' | 'delete' | 'append' | 'entries';

interface Request {
  readonly number: number;
  readonly operation: Operation;
  readonly key: string;
  readonly value: unknown;
}

interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

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
    endpoint.receive((message) => {
      const request = message as Request;
      const { number } = request;
      try {
        endpoint.send({ number, value: this.#carryOut(request) } satisfies Answer);
      } catch (error) {
        endpoint.send({ number, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
      }
    });
  }

  #carryOut({ operation, key, value }: Request): unknown {
    switch (operation) {
      case 'get':
        return this.entries.get(key);
      case 'set':
        return void this.entries.set(key, value);
      case 'has':
        return this.entries.has(key);
      case 'delete':
        return this.entries.delete(key);
      case 'entries':
        return [...this.entries];
      case 'append':
        return this.#append(key, value);
      default:
        throw new CrawlError('ERR_INTERNAL', `a shared map has no operation ${String(operation satisfies never)}`);
    }
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
  readonly #endpoint: Endpoint;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #number = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    endpoint.receive((message) => {
      const { number, value, error } = message as Answer;
      const request = this.#open.get(number);
      this.#open.delete(number);
      if (error === undefined) request?.resolve(value);
      else request?.reject(new CrawlError('ERR_INTERNAL', error));
    });
  }

  get(key: string): Promise<unknown> {
    return this.#ask('get', key);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#ask('set', key, value);
  }

  async has(key: string): Promise<boolean> {
    return (await this.#ask('has', key)) as boolean;
  }

  /** @returns whether it was there. */
  async delete(key: string): Promise<boolean> {
    return (await this.#ask('delete', key)) as boolean;
  }

  /** Adds to the list at `key`, which is made if need be. @returns its new length. */
  async append(key: string, value: unknown): Promise<number> {
    return (await this.#ask('append', key, value)) as number;
  }

  async entries(): Promise<[string, unknown][]> {
    return (await this.#ask('entries', '')) as [string, unknown][];
  }

  /** Requests without an answer fail with ERR_CLOSED. */
  close(): void {
    this.#endpoint.close();
    for (const request of this.#open.values())
      request.reject(new CrawlError('ERR_CLOSED', 'the shared map was closed'));
    this.#open.clear();
  }

  #ask(operation: Operation, key: string, value?: unknown): Promise<unknown> {
    const request = Promise.withResolvers<unknown>();
    this.#open.set(++this.#number, request);
    this.#endpoint.send({ number: this.#number, operation, key, value } satisfies Request);
    return request.promise;
  }
}
