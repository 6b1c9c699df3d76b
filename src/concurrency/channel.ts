/**
 * Concurrency: the channel, a pipe with two kinds of ends. A bounded queue whose end needs no call of `close` by somebody
 * who knows all producers: each producer opens its own write end and closes it, and the last one closed ends the channel.
 *
 *     write end ─┐                         ┌─ read end
 *     write end ─┴─► ( bounded queue ) ────┴─ read end
 *
 * Invariants, as for a Unix pipe: readers get the end (`undefined`) exactly when every write end is closed and everything
 * written has been read; writing fails (ERR_CLOSED, the pipe's EPIPE) exactly when every read end is closed, for nobody
 * would ever read it. So **whoever holds a write end that it does not use keeps all readers waiting**: the parent that
 * forks a child must close its own copy.
 */
import type { Clock } from '../model/clock.ts';
import { CrawlError } from '../model/errors.ts';
import { BoundedQueue } from './bounded-queue.ts';
import type { Traced } from './tracer.ts';

export interface ChannelOptions extends Traced {
  /** Items written and not yet read: an integer ≥ 1. */
  readonly capacity: number;
  readonly clock?: Clock;
}

export interface WriteEnd<T> extends Disposable {
  /** Waits while the channel is full. @throws {CrawlError} ERR_CLOSED once this end or every read end is closed. */
  write(item: T, signal?: AbortSignal): Promise<void>;
  /** Calling it again does nothing. */
  close(): void;
}

export interface ReadEnd<T> extends Disposable, AsyncIterable<T> {
  /** The next item; `undefined` = the end. @throws {CrawlError} ERR_CLOSED once this end is closed. */
  read(signal?: AbortSignal): Promise<T | undefined>;
  close(): void;
}

export class Channel<T> {
  readonly #queue: BoundedQueue<T>;
  #writers = 0;
  #readers = 0;

  constructor(options: ChannelOptions) {
    this.#queue = new BoundedQueue({ ...options, name: options.name ?? 'channel' });
  }

  /** Write ends that are open. */
  get writers(): number {
    return this.#writers;
  }

  /** Read ends that are open. */
  get readers(): number {
    return this.#readers;
  }

  /** A further write end. @throws {CrawlError} ERR_CLOSED where the channel has ended. */
  openWriter(): WriteEnd<T> {
    if (this.#queue.isClosed) throw closedError('the channel has ended');
    this.#writers++;
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      if (--this.#writers === 0) this.#queue.close();
    };
    const write = (item: T, signal?: AbortSignal): Promise<void> =>
      isOpen ? this.#queue.put(item, signal) : Promise.reject(closedError('this write end is closed'));
    return { write, close, [Symbol.dispose]: close };
  }

  /** A further read end. */
  openReader(): ReadEnd<T> {
    this.#readers++;
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      if (--this.#readers === 0) this.#queue.abort(closedError('nobody reads any more'));
    };
    const read = (signal?: AbortSignal): Promise<T | undefined> =>
      isOpen ? this.#queue.take(signal) : Promise.reject(closedError('this read end is closed'));
    return { read, close, [Symbol.dispose]: close, [Symbol.asyncIterator]: () => itemsOf(read) };
  }
}

async function* itemsOf<T>(read: () => Promise<T | undefined>): AsyncGenerator<T, void, undefined> {
  for (;;) {
    const item = await read();
    if (item === undefined) return;
    yield item;
  }
}

function closedError(what: string): CrawlError {
  return new CrawlError('ERR_CLOSED', `${what}: the channel carries nothing more`);
}
