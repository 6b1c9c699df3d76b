/**
 * A crawl that is killed over and over: `kill -9` of the real process a random (seeded) time after the first request of each
 * incarnation, then the same command again, and at last a run to the end. After each kill what is left is held against the
 * server's own log; at the end the file is held against one that was never interrupted.
 */
import { expect } from 'vitest';
import { between, seededRandom } from '../../src/demo/random.ts';
import type { CliFolder } from './cli.ts';
import { outcomeSet, snapshotOf, type Snapshot } from './database-snapshot.ts';
import { pageSha256, startLatencyServer, type LatencyServer, type PlannedAnswer } from './latency-server.ts';

export interface KillRunOptions {
  readonly kills: number;
  readonly seed: number;
  /** Listed URLs: enough that the kills do not run out of them. */
  readonly pages: number;
  /** Fetches in flight: 2.5 pages a second each. */
  readonly concurrency: number;
}

const HOSTS = ['a.localhost', 'b.localhost', 'c.localhost', 'd.localhost'];
/** 100 … 699 ms, the same for the same page. */
const latencyOf = (n: number): number => 100 + ((n * 7919) % 600);
/** For a run to the end, on a machine busy with other things. */
const WHOLE_RUN_MS = 300_000;
/** The run is to take this long at least, were it not interrupted; and for each kill, as more than the mean time passes until one. */
const UNINTERRUPTED_MS = 60_000;
const FOR_EACH_KILL_MS = 1_200;
/** From answer to commit: at most 250 ms to gather a batch, the rest to parse and write it. */
const COMMIT_MS = 500;

/** The page that a redirect of page `n` leads to: not listed, and on another host. */
function targetOf(listed: number, n: number): number {
  const far = listed + n;
  return far % HOSTS.length === n % HOSTS.length ? far + 1 : far;
}

/** Some pages fail for good, some once, some lead elsewhere. `null` = the page itself. */
function answerOf(listed: number, n: number, hit: number, url: (n: number) => string): PlannedAnswer | null {
  if (n >= listed) return null;
  if (n % 23 === 0) return { status: 404, body: 'gone\n' };
  if (n % 29 === 0) return { status: 500, body: 'broken\n' };
  if (n % 31 === 0) return { status: 302, headers: { location: url(targetOf(listed, n)) }, body: '' };
  if (n % 37 === 0 && hit === 1) return { status: 503, body: 'not yet\n' };
  return null;
}

/** What the site will say in the end, as `url state status`, with the digest where it is a page. */
function expectedOutcomes(listed: number, url: (n: number) => string): string[] {
  const outcomes = Array.from({ length: listed }, (_, n) => {
    if (n % 23 === 0) return `${url(n)} failed 404`;
    if (n % 29 === 0) return `${url(n)} failed 500`;
    return `${url(n)} done 200 ${pageSha256(n % 31 === 0 ? targetOf(listed, n) : n)}`;
  });
  return outcomes.sort();
}

