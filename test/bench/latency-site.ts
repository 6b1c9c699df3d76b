/**
 * Many hosts that take their time: `small-server.ts` on a loopback address for each host, so that no program has to resolve
 * a name; latencies spread evenly from 50 to 300 ms. Nothing but the number in flight should bound such a crawl, so its
 * ideal time is the sum of all latencies divided by that number.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { smallPage } from './small-page.ts';
import type { BenchSite, ExpectedPage } from './site.ts';

/** Of one server process: each takes a file descriptor, and of those a process may have 4,096 on the strictest systems. */
const MOST_ADDRESSES = 2_500;
const SERVER = fileURLToPath(new URL('small-server.ts', import.meta.url));

/** A site with the sum of what its answers wait. */
export interface LatencySite extends BenchSite {
  readonly latencyMs: number;
}

/** `pagesOf(i)` is the number of pages of host `i`. */
export async function startLatencySite(hosts: number, pagesOf: (host: number) => number): Promise<LatencySite> {
  const addresses = Array.from({ length: hosts }, (_, host) => addressOf(host));
  const servers: SmallServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    for (let from = 0; from < hosts; from += MOST_ADDRESSES) {
      servers.push(await startServer(servers[0]?.port ?? 0, addresses.slice(from, from + MOST_ADDRESSES)));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const expected = new Map<string, ExpectedPage>();
  let latencyMs = 0;
  for (const [host, address] of addresses.entries()) {
    for (let page = 0; page < pagesOf(host); page += 1) {
      const ms = 50 + ((expected.size * 97) % 251);
      const path = `/page/${page}?ms=${ms}`;
      const body = Buffer.from(smallPage(path));
      const sha256 = createHash('sha256').update(body).digest('hex');
      expected.set(`http://${address}:${servers[0]?.port}${path}`, { bytes: body.length, sha256 });
      latencyMs += ms;
    }
  }
  const urls = [...expected.keys()];
  return {
    label: `${urls.length.toLocaleString('en-US')} small pages of ${hosts.toLocaleString('en-US')} hosts, each after 50 to 300 ms`,
    comparable: true,
    urls,
    expected,
    latencyMs,
    close,
  };
}

interface SmallServer {
  readonly port: number;
  close(): Promise<void>;
}

async function startServer(port: number, addresses: readonly string[]): Promise<SmallServer> {
  const server = spawn(process.execPath, [SERVER, String(port), ...addresses], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  const line = await Promise.race([once(server.stdout, 'data') as Promise<[Buffer]>, exited.then(() => null)]);
  if (line === null)
    throw new Error(`the server of ${addresses.length} addresses from ${addresses[0]} on did not start`);
  return {
    port: Number(line[0].toString()),
    close: async () => {
      server.stdin.end();
      await exited;
    },
  };
}

/** 127.1.0.1 and on, 250 to a block: never the addresses that nginx has. */
function addressOf(host: number): string {
  return `127.${1 + Math.floor(host / 62_500)}.${Math.floor(host / 250) % 250}.${1 + (host % 250)}`;
}
