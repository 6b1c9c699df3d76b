/**
 * A worker thread that is started before it is known what for. Node takes 100 ms and more to bring one up and to load what
 * it runs: time in which the thread that wants it can read its settings.
 *
 * In: how to start the worker. Out: the worker, to whoever takes it first; from then on it is theirs to end.
 * Invariant: a worker is handed out once. One that waits in vain keeps neither a file open nor the process alive.
 */
import type { Worker } from 'node:worker_threads';

export class WarmWorker {
  readonly #start: () => Worker;
  #waiting: Worker | null = null;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** Has a worker ready for the next `take`. */
  warm(): void {
    if (this.#waiting !== null) return;
    const worker = this.#start();
    worker.unref();
    // Nobody listens yet: who takes the next one hears what is wrong.
    const forget = (): void => {
      if (this.#waiting === worker) this.#waiting = null;
    };
    worker.on('error', forget);
    worker.on('exit', forget);
    this.#waiting = worker;
  }

  /** Ends the worker that is ready, if there is one: nobody will take it. */
  cool(): void {
    void this.#waiting?.terminate();
    this.#waiting = null;
  }

  /** The worker that is ready, or a new one. */
  take(): Worker {
    const worker = this.#waiting ?? this.#start();
    this.#waiting = null;
    worker.ref();
    return worker;
  }
}
