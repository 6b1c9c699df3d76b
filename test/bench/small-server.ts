/**
 * A server of tiny pages for `memory.ts`, `broad.ts` and the latency-bound jobs of `bench.ts`, run as a process: every path
 * answers with a title of its own, at once, or `?ms=N` milliseconds later. Prints its port; ends when its standard input
 * does, and so never outlives the benchmark.
 *
 *     node test/bench/small-server.ts [ADDRESS…]     beside 127.0.0.1, the same port of each loopback address
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createListener } from 'node:net';
import type { AddressInfo } from 'node:net';
import { smallPage } from './small-page.ts';

const BACKLOG = 4_096;

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const body = smallPage(path);
  const send = (): void => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  const latencyAt = path.indexOf('?ms=');
  if (latencyAt === -1) send();
  else setTimeout(send, Number(path.slice(latencyAt + 4)));
});
server.keepAliveTimeout = 120_000;
process.stdin.resume().on('end', () => process.exit());
await once(server.listen(0, '127.0.0.1', BACKLOG), 'listening');
const { port } = server.address() as AddressInfo;
for (const address of process.argv.slice(2)) await listenAt(address, port);
console.log(port);

/** An http server listens once; further addresses hand it their connections. */
async function listenAt(address: string, port: number): Promise<void> {
  const listener = createListener((socket) => server.emit('connection', socket));
  await once(listener.listen(port, address, BACKLOG), 'listening');
}
