/**
 * Where a parser works, as the main thread sees it: a thread of its own, or a guest's place in the store's thread. What differs between
 * the two is here: how to end it, and how to hear that it has ended.
 */
import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { fromErrorMessage } from '../model/errors.ts';
import type { FromThread, ToThread } from './messages.ts';

export interface ParserHostEvents {
  readonly onMessage: (message: FromThread) => void;
  /** What it dies of; `onExit` follows. */
  readonly onError: (error: unknown) => void;
  readonly onExit: () => void;
}

export interface ParserHost {
  /** Whether it can be ended in the midst of a page. */
  readonly canBeEnded: boolean;
  listen(events: ParserHostEvents): void;
  post(message: ToThread, transfer: readonly Transferable[]): void;
  /** Ends it now; of a guest, only what it has not begun. */
  end(): void;
  /** Share of the time since the last call that its own thread was busy, 0…1; 0 for a guest, whose host's it is. */
  utilization(): number;
}

export class OwnThread implements ParserHost {
  readonly canBeEnded = true;
  readonly #worker: Worker;
  #lastUtilization: ReturnType<Worker['performance']['eventLoopUtilization']>;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#lastUtilization = worker.performance.eventLoopUtilization();
  }

  listen({ onMessage, onError, onExit }: ParserHostEvents): void {
    this.#worker.on('message', onMessage);
    this.#worker.on('error', onError);
    this.#worker.once('exit', onExit);
  }

  post(message: ToThread, transfer: readonly Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }

  end(): void {
    void this.#worker.terminate();
  }

  utilization(): number {
    const { eventLoopUtilization } = this.#worker.performance;
    const current = eventLoopUtilization();
    const since = eventLoopUtilization(current, this.#lastUtilization);
    this.#lastUtilization = current;
    return Number.isFinite(since.utilization) ? since.utilization : 0;
  }
}

export class Guest implements ParserHost {
  readonly canBeEnded = false;
  readonly #port: MessagePort;

  /** @param port Its other end is served by `serveAsGuest`. */
  constructor(port: MessagePort) {
    this.#port = port;
  }

  listen({ onMessage, onError, onExit }: ParserHostEvents): void {
    this.#port.on('message', (message: FromThread) => {
      if (message.type === 'defect') onError(fromErrorMessage(message.error));
      else onMessage(message);
    });
    this.#port.once('close', onExit);
  }

  post(message: ToThread, transfer: readonly Transferable[]): void {
    this.#port.postMessage(message, transfer);
  }

  end(): void {
    this.#port.close();
  }

  utilization(): number {
    return 0;
  }
}
