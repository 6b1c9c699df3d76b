/** The library as its users have it: `crawl(options)` in this process, against a real server that counts. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startCrawl } from '../../src/engine/crawl.ts';
import { librarySettings } from '../../src/engine/library-options.ts';
import { crawl, type Outcome } from '../../src/index.ts';
import { snapshotOf } from '../support/database-snapshot.ts';
import { pageBody, pageSha256, startLatencyServer } from '../support/latency-server.ts';
import { temporaryFolder } from '../support/store-fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
/** Where the library puts its own temporary files. */
let temporary: string;

beforeEach(() => {
  folder = temporaryFolder();
  temporary = join(folder.file, '..');
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(() => {
  vi.unstubAllEnvs();
  folder.remove();
});

async function all(outcomes: AsyncIterable<Outcome>): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for await (const outcome of outcomes) found.push(outcome);
  return found;
}

const byUrl = (outcomes: readonly Outcome[]): Map<string, Outcome> => new Map(outcomes.map((one) => [one.url, one]));

test('three lines give every page, fetched and failed alike', async () => {
  await using server = await startLatencyServer({ pages: 20 });
  const found: string[] = [];
  for await (const page of crawl({ urls: [...server.urls(), server.url(20)] })) found.push(`${page.kind} ${page.url}`);
  expect(found.sort()).toEqual([...server.urls().map((url) => `done ${url}`), `failed ${server.url(20)}`].sort());
});

test('an outcome carries its facts at once, its body and text on demand', async () => {
  await using server = await startLatencyServer({ pages: 3 });
  const seen: unknown[] = [];
  for await (const page of crawl({ urls: [server.url(2), server.url(3)] })) {
    if (page.kind === 'done') {
      expect(page).toMatchObject({
        status: 200,
        sha256: pageSha256(2),
        title: 'Page 2',
        attempts: 1,
        parseError: null,
      });
      seen.push(await page.text(), Buffer.from(await page.body()).toString());
    } else if (page.kind === 'failed') {
      expect(page).toMatchObject({ status: 404, errorClass: 'http-4xx' });
      seen.push(Buffer.from((await page.body?.()) ?? []).toString());
    }
  }
  expect(seen.map(String).sort()).toEqual([pageBody(2), pageBody(2), 'no such page\n'].sort());
});

test("order 'input' yields in the order given, however long each page takes", async () => {
  const count = 40;
  await using server = await startLatencyServer({ pages: count, latencyMs: (n) => ((n * 13) % count) * 3 });
  const urls = Array.from({ length: count }, (_, i) => server.url((i * 7) % count));
  expect((await all(crawl({ urls, order: 'input' }))).map(({ url }) => url)).toEqual(urls);
});

test("order 'input' is refused with lists and patterns, whose lines are not kept in memory", async () => {
  const wrong = crawl({ lists: ['a.txt'], urlPattern: ['http://h/{1..2}'], order: 'input' });
  await expect(all(wrong)).rejects.toMatchObject({
    name: 'ConfigError',
    problems: [
      expect.stringContaining("order 'input' is for urls and cannot be used with lists"),
      expect.stringContaining('cannot be used with urlPattern'),
    ],
  });
});

test('another generator into the same file is read, though an earlier one was read to its end', async () => {
  await using server = await startLatencyServer({ pages: 4 });
  function* urls(...numbers: number[]): Generator<string> {
    for (const n of numbers) yield server.url(n);
  }
  await all(crawl({ urls: urls(0, 1), output: folder.file }));
  const second = await all(crawl({ urls: urls(1, 2), output: folder.file }));
  expect(second.map(({ url }) => url)).toEqual([server.url(2)]);
});

test('fresh does not remove a run without force', async () => {
  await using server = await startLatencyServer({ pages: 2 });
  await all(crawl({ urls: server.url(0), output: folder.file }));
  await expect(all(crawl({ urls: server.url(1), output: folder.file, fresh: true }))).rejects.toMatchObject({
    message: expect.stringContaining('holds a run with 1 URL, which --fresh would remove'),
  });
  const again = await all(crawl({ urls: server.url(1), output: folder.file, fresh: true, force: true }));
  expect(again.map(({ url }) => url)).toEqual([server.url(1)]);
});

test('a hook that throws at the start of a fetch ends the run and gives everything back', async () => {
  await using server = await startLatencyServer({ pages: 5 });
  const { settings, configJson } = librarySettings({}, folder.file);
  const run = await startCrawl(
    { ...settings, input: { ...settings.input, seeds: server.urls() } },
    {
      argv: [],
      configJson,
      detail: 'rows',
      onEvent: (event) => {
        if (event.type === 'fetch-started') throw new Error('a defect of the caller');
      },
    },
  );
  await expect(run.result).rejects.toThrow('a defect of the caller');
  // The lock is free, and what was fetched before the end may be there or not.
  const rest = await all(crawl({ urls: server.urls(), output: folder.file, add: true }));
  expect(rest.every(({ kind }) => kind === 'done')).toBe(true);
});

test('the callback variant awaits each call and resolves to the summary', async () => {
  await using server = await startLatencyServer({ pages: 25 });
  let [running, most, calls] = [0, 0, 0];
  const summary = await crawl({ urls: server.urls() }, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    calls++;
  });
  expect({ most, calls, state: summary.state, done: summary.settled.done }).toEqual({
    most: 1,
    calls: 25,
    state: 'finished',
    done: 25,
  });
});

