/** Laboratory: a site on loopback whose every page takes its time, and that counts how many it is asked for at once. */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlowSite extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** The most requests that were being answered at one moment. */
  readonly peak: number;
  /** Those answered, in the order of their ends. */
  readonly requests: readonly Served[];
}

/** A request as the server saw it, in ms of `performance.now()`. */
export interface Served {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Each answer comes after `ms`; instead of one the connection breaks where `breaks` says so. */
export async function slowSite(ms: number, breaks: (path: string) => boolean = () => false): Promise<SlowSite> {
  let inFlight = 0;
  let peak = 0;
  const requests: Served[] = [];
  const server = createServer((request, response) => {
    inFlight++;
    peak = Math.max(peak, inFlight);
    const from = performance.now();
    setTimeout(() => {
      inFlight--;
      requests.push({ path: request.url ?? '', from, to: performance.now() });
      if (breaks(request.url ?? '')) response.destroy();
      else response.end(`the page at ${request.url ?? ''}\n`);
    }, ms);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get peak() {
      return peak;
    },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Bytes of the page. */
export function fetchSize(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => resolve(bytes));
      response.on('error', reject);
    }).on('error', reject);
  });
}
