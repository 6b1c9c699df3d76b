/**
 * Both books, the leases and the states against a plain model, under random sequences of import, claim, commit, stale and
 * doubled results, waiting, clean reopening and crashes. A crash is a copy of the files as they lie on the disk (database and
 * WAL) opened by another store, while the first is still open. Hashes collide on purpose and are merged in portions of 3.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/model/clock.ts';
import type { Lease } from '../../src/model/lease.ts';
import type { PageResult } from '../../src/model/page.ts';
import type { SeedLine } from '../../src/model/seed.ts';
import type { UrlState } from '../../src/model/url-state.ts';
import { openReader } from '../../src/store/reader.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { urlHash } from '../../src/url/hash.ts';
import { effort } from '../support/effort.ts';
import { fileSource, refusal, resultOf, storeOptions, temporaryFolder, urlLine } from '../support/store-fixtures.ts';

interface ModelUrl {
  readonly host: string;
  state: UrlState;
  attempts: number;
  notBefore: number;
}

interface Model {
  readonly urls: Map<string, ModelUrl>;
  readonly leases: Map<number, Lease>;
  readonly held: Set<number>;
  readonly pausedUntil: Map<string, number>;
  /** Results that were committed once. */
  readonly past: PageResult[];
  /** Next line of each source. */
  readonly lines: Map<string, number>;
}

interface Real {
  store: SqliteStore;
  file: string;
  readonly clock: ManualClock;
  readonly folder: string;
  readonly abandoned: SqliteStore[];
}

type Command = fc.AsyncCommand<Model, Real>;

const HOSTS = ['a.test', 'b.test', 'c.test'];
const SOURCES = ['/lists/one.txt', '/lists/two.txt'];

function open(file: string, clock: ManualClock): SqliteStore {
  return openSqliteStore(storeOptions(file), { clock, portion: 3, hash: (text) => urlHash(text) % 7 });
}

/** What must hold after every command. */
async function checkBooks(model: Model, { store }: Real): Promise<void> {
  const { urls, sources } = await store.progress();
  const count = (state: UrlState): number => [...model.urls.values()].filter((url) => url.state === state).length;
  expect(urls).toEqual({
    known: model.urls.size,
    queued: count('queued'),
    done: count('done'),
    failed: count('failed'),
    skipped: count('skipped'),
  });
  for (const { name, lines, added, knownBefore, duplicate, rejected, blank } of sources) {
    expect(added + knownBefore + duplicate + rejected + blank).toBe(lines);
    expect(lines).toBe((model.lines.get(name) ?? 1) - 1);
  }
  expect(sources.reduce((sum, { added }) => sum + added, 0)).toBe(model.urls.size);
}

class Enqueue implements Command {
  readonly name: string;
  readonly entries: readonly (number | null)[];

  constructor(name: string, entries: readonly (number | null)[]) {
    this.name = name;
    this.entries = entries;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const first = model.lines.get(this.name) ?? 1;
    const lines = this.entries.map((entry, i): SeedLine => {
      if (entry === null) return { kind: 'blank', line: first + i };
      if (entry === 0) return { kind: 'rejected', line: first + i, raw: 'x', reason: 'bad-url', columns: null };
      return urlLine(first + i, `http://${HOSTS[entry % HOSTS.length]}/${entry}`);
    });
    const next = first + lines.length;
    const { sourceId } = await real.store.openSource(fileSource(this.name), false);
    await real.store.enqueue({ sourceId, lines, position: { byteOffset: next * 10, line: next - 1 }, last: false });
    model.lines.set(this.name, next);
    for (const line of lines) {
      if (line.kind !== 'url' || model.urls.has(line.url)) continue;
      model.urls.set(line.url, { host: line.host, state: 'queued', attempts: 0, notBefore: 0 });
    }
    await checkBooks(model, real);
  }

  toString(): string {
    return `enqueue(${this.name}, ${JSON.stringify(this.entries)})`;
  }
}

class ClaimSome implements Command {
  readonly newHosts: number;
  readonly perHost: number;

  constructor(newHosts: number, perHost: number) {
    this.newHosts = newHosts;
    this.perHost = perHost;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const refill = [...model.held].map((hostId) => ({ hostId, want: this.perHost }));
    const claim = await real.store.claim({ refill, newHosts: this.newHosts, perNewHost: this.perHost, max: 6 });
    const now = real.clock.wallTime();
    expect(claim.leases.length).toBeLessThanOrEqual(6);
    for (const { hostId, host } of claim.newHosts) {
      expect(model.held.has(hostId)).toBe(false);
      expect(model.pausedUntil.get(host) ?? 0).toBeLessThanOrEqual(now);
      model.held.add(hostId);
    }
    for (const lease of claim.leases) {
      const url = model.urls.get(lease.url);
      expect(url).toMatchObject({ state: 'queued', attempts: lease.attempt - 1, host: lease.host });
      expect(url?.notBefore).toBeLessThanOrEqual(now);
      expect(model.leases.has(lease.id)).toBe(false);
      expect(model.held.has(lease.hostId)).toBe(true);
      model.leases.set(lease.id, lease);
    }
    for (const hostId of claim.exhausted) model.held.delete(hostId);
    await checkBooks(model, real);
  }

  toString(): string {
    return `claim(${this.newHosts} hosts, ${this.perHost} each)`;
  }
}

class Commit implements Command {
  readonly pick: number;
  readonly end: 'done' | 'failed' | 'retry' | 'pause';
  readonly delay: number;

  constructor(pick: number, end: 'done' | 'failed' | 'retry' | 'pause', delay: number) {
    this.pick = pick;
    this.end = end;
    this.delay = delay;
  }

