/**
 * Concurrency across threads and processes: a bounded queue that all of them use, as Python's `multiprocessing.Queue`. One
 * side owns a `BoundedQueue` and serves it; producers and consumers elsewhere hold a client.
 *
 * Invariant: that of the queue behind it. `put` is answered only once the item is in, so the producer of another process
 * waits while the queue is full: backpressure crosses the border. `close` ends every consumer, wherever it is. An item
 * that was handed to a process which then dies is lost with it.
 *
 *     owner:     const queue = new SharedQueue<number>({ capacity: 4 }); queue.serve(processEndpoint(child));
 *     elsewhere: const queue = new SharedQueueClient<number>(processEndpoint(process)); await queue.put(1);
 */
import { BoundedQueue } from '../bounded-queue.ts';
import type { Endpoint } from './endpoint.ts';
import { RemoteCaller, serveCalls } from './remote-calls.ts';

/** The owner's side: a bounded queue like any other, and served. */
export class SharedQueue<T> extends BoundedQueue<T> {
  /** Serves whoever is at the other end. */
  serve(endpoint: Endpoint): void {
    serveCalls(endpoint, {
      put: (item: T) => this.put(item),
      take: () => this.take(),
      close: () => this.close(),
    });
  }
}

/** The side of a thread or process that puts or takes. Its owner disconnects it. */
export class SharedQueueClient<T> implements AsyncIterable<T> {
  readonly #caller: RemoteCaller;

  constructor(endpoint: Endpoint) {
    this.#caller = new RemoteCaller(endpoint);
  }

  /** Waits while the queue is full. @throws {CrawlError} where it is closed: the item was not put. */
  async put(item: T): Promise<void> {
    await this.#caller.ask('put', item);
  }

  /** The oldest item; `undefined` = closed and drained. */
  async take(): Promise<T | undefined> {
    return (await this.#caller.ask('take')) as T | undefined;
  }

  /** Closes the queue for all: nothing more goes in, every consumer ends. */
  async close(): Promise<void> {
    await this.#caller.ask('close');
  }

  /** Leaves the queue; for the others it goes on. */
  disconnect(): void {
    this.#caller.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let item = await this.take(); item !== undefined; item = await this.take()) yield item;
  }
}
