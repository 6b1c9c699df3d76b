/**
 * A server that sends an answer too many: behind an answer of its own, after a while, one more that nobody asked for, on
 * kept-alive connections and without end. All times are drawn from a seed. The body of an answer is the path that was
 * asked for; that of a surplus is `SURPLUS`.
 */
import { createServer, type Socket } from 'node:net';
import { listen } from './listen.ts';

export const SURPLUS = 'nobody asked for this';

export interface SurplusServerOptions {
  readonly seed: number;
  /** From a request to its answer, ms. */
  readonly pageMs: readonly [least: number, most: number];
  /** From an answer to the surplus behind it, ms. */
  readonly lateMs: readonly [least: number, most: number];
  /** Whether a surplus comes behind the answer to this path. Default: behind each. */
  readonly follows?: (path: string, draw: () => number) => boolean;
}

export interface SurplusServer extends AsyncDisposable {
  url(path: string): string;
  /** Connections accepted so far. */
  readonly connections: number;
  /** The most that were open at once. */
  readonly mostOpen: number;
  /** Requests that were not the first of their connection. */
  readonly reuses: number;
  readonly surpluses: number;
}

export async function startSurplusServer(options: SurplusServerOptions): Promise<SurplusServer> {
  const draw = drawFrom(options.seed);
  const between = ([least, most]: readonly [number, number]): number => least + draw() * (most - least);
  const follows = options.follows ?? (() => true);
  const open = new Set<Socket>();
  const counts = { connections: 0, mostOpen: 0, reuses: 0, surpluses: 0 };

  const answer = (socket: Socket, path: string): void => {
    if (socket.destroyed) return;
    socket.write(answerWith(path));
    if (!follows(path, draw)) return;
    setTimeout(() => {
      if (socket.destroyed) return;
      counts.surpluses++;
      socket.write(answerWith(SURPLUS));
    }, between(options.lateMs));
  };

  const server = createServer((socket) => {
    counts.connections++;
    open.add(socket);
    counts.mostOpen = Math.max(counts.mostOpen, open.size);
    let read = '';
    let requests = 0;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      read += chunk.toString('latin1');
      for (let end = read.indexOf('\r\n\r\n'); end !== -1; end = read.indexOf('\r\n\r\n')) {
        const path = read.split(' ', 2)[1] ?? '';
        read = read.slice(end + 4);
        if (requests++ > 0) counts.reuses++;
        setTimeout(() => answer(socket, path), between(options.pageMs));
      }
    });
  });
  const port = await listen(server);
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    get connections() {
      return counts.connections;
    },
    get mostOpen() {
      return counts.mostOpen;
    },
    get reuses() {
      return counts.reuses;
    },
    get surpluses() {
      return counts.surpluses;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function answerWith(body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Uniform in [0, 1), the same numbers from the same seed (mulberry32). */
function drawFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
