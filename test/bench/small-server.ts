/**
 * A server of tiny pages for `memory.ts`, `broad.ts` and the latency-bound jobs of `bench.ts`, run as a process: every path
 * answers with a title of its own, at once, or `?ms=N` milliseconds later. Prints its port; ends when its standard input
 * does, and so never outlives the benchmark.
 *
 *     node test/bench/small-server.ts [PORT [ADDRESS…]]     a free port and 127.0.0.1; the same port of all addresses
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

const [port = '0', ...addresses] = process.argv.slice(2);
let chosen = Number(port);
for (const address of addresses.length === 0 ? ['127.0.0.1'] : addresses) chosen = await listenAt(address, chosen);
console.log(chosen);

/** An http server listens at one address only; so a listener for each hands it the connections. Resolves to the port. */
async function listenAt(address: string, at: number): Promise<number> {
  const listener = createListener((socket) => server.emit('connection', socket));
  await once(listener.listen(at, address, BACKLOG), 'listening');
  return (listener.address() as AddressInfo).port;
}
