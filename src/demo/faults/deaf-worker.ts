/**
 * A thread that listens and then sleeps for good: connections wait in the backlog, nobody accepts them. Out, once: its port.
 * Owned and ended (terminated) by `site.ts`.
 */
import { createServer, type AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort?.postMessage((server.address() as AddressInfo).port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
