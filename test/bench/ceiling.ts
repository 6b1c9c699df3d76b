/**
 * The ceiling, run as a process: a bare loop of `undici.request` over a list, 16 connections shared out over its origins,
 * bodies drained and thrown away, nothing parsed, nothing stored. Prints pages, bytes and the time of the loop as JSON.
 *
 * Bare means: no header but what undici sends by itself, so no Accept-Encoding. The bodies come uncompressed, and the loop is
 * spared what asking for compressed ones would cost; Weir asks for them, decodes and keeps them in the time it is given.
 *
 *     node test/bench/ceiling.ts LIST
 */
import { readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Pool } from 'undici';

const CONNECTIONS = 16;

const listFile = process.argv[2];
if (listFile === undefined) throw new Error('usage: node test/bench/ceiling.ts LIST');
const byOrigin = Map.groupBy(readFileSync(listFile, 'utf8').trim().split('\n'), (url) => new URL(url).origin);
const perOrigin = Math.max(1, Math.floor(CONNECTIONS / byOrigin.size));

const total = { pages: 0, wireBytes: 0 };
const startedAt = performance.now();
await Promise.all([...byOrigin].map(([origin, urls]) => drainOrigin(origin, urls)));
console.log(JSON.stringify({ ...total, ms: performance.now() - startedAt }));

async function drainOrigin(origin: string, urls: readonly string[]): Promise<void> {
  const pool = new Pool(origin, {
    connections: perOrigin,
    // Names under .localhost do not resolve everywhere; whatever the list names, this loop stays on this machine.
    connect: { lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) },
  });
  const paths = urls.map((url) => url.slice(origin.length));
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < paths.length) {
      const path = paths[next] as string;
      next += 1;
      const answer = await pool.request({ method: 'GET', path });
      if (answer.statusCode !== 200) throw new Error(`${origin}${path}: status ${answer.statusCode}`);
      answer.body.on('data', (chunk: Buffer) => (total.wireBytes += chunk.length));
      await finished(answer.body);
      total.pages += 1;
    }
  };
  await Promise.all(Array.from({ length: perOrigin }, loop));
  await pool.close();
}
