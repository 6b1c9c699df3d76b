/**
 * A server of tiny pages for `memory.ts`, run as a process: every path answers with a title of its own, at once. Prints
 * its port; ends when its standard input does, and so never outlives the benchmark.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const body = `<!doctype html><title>Page ${request.url}</title><p>A small page.</p><a href="/">up</a>\n`;
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on('end', () => process.exit());
