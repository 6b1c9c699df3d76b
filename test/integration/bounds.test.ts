/**
 * The bounds that a run promises, counted by the server: fetches in flight, per host, time between two starts of a host, and
 * the pause that a host asks for. A third of the pages are redirects to another host, which takes a turn there like any page.
 */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { cliFolder, type CliFolder } from '../support/cli.ts';
import { outcomeSet, snapshotOf } from '../support/database-snapshot.ts';
import {
  pageSha256,
  startLatencyServer,
  type LatencyServer,
  type LatencyServerOptions,
  type RequestRecord,
} from '../support/latency-server.ts';

const HOSTS = ['a.localhost', 'b.localhost', 'c.localhost', 'd.localhost', 'e.localhost', 'f.localhost'];
/** Nothing here depends on what is read of the pages. */
const CRAWL = ['--urls', 'list.txt', '-o', 'list.db', '--parse', 'none'];

/** The pages from `listed` on are what the redirects lead to: page n to `listed + n + 1`, which is on the next host. */
async function redirectingServer(listed: number, options: Partial<LatencyServerOptions> = {}): Promise<LatencyServer> {
  const server: LatencyServer = await startLatencyServer({
    pages: 2 * listed + 1,
    hosts: HOSTS,
    answer: (n) =>
      n < listed && n % 3 === 0 ? { status: 302, headers: { location: server.url(listed + n + 1) }, body: '' } : null,
    ...options,
  });
  return server;
}

/** Crawls the listed pages; all of them must be there in the end. */
async function crawlAll(folder: CliFolder, server: LatencyServer, listed: number, ...flags: string[]): Promise<void> {
  const list = server.urls().slice(0, listed);
  await folder.write('list.txt', list.join('\n'));
  expect(await folder.crawl(...CRAWL, '-q', ...flags)).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(outcomeSet(snapshotOf(`${folder.path}/list.db`))).toEqual(
    list.map((url, n) => `${url} done 200 ${pageSha256(n % 3 === 0 ? listed + n + 1 : n)}`).sort(),
  );
}

test.each([
  { concurrency: 1, perHost: 1, reached: 1 },
  { concurrency: 3, perHost: 3, reached: 3 },
  { concurrency: 64, perHost: 1, reached: HOSTS.length },
  { concurrency: 64, perHost: 3, reached: 3 * HOSTS.length },
  { concurrency: 64, perHost: 64, reached: 64 },
])('-c $concurrency --per-host $perHost is never passed, and is reached', async ({ concurrency, perHost, reached }) => {
  await using folder = await cliFolder();
  const listed = 30 + 2 * reached;
  await using server = await redirectingServer(listed, { latencyMs: (n) => 4 + ((n * 31) % 9) });
  // Nothing is answered until as many are in flight as may be.
  server.hold();
  void server.arrived(reached).then(() => server.release());
  await crawlAll(folder, server, listed, '-c', `${concurrency}`, '--per-host', `${perHost}`, '--delay', '0ms');
  expect(server.maxInFlight).toBe(reached);
  expect(server.maxInFlightPerHost).toBeLessThanOrEqual(perHost);
});

test('a host under two names, with and without the dot of the root, is one host', async () => {
  await using folder = await cliFolder();
  await using server = await redirectingServer(60, { hosts: ['a.localhost', 'a.localhost.'], latencyMs: () => 5 });
  await crawlAll(folder, server, 60, '-c', '16', '--per-host', '1', '--delay', '0ms');
  expect(server.maxInFlight).toBe(1);
  const db = new Database(`${folder.path}/list.db`, { readonly: true });
  expect(db.prepare('SELECT host, urls FROM hosts').raw().all()).toEqual([['a.localhost', 60]]);
  db.close();
});

/**
 * A machine without a free processor blurs what the server sees: a request that waits on its way seems late, and the next one
 * then early. Hence up to three tries: one clean run is proof, as 154 gaps do not come out right by chance.
 */
test.each([1, 3, 64])(
  'with -c %i two requests of one host never start closer together than --delay',
  { retry: 2 },
  async (concurrency) => {
    await using folder = await cliFolder();
    const [listed, delayMs] = [120, 30];
    await using server = await redirectingServer(listed, { latencyMs: 5, tellsUnseen: true });
    await crawlAll(folder, server, listed, '-c', `${concurrency}`, '--per-host', '64', '--delay', `${delayMs}ms`);

    const pairs = [...Map.groupBy(server.log, ({ host }) => host).values()].flatMap(successive);
    expect(pairs).toHaveLength(listed + listed / 3 - HOSTS.length);
    // 1 ms: both times are whole milliseconds. Nothing arrives sooner than the delay after the start before it.
    const started = startTimes(`${folder.path}/list.db`);
    const tooSoon = pairs.filter(([first, next]) => next.startWall < (started.get(first.url) ?? 0) + delayMs - 1);
    expect(tooSoon).toEqual([]);
    // The gap as the server saw it, plus the time for which the first request may have lain unseen. One in a hundred may be
    // short, where the crawl itself lost the processor between its clock and the socket.
    const short = pairs.filter(([first, next]) => next.start - first.start + first.unseenMs < delayMs - 1);
    expect(short.length, JSON.stringify(short)).toBeLessThanOrEqual(pairs.length / 100);
  },
);

