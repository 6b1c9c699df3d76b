/**
 * Concurrency across threads and processes: calls over a connection. Objects cannot be shared, so one side owns the object
 * and serves its operations; the other side asks for them by message (`SharedMap`, `SharedQueue`).
 *
 * Invariant: operations begin in the order in which they arrive, and each call is answered once. The answer to one that
 * waits may come after that to a later one, so answers carry the number of their call.
 */
import { CrawlError } from '../../model/errors.ts';
import type { Endpoint } from './endpoint.ts';

interface Call {
  readonly number: number;
  readonly operation: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What the owner can be asked for. An operation that returns a promise is answered when that is settled. */
export type Operations = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Answers whoever is at the other end. */
export function serveCalls(endpoint: Endpoint, operations: Operations): void {
  endpoint.receive((message) => void answer(message as Call, operations, endpoint));
}

async function answer({ number, operation, args }: Call, operations: Operations, endpoint: Endpoint): Promise<void> {
  try {
    const carryOut = operations[operation];
    if (carryOut === undefined) throw new CrawlError('ERR_INTERNAL', `there is no operation ${operation}`);
    const value = await carryOut(...(args as never[]));
    endpoint.send({ number, value } satisfies Answer);
  } catch (error) {
    endpoint.send({ number, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
  }
}

/** The side that asks. Its owner closes it: an open connection keeps the thread or process alive. */
export class RemoteCaller {
  readonly #endpoint: Endpoint;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #number = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    endpoint.receive((message) => {
      const { number, value, error } = message as Answer;
      const call = this.#open.get(number);
      this.#open.delete(number);
      if (error === undefined) call?.resolve(value);
      else call?.reject(new CrawlError('ERR_INTERNAL', error));
    });
  }

  /** @throws {CrawlError} ERR_INTERNAL with the message of what the operation throws. */
  ask(operation: string, ...args: readonly unknown[]): Promise<unknown> {
    const call = Promise.withResolvers<unknown>();
    this.#open.set(++this.#number, call);
    this.#endpoint.send({ number: this.#number, operation, args } satisfies Call);
    return call.promise;
  }

  /** Calls without an answer fail with ERR_CLOSED. */
  close(): void {
    this.#endpoint.close();
    for (const call of this.#open.values()) call.reject(new CrawlError('ERR_CLOSED', 'the connection was closed'));
    this.#open.clear();
  }
}
