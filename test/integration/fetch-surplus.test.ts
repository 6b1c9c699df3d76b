/** Servers that send answers nobody asked for, late and without end: none of them is ever stored as the page of a URL. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { FetchEnd } from '../../src/fetch/fetcher.ts';
import { LONGEST_WATCH_MS } from '../../src/fetch/quiet-watch.ts';
import { fetchHarness, type FetchHarness } from '../support/fetch-harness.ts';
import { listen } from '../support/listen.ts';
import { startSurplusServer, type SurplusServer } from '../support/surplus-server.ts';

/** As the engine asks for robots.txt. */
const ROBOTS_LIMITS = { mostHops: 5, cutAt: 500_000 };

/** Asks for all paths, 16 at a time without a pause; returns those that were answered with something else. */
async function wrongOnes(harness: FetchHarness, server: SurplusServer, paths: readonly string[]): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const { attempt, body } = await harness.get(server.url(path));
      const text = textOf({ body });
      if (attempt.errorClass !== null || text !== path) wrong.push(`${path}: ${attempt.errorClass ?? text}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return wrong;
}

/** We and the server are one process: while this goes on, nothing is read. */
function busyFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function textOf({ body }: Pick<FetchEnd, 'body'>): string {
  return Buffer.from(body ?? []).toString();
}

function pages(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `/page/${i}`);
}

test.each([
  [2, 8],
  [30, 130],
])('a surplus behind every answer, pages of %i to %i ms: each URL gets its own', async (least, most) => {
  await using server = await startSurplusServer({ seed: most, pageMs: [least, most], lateMs: [0, 60] });
  const harness = fetchHarness();
  expect(await wrongOnes(harness, server, pages(160))).toEqual([]);
  expect(server.surpluses).toBeGreaterThan(0);
  await harness.fetcher.close();
});

test.each([
  ['alone', (path: string) => path === '/robots.txt'],
  ['first', () => true],
])('a surplus behind robots.txt (%s) does not answer the first page', async (_name, follows) => {
  await using server = await startSurplusServer({ seed: 5, pageMs: [2, 8], lateMs: [10, 60], follows });
  const harness = fetchHarness();
  const { body } = await harness.get(server.url('/robots.txt'), {}, ROBOTS_LIMITS);
  expect(textOf({ body })).toBe('/robots.txt');
  expect(await wrongOnes(harness, server, pages(40))).toEqual([]);
  await harness.fetcher.close();
});

test('an answer is held until what had come behind it was read, however busy we were meanwhile', async () => {
  const answers = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
  const hostile = createServer((socket) => {
    let turn = 0;
    socket.on('data', () => {
      if (++turn === 1) {
        socket.write(answers('first'));
        return;
      }
      socket.write(answers('surplus'));
      // Not while timers run: before the next ones sockets are read.
      setTimeout(() => setImmediate(() => socket.write(answers('second'), () => busyFor(50))), 1);
    });
  });
  const url = `http://127.0.0.1:${await listen(hostile)}/`;
  const harness = fetchHarness();
  await harness.get(`${url}first`);
  // Until its connection has been quiet for long enough to be used again.
  await new Promise((resolve) => setTimeout(resolve, 2 * LONGEST_WATCH_MS));
  // Over the used connection it is in doubt, and asked for again over a new one, whose first answer it is.
  expect(textOf(await harness.get(`${url}second`))).toBe('first');
  await harness.fetcher.close();
  hostile.close();
});

test('connections to a server that sends nothing too much are soon used again at once', async () => {
  await using server = await startSurplusServer({ seed: 1, pageMs: [2, 8], lateMs: [0, 0], follows: () => false });
  const harness = fetchHarness();
  // Time passes by itself here: until the origin is proven, as many pages as it takes.
  for (let proven = false, n = 0; !proven; n++) {
    const { connections } = server;
    expect(await wrongOnes(harness, server, pages(64))).toEqual([]);
    proven = server.connections - connections < 16;
    expect(n).toBeLessThan(100);
  }
  await harness.fetcher.close();
});