test('with one permit and one slot a host, chains of redirects between two hosts come to their end', async () => {
  await using folder = await cliFolder();
  const listed = 20;
  // 0 → 21 → 42 → 63: each on the other host.
  await using server: LatencyServer = await startLatencyServer({
    pages: 4 * listed + 4,
    hosts: HOSTS.slice(0, 2),
    answer: (n) =>
      n < 3 * listed + 3 ? { status: 302, headers: { location: server.url(n + listed + 1) }, body: '' } : null,
  });
  const list = server.urls().slice(0, listed);
  await folder.write('list.txt', list.join('\n'));
  const flags = ['-c', '1', '--per-host', '1', '--delay', '5ms', '-q'];
  expect(await folder.crawl(...CRAWL, ...flags)).toMatchObject({ code: 0, stderr: '' });
  expect(snapshotOf(`${folder.path}/list.db`).books.urls).toMatchObject({ known: listed, done: listed });
  expect({ max: server.maxInFlight, requests: server.log.length }).toEqual({ max: 1, requests: 4 * listed });
});

test('a host that answers 429 is left alone for its Retry-After, the others keep their rate, and nothing is lost', async () => {
  await using folder = await cliFolder();
  const [listed, delayMs, pauseMs] = [75, 100, 3_000];
  let refusedAt = Number.NaN;
  await using server = await startLatencyServer({
    pages: listed,
    hosts: HOSTS.slice(0, 3),
    latencyMs: 20,
    // The first host refuses everything for three seconds, from its third page on.
    answer: (n) => {
      if (n === 6) refusedAt = Number.isNaN(refusedAt) ? performance.now() : refusedAt;
      const refuses = n % 3 === 0 && performance.now() < refusedAt + pauseMs;
      return refuses ? { status: 429, headers: { 'retry-after': '3' }, body: 'slower\n' } : null;
    },
  });
  await folder.write('list.txt', server.urls().join('\n'));
  const flags = ['--per-host', '1', '--delay', `${delayMs}ms`, '--retries', '1', '-q'];
  const result = await folder.crawl(...CRAWL, ...flags);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(snapshotOf(`${folder.path}/list.db`).books.urls).toMatchObject({ done: listed });

  const refusal = server.log.find(({ url }) => url === server.url(6));
  const since = (host: string): RequestRecord[] =>
    server.log.filter((record) => record.host === host && record.start > (refusal?.start ?? Number.POSITIVE_INFINITY));
  const [next] = since('a.localhost');
  expect(next?.start).toBeGreaterThanOrEqual((refusal?.end ?? 0) + pauseMs - 1);
  // 22 pages at most are left of each of the others: 2.3 s at their delay, and a good deal of patience with a busy machine.
  for (const host of ['b.localhost', 'c.localhost']) {
    expect(since(host).filter(({ start }) => start < (next?.start ?? 0)).length, host).toBeGreaterThan(15);
  }
  expect(await hostsOf(folder)).toEqual([
    { host: 'a.localhost', done: 25, slots: null, backoff_reason: 'answers again' },
    { host: 'b.localhost', done: 25, slots: null, backoff_reason: null },
    { host: 'c.localhost', done: 25, slots: null, backoff_reason: null },
  ]);
});

test('a host that refuses what comes too fast is asked slower and slower, and nothing is lost', async () => {
  await using folder = await cliFolder();
  const listed = 80;
  // Two at a time are all it can do; it does not say when to come back.
  let serving = 0;
  await using server: LatencyServer = await startLatencyServer({
    pages: listed,
    latencyMs: 15,
    answer: () => {
      if (serving >= 2) return { status: 429, body: 'too many\n' };
      serving++;
      setTimeout(() => serving--, 15);
      return null;
    },
  });
  await folder.write('list.txt', server.urls().join('\n'));
  const result = await folder.crawl(...CRAWL, '--retries', '1', '-q');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(snapshotOf(`${folder.path}/list.db`).books.urls).toMatchObject({ done: listed });
  // Without the slow-down sixteen at a time would go on, of which fourteen are refused.
  expect(server.log.length).toBeLessThan(2 * listed);
});

async function hostsOf(folder: CliFolder): Promise<unknown> {
  const sql = 'SELECT host, done, slots, backoff_reason FROM hosts ORDER BY host';
  const { stdout } = await folder.ask('query', sql, 'list.db', '--json');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Each request of one host with the one after it. */
function successive(requests: readonly RequestRecord[]): [RequestRecord, RequestRecord][] {
  return requests.slice(1).map((next, i) => [requests[i] ?? next, next]);
}

/** When the crawl itself says that it started each URL, wall-clock ms. */
function startTimes(file: string): Map<string, number> {
  const db = new Database(file, { readonly: true });
  try {
    return new Map(
      db.prepare<[], [string, number]>("SELECT url, unixepoch(fetched_at, 'subsec') * 1000 FROM pages").raw().all(),
    );
  } finally {
    db.close();
  }
}

test('without -c a slow web gets more fetches in flight, and the database says when and why', async () => {
  await using folder = await cliFolder();
  const hosts = Array.from({ length: 40 }, (_, n) => `h${n}.localhost`);
  await using server = await startLatencyServer({ pages: 600, hosts, latencyMs: () => 200 });
  await folder.write('list.txt', server.urls().join('\n'));
  const { code, stdout } = await folder.crawl(...CRAWL, '--json');
  expect(code).toBe(0);
  const decisions = stdout.split('\n').filter((line) => line.includes('"type":"concurrency"'));
  expect(decisions[0]).toContain('more could be started');
  // Sixteen at a time at first; how far it comes depends on how busy this machine is.
  expect(server.maxInFlight).toBeGreaterThan(16);
  expect(server.maxInFlight).toBeLessThanOrEqual(256);
  const db = new Database(`${folder.path}/list.db`, { readonly: true });
  const notes = db.prepare(`SELECT group_concat(note, '; ') FROM stage_stat WHERE stage = 'fetch'`).pluck().get();
  db.close();
  for (const line of decisions) {
    const { permits, reason } = JSON.parse(line) as { permits: number; reason: string };
    expect(notes).toContain(`${permits} in flight: ${reason}`);
  }
});