/** Plays it all. Every claim is an `expect`. */
export async function killedRun(folder: CliFolder, options: KillRunOptions): Promise<void> {
  const { pages: listed, kills, concurrency } = options;
  const flags = ['-c', `${concurrency}`, '--per-host', `${concurrency}`, '--delay', '0ms', '--retries', '1', '-q'];
  const random = seededRandom(options.seed, 'moments of the kills');
  await using server: LatencyServer = await startLatencyServer({
    pages: 2 * listed + 1,
    hosts: HOSTS,
    latencyMs: latencyOf,
    answer: (n, hit) => answerOf(listed, n, hit, (other) => server.url(other)),
  });
  const list = server.urls().slice(0, listed);
  await folder.write('list.txt', `${list.join('\n')}\n`);
  const args = ['--urls', 'list.txt', '-o', 'killed.db', ...flags];
  const file = `${folder.path}/killed.db`;
  const latencySum = list.reduce((sum, _, n) => sum + latencyOf(n), 0);
  expect(latencySum / concurrency, 'what the run would take uninterrupted, ms').toBeGreaterThan(
    Math.max(UNINTERRUPTED_MS, kills * FOR_EACH_KILL_MS),
  );

  const witness = new Witness(server, list);
  for (let kill = 1; kill <= kills; kill++) {
    const startedAt = performance.now();
    const crawl = folder.start({}, ...args);
    await server.arrived(server.log.length + 1);
    // A machine that takes this long to start the program may take as long to parse a page and write it.
    const commitMs = Math.max(COMMIT_MS, performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, between(random, 300, 1_500)));
    const killedAt = performance.now();
    crawl.child.kill('SIGKILL');
    expect(await crawl.result, `kill ${kill}`).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    await server.idle();
    const justAnswered = server.log.filter(({ end }) => end !== null && end >= killedAt - commitMs).length;
    witness.hear(snapshotOf(file), `after kill ${kill}`, concurrency + justAnswered);
  }

  server.setLatency(0);
  const whole = { timeoutMs: WHOLE_RUN_MS };
  expect(await folder.crawlWith(whole, ...args)).toMatchObject({ code: 0, stderr: '' });
  const killed = snapshotOf(file);
  witness.hear(killed, 'at the end', Number.POSITIVE_INFINITY);
  expect(killed.books.urls).toMatchObject({ known: listed, queued: 0, skipped: 0 });
  expect(killed.books.sources).toMatchObject([{ lines: listed, added: listed, complete: true }]);

  server.forget();
  const again = ['--urls', 'list.txt', '-o', 'uninterrupted.db', ...flags];
  expect(await folder.crawlWith(whole, ...again)).toMatchObject({ code: 0 });
  const uninterrupted = snapshotOf(`${folder.path}/uninterrupted.db`);
  expect(outcomeSet(killed)).toEqual(outcomeSet(uninterrupted));
  expect(killed.links).toEqual(uninterrupted.links);
  expect(killed.links.length).toBeGreaterThan(listed);
  const outcomes = outcomeSet(killed).map((line) =>
    line.includes(' failed ') ? line.split(' ').slice(0, 3).join(' ') : line,
  );
  expect(outcomes).toEqual(expectedOutcomes(listed, (n) => server.url(n)));
}

/** Holds each state of the file against the server's log, and against the state before. */
class Witness {
  readonly #server: LatencyServer;
  readonly #listed: ReadonlySet<string>;
  /** Requests of each URL when it was first seen settled: not one more may come. */
  readonly #hitsWhenSettled = new Map<string, number>();
  /** Requests that no recorded attempt accounts for, so far. */
  #repeated = 0;

  constructor(server: LatencyServer, list: readonly string[]) {
    this.#server = server;
    this.#listed = new Set(list);
  }

  /** At most `allowed` requests more than before have to be repeated. */
  hear(snapshot: Snapshot, when: string, allowed: number): void {
    expect(snapshot.integrity, when).toBe('ok');
    expect(snapshot.differences, when).toEqual([]);
    expect(
      snapshot.urls.filter(({ url }) => !this.#listed.has(url)),
      when,
    ).toEqual([]);
    this.#expectSettledStaysSettled(snapshot, when);

    const { hits } = this.#server;
    const recorded = new Map(snapshot.urls.map(({ url, attempts }) => [url, attempts]));
    let repeated = 0;
    for (const url of this.#listed) {
      const unrecorded = (hits.get(url) ?? 0) - (recorded.get(url) ?? 0);
      expect(unrecorded, `${when}: attempts at ${url} that the server never saw`).toBeGreaterThanOrEqual(0);
      repeated += unrecorded;
    }
    expect(repeated - this.#repeated, `${when}: requests to be repeated`).toBeLessThanOrEqual(allowed);
    this.#repeated = repeated;
  }

  #expectSettledStaysSettled(snapshot: Snapshot, when: string): void {
    const { hits } = this.#server;
    const settled = new Set(snapshot.urls.filter(({ state }) => state !== 'queued').map(({ url }) => url));
    for (const [url, before] of this.#hitsWhenSettled) {
      expect(settled.has(url), `${when}: ${url} was settled before`).toBe(true);
      expect(hits.get(url), `${when}: ${url} was settled and asked again`).toBe(before);
    }
    for (const url of settled) this.#hitsWhenSettled.set(url, hits.get(url) ?? 0);
  }
}