  check(model: Readonly<Model>): boolean {
    return model.leases.size > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const lease = [...model.leases.values()][this.pick % model.leases.size] as Lease;
    const later = real.clock.wallTime() + this.delay;
    const result = this.#result(lease, later);
    await real.store.commit([result]);
    model.leases.delete(lease.id);
    model.past.push(result);
    const url = model.urls.get(lease.url) as ModelUrl;
    url.state = result.settlement.state;
    url.attempts++;
    url.notBefore = this.end === 'retry' ? later : 0;
    if (this.end === 'pause') {
      model.pausedUntil.set(lease.host, Math.max(later, model.pausedUntil.get(lease.host) ?? 0));
    }
    await checkBooks(model, real);
  }

  #result(lease: Lease, later: number): PageResult {
    if (this.end === 'retry') return refusal(lease, { state: 'queued', reason: 'reset', notBefore: later });
    if (this.end === 'failed') return refusal(lease, { state: 'failed', reason: 'reset' });
    return resultOf(lease, { body: `body ${lease.id % 2}`, hostNotBefore: this.end === 'pause' ? later : 0 });
  }

  toString(): string {
    return `commit(${this.pick}: ${this.end}, ${this.delay} ms)`;
  }
}

/** An old result once more, or with another end: it must change nothing. */
class CommitStale implements Command {
  readonly pick: number;

  constructor(pick: number) {
    this.pick = pick;
  }

  check(model: Readonly<Model>): boolean {
    return model.past.length > 0;
  }

  async run(model: Model, real: Real): Promise<void> {
    const old = model.past[this.pick % model.past.length] as PageResult;
    const ack = real.store.commitBatch([{ ...old, settlement: { state: 'failed', reason: 'stale' } }]);
    expect(ack).toMatchObject({ urlIds: [old.attempt.urlId], rows: 0 });
    await checkBooks(model, real);
  }

  toString(): string {
    return `stale(${this.pick})`;
  }
}

class Wait implements Command {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  check(): boolean {
    return true;
  }

  async run(_model: Model, real: Real): Promise<void> {
    real.clock.advance(this.ms);
  }

  toString(): string {
    return `wait(${this.ms})`;
  }
}

/** The process is gone between two commits; or it ended cleanly. */
class Restart implements Command {
  readonly how: 'crash' | 'close';

  constructor(how: 'crash' | 'close') {
    this.how = how;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    if (this.how === 'close') {
      await real.store.close('stopped', null);
    } else {
      const copy = join(real.folder, `crash-${real.abandoned.length}.db`);
      for (const suffix of ['', '-wal'])
        if (existsSync(real.file + suffix)) copyFileSync(real.file + suffix, copy + suffix);
      real.abandoned.push(real.store);
      real.file = copy;
    }
    real.store = open(real.file, real.clock);
    model.leases.clear();
    model.held.clear();
    await checkBooks(model, real);
  }

  toString(): string {
    return this.how;
  }
}

const commands = fc.commands(
  [
    fc
      .tuple(fc.constantFrom(...SOURCES), fc.array(fc.option(fc.nat(25)), { minLength: 1, maxLength: 8 }))
      .map(([name, entries]) => new Enqueue(name, entries)),
    fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 })).map(([hosts, each]) => new ClaimSome(hosts, each)),
    fc
      .tuple(fc.nat(9), fc.constantFrom('done', 'failed', 'retry', 'pause'), fc.constantFrom(0, 1, 50, 500))
      .map(([pick, end, delay]) => new Commit(pick, end, delay)),
    fc.nat(20).map((pick) => new CommitStale(pick)),
    fc.constantFrom(1, 49, 50, 1_000).map((ms) => new Wait(ms)),
    fc.constantFrom('crash' as const, 'close' as const).map((how) => new Restart(how)),
  ],
  { maxCommands: 60, size: 'max' },
);

it('keeps both books and every URL through any sequence of imports, claims, commits and crashes', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const folder = temporaryFolder();
      const clock = new ManualClock();
      const real: Real = {
        store: open(folder.file, clock),
        file: folder.file,
        clock,
        folder: folder.path,
        abandoned: [],
      };
      const model: Model = {
        urls: new Map(),
        leases: new Map(),
        held: new Set(),
        pausedUntil: new Map(),
        past: [],
        lines: new Map(),
      };
      try {
        await fc.asyncModelRun(() => ({ model, real }), sequence);
        await expectNothingLost(model, real);
        await real.store.close('finished', null);
        const reader = openReader(real.file);
        // With hashes of our own, looking up by the real hash finds nothing; everything else must add up.
        expect(reader.verify()).toEqual([]);
        reader.close();
      } finally {
        await real.store.close('finished', null).catch(() => undefined);
        for (const store of real.abandoned) await store.close('finished', null);
        folder.remove();
      }
    }),
    { numRuns: effort(25, 400) },
  );
});

/** When all waiting is over, every queued URL that is not leased can be claimed, once. */
async function expectNothingLost(model: Model, { store, clock }: Real): Promise<void> {
  clock.advance(10_000);
  const refill = [...model.held].map((hostId) => ({ hostId, want: 1_000 }));
  const { leases } = await store.claim({ refill, newHosts: 1_000, perNewHost: 1_000, max: 10_000 });
  const claimed = [...leases, ...model.leases.values()].map(({ url }) => url);
  const queued = [...model.urls].filter(([, url]) => url.state === 'queued').map(([url]) => url);
  expect(claimed.sort()).toEqual(queued.sort());
}
