/**
 * A server of tiny pages for `memory.ts` and `broad.ts`, run as a process: every path answers with a title of its own, at
 * once, or `?ms=N` milliseconds later. Prints its port; ends when its standard input does, and so never outlives the
 * benchmark.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const body = `<!doctype html><title>Page ${path}</title><p>A small page.</p><a href="/">up</a>\n`;
  const send = (): void => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  const latencyAt = path.indexOf('?ms=');
  if (latencyAt === -1) send();
  else setTimeout(send, Number(path.slice(latencyAt + 4)));
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on('end', () => process.exit());
