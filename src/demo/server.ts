/**
 * Starts and owns the demo site's server thread. In: port, seed, speed. Out: the port it listens on (127.0.0.1 only), its
 * own counts of what was asked, and a way to wait for a number of requests. Whoever starts it closes it.
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CrawlError } from '../model/errors.ts';
import type { DemoServerData, FromDemoServer, ToDemoServer } from './server-messages.ts';
import { DEMO_SEED } from './site.ts';

export interface DemoServerOptions {
  /** 0 (the default) = any free port. */
  readonly port?: number;
  readonly seed?: number;
  /** 1 (the default) = latencies as designed; 0.1 = a tenth of the speed. */
  readonly speed?: number;
}

export interface DemoServer {
  readonly port: number;
  /** Requests since the start, by URL; requests that were given up by the client count too. */
  counts(): Promise<ReadonlyMap<string, number>>;
  /** Resolves when `requests` requests in all have arrived; never rejects. */
  reached(requests: number): Promise<void>;
  /** Closes every connection and ends the thread. */
  close(): Promise<void>;
}

/**
 * @throws CrawlError `ERR_USAGE` when the port is taken.
 */
export async function startDemoSite(options: DemoServerOptions = {}): Promise<DemoServer> {
  const data: DemoServerData = {
    port: options.port ?? 0,
    seed: options.seed ?? DEMO_SEED,
    speed: options.speed ?? 1,
  };
  // The extension is our own: `.ts` in the checkout, `.js` in the installed package.
  const entry = new URL(`./server-worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(entry, { workerData: data });
  const waiting: { counts: ((hits: ReadonlyMap<string, number>) => void)[]; reached: Map<number, (() => void)[]> } = {
    counts: [],
    reached: new Map(),
  };
  const post = (message: ToDemoServer): void => worker.postMessage(message);

  const port = await listening(worker, data.port);
  worker.on('message', (message: FromDemoServer) => {
    if (message.type === 'counts') waiting.counts.shift()?.(message.hits);
    if (message.type === 'reached') for (const resolve of waiting.reached.get(message.requests) ?? []) resolve();
  });

  return {
    port,
    counts: () =>
      new Promise((resolve) => {
        waiting.counts.push(resolve);
        post({ type: 'counts' });
      }),
    reached: (requests) =>
      new Promise((resolve) => {
        waiting.reached.set(requests, [...(waiting.reached.get(requests) ?? []), resolve]);
        post({ type: 'notify-at', requests });
      }),
    close: async () => {
      const exited = once(worker, 'exit');
      post({ type: 'close' });
      await exited;
    },
  };
}

async function listening(worker: Worker, wantedPort: number): Promise<number> {
  const [message] = (await once(worker, 'message')) as [FromDemoServer];
  if (message.type === 'listening') return message.port;
  await worker.terminate();
  if (message.type === 'failed' && message.code === 'EADDRINUSE') {
    const text = `port ${wantedPort} of 127.0.0.1 is taken; another \`crawl demo --serve\` may be running`;
    throw new CrawlError('ERR_USAGE', text);
  }
  throw new CrawlError('ERR_INTERNAL', `the demo site did not start: ${JSON.stringify(message)}`);
}
