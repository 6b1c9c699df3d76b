/** Laboratory: counts the worker threads of this process that have been started and have not ended, whoever starts them. */
import type { Worker } from 'node:worker_threads';

export interface ThreadWatch extends Disposable {
  readonly started: number;
  readonly alive: number;
}

/** From now on, until it is disposed of. */
export function watchThreads(): ThreadWatch {
  let started = 0;
  let ended = 0;
  const watch = (worker: Worker): void => {
    started++;
    worker.once('exit', () => ended++);
  };
  process.on('worker', watch);
  return {
    get started() {
      return started;
    },
    get alive() {
      return started - ended;
    },
    [Symbol.dispose]: () => void process.off('worker', watch),
  };
}