test('break drains and closes: what was fetched is saved, the rest comes with the next call', async () => {
  await using server = await startLatencyServer({ pages: 400, latencyMs: 2 });
  const options = { urls: server.urls(), output: folder.file, concurrency: 4 };
  const first: Outcome[] = [];
  const run = crawl(options);
  for await (const page of run) {
    first.push(page);
    if (first.length === 10) break;
  }
  const left = server.log.length;
  expect(server.inFlight).toBe(0);
  expect(left).toBeLessThan(400);
  expect(await run.summary).toMatchObject({ state: 'stopped', settled: { done: left } });
  expect(snapshotOf(folder.file)).toMatchObject({
    differences: [],
    books: { urls: { done: left, queued: 400 - left } },
  });

  const second = await all(crawl(options));
  expect(second).toHaveLength(400 - left);
  expect([...server.hits.values()].filter((hits) => hits > 1)).toEqual([]);
  expect(byUrl([...first, ...second]).size).toBe(first.length + second.length);
});

test('a signal aborts at once: the loop throws, the file resumes', async () => {
  await using server = await startLatencyServer({ pages: 30 });
  const stop = new AbortController();
  const options = { urls: server.urls(), output: folder.file, concurrency: 3 };
  server.hold();
  const running = all(crawl({ ...options, signal: stop.signal }));
  await server.arrived(3);
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  await server.idle();
  expect(snapshotOf(folder.file).books.urls).toMatchObject({ done: 0, queued: 30 });
  server.release();
  expect(await all(crawl(options))).toHaveLength(30);
  expect(server.log).toHaveLength(33);
});

test('a signal ends the run although outcomes wait for the loop', async () => {
  await using server = await startLatencyServer({ pages: 300 });
  const stop = new AbortController();
  const run = crawl({ urls: server.urls(), output: folder.file, signal: stop.signal });
  const looping = (async () => {
    for await (const _ of run) {
      // Pages are committed while the loop is busy with this one; it never gets to see them.
      await server.arrived(100);
      stop.abort();
    }
  })();
  await expect(looping).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect(snapshotOf(folder.file).differences).toEqual([]);
});

test('a signal that has fired before stops the crawl before its first request', async () => {
  await using server = await startLatencyServer({ pages: 1 });
  const running = all(crawl({ urls: server.urls(), signal: AbortSignal.abort() }));
  await expect(running).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect(server.log).toHaveLength(0);
});

test('a loop that does not go on stops the crawl when the window is full', async () => {
  const window = 4 + 256; // fetches in flight, and pages between fetch and loop (design of the pipeline)
  await using server = await startLatencyServer({ pages: 1_000 });
  let most = 0;
  let count = 0;
  for await (const _ of crawl({ urls: server.urls(), concurrency: 4, parse: 'none' })) {
    if (count++ > 0) continue;
    await server.arrived(window);
    // Time enough for the other 740 pages, at hundreds of pages a second, had the loop no say.
    await new Promise((resolve) => setTimeout(resolve, 500));
    most = server.log.length;
  }
  // The pages of the first commit have been handed over when the loop stops; it holds the credits of all others.
  expect(most).toBeLessThan(2 * window);
  expect({ count, requests: server.log.length }).toEqual({ count: 1_000, requests: 1_000 });
});

test('without an output the database is a temporary file, gone at the end', async () => {
  await using server = await startLatencyServer({ pages: 2 });
  const during: string[][] = [];
  expect(tmpdir()).toBe(temporary);
  for await (const _ of crawl({ urls: server.urls() })) during.push(readdirSync(temporary));
  expect(during).toEqual([[expect.stringMatching(/^weir-/)], [expect.stringMatching(/^weir-/)]]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('two crawls run in one process and know nothing of each other', async () => {
  await using one = await startLatencyServer({ pages: 30, latencyMs: 5 });
  await using two = await startLatencyServer({ pages: 50, latencyMs: 5 });
  const [first, second] = await Promise.all([all(crawl({ urls: one.urls() })), all(crawl({ urls: two.urls() }))]);
  expect(first.map(({ url }) => url).sort()).toEqual(one.urls().sort());
  expect(second.map(({ url }) => url).sort()).toEqual(two.urls().sort());
});

test('nothing is printed and no signal is listened to', async () => {
  await using server = await startLatencyServer({ pages: 3 });
  const out = vi.spyOn(process.stdout, 'write');
  const error = vi.spyOn(process.stderr, 'write');
  const before = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  let during: unknown = null;
  for await (const _ of crawl({ urls: [...server.urls(), 'no url at all!'] })) {
    during = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  }
  const printed = [...out.mock.calls, ...error.mock.calls];
  vi.restoreAllMocks();
  expect({ during, printed }).toEqual({ during: before, printed: [] });
});

test('wrong options are all named at once, before anything is made', async () => {
  const options = { urls: ['http://127.0.0.1/'], concurrency: 0, timeout: 'soon', colour: 'red' };
  const error: unknown = await all(crawl(options)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ERR_CONFIG' });
  for (const wrong of ['concurrency', 'timeout', '"colour"']) expect(String(error)).toContain(wrong);
  expect(readdirSync(temporary)).toEqual([]);
});
