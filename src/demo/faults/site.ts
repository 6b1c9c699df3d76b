/**
 * Starts and owns the fault site: all its listeners, in a thread of their own, so that serving takes no time from whoever
 * started it. Out: where they listen (127.0.0.1 only). Whoever starts it closes it.
 *
 * Used by `crawl demo --faults` and by tests, which may start a second one for healthy pages.
 */
import { once } from 'node:events';
import net from 'node:net';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FaultScene, Listener } from './fault.ts';

/** What the site's thread says once it listens. */
export type ServedPorts = Readonly<Record<Exclude<Listener, 'deaf' | 'refusing'>, number>>;

export type FaultPorts = Readonly<Pick<FaultScene, Listener>>;

export interface FaultSite {
  readonly ports: FaultPorts;
  /** Closes every connection and ends the threads. */
  close(): Promise<void>;
}

/** The first port of all (TCPMUX): nothing has listened there for decades, and only root could. */
const REFUSING_PORT = 1;

export async function startFaultSite(): Promise<FaultSite> {
  const [served, deaf] = await Promise.all([startThread('site-worker'), startDeafListener()]);
  return {
    ports: { ...(served.message as ServedPorts), deaf: deaf.port, refusing: REFUSING_PORT },
    close: async () => {
      deaf.close();
      await Promise.all([served.worker.terminate(), deaf.worker.terminate()]);
    },
  };
}

/**
 * A listener whose backlog is full and whose thread sleeps: the kernel drops what comes then, as a firewall would. Two
 * connections of ours fill the backlog of one, and a few more make up for kernels that allow more.
 */
async function startDeafListener(): Promise<{ worker: Worker; port: number; close: () => void }> {
  const { worker, message } = await startThread('deaf-worker');
  const port = message as number;
  const fillers = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1'));
  const connected = fillers.map((filler) => {
    filler.on('error', () => filler.destroy());
    return once(filler, 'connect');
  });
  await Promise.race(connected);
  return { worker, port, close: () => fillers.forEach((filler) => filler.destroy()) };
}

/** Starts a thread of this folder; resolves with the first thing it says. */
async function startThread(name: string): Promise<{ worker: Worker; message: unknown }> {
  // The extension is our own: `.ts` in the checkout, `.js` in the installed package.
  const worker = new Worker(new URL(`./${name}${extname(import.meta.filename)}`, import.meta.url));
  const [message] = (await once(worker, 'message')) as [unknown];
  return { worker, message };
}
