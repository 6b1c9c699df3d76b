/**
 * What every implementation of `Store` must do, whatever it is made of. Each is run through this suite: directly, and over
 * the messages of the store thread. Times are far in the past or the future, so that no test waits.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Claim, CommitAck, OpenInfo, Store, StoreOptions } from '../../src/model/ports.ts';
import type { OriginRecord } from '../../src/model/robots.ts';
import type { PageResult } from '../../src/model/page.ts';
import { fileSource, refusal, resultOf, storeOptions, temporaryFolder, urlBatch, urlLine } from './store-fixtures.ts';

export interface OpenedStore {
  readonly store: Store & { readonly info: Pick<OpenInfo, 'existed' | 'paused' | 'sources'> };
  /** Commits and resolves to the ack. */
  commit(results: readonly PageResult[]): Promise<CommitAck>;
}

const EVERYTHING = { refill: [], newHosts: 100, perNewHost: 100, max: 1_000 };
const FAR_FUTURE = Date.UTC(2100, 0, 1);
const PAST = Date.UTC(2020, 0, 1);

export function describeStore(name: string, open: (options: StoreOptions) => Promise<OpenedStore>): void {
  describe(`${name}, as a store`, () => {
    let folder: ReturnType<typeof temporaryFolder>;
    let opened: OpenedStore;
    let store: OpenedStore['store'];
    let isClosed: boolean;

    async function reopen(options: Partial<StoreOptions> = {}): Promise<void> {
      if (!isClosed) await store.close('finished', null);
      opened = await open(storeOptions(folder.file, { detail: 'rows', ...options }));
      store = opened.store;
      isClosed = false;
    }

    async function add(urls: readonly string[], source = fileSource()): Promise<number> {
      const { sourceId } = await store.openSource(source, false);
      await store.enqueue(urlBatch(sourceId, urls));
      return sourceId;
    }

    beforeEach(async () => {
      folder = temporaryFolder();
      isClosed = true;
      await reopen();
    });

    afterEach(async () => {
      if (!isClosed) await store.close('finished', null);
      folder.remove();
    });

    it('remembers how far a source had URLs with passwords, and nothing of those', async () => {
      const { sourceId } = await store.openSource(fileSource(), false);
      const enqueue = (line: number, passwordLine: number): Promise<unknown> => {
        const position = { byteOffset: line * 10, line };
        return store.enqueue({
          sourceId,
          lines: [urlLine(line, `http://a.test/${line}`)],
          position,
          last: false,
          passwordLine,
        });
      };
      await enqueue(1, 1);
      await enqueue(2, 0);
      await reopen();
      expect(store.info.sources).toMatchObject([{ sourceId, passwordLine: 1 }]);
    });

    it('enters each line of a source once into its book', async () => {
      const { sourceId } = await store.openSource(fileSource(), false);
      const { book, urls, readyHosts } = await store.enqueue({
        sourceId,
        lines: [
          urlLine(1, 'http://a.test/'),
          urlLine(2, 'http://a.test/', { bareHost: true }),
          { kind: 'blank', line: 3 },
          { kind: 'rejected', line: 4, raw: 'no url', reason: 'bad-url', columns: null },
          urlLine(5, 'http://b.test/', { bareHost: true }),
        ],
        position: { byteOffset: 60, line: 5 },
        last: false,
      });
      expect(book).toEqual({
        sourceId,
        name: '/lists/urls.txt',
        lines: 5,
        added: 2,
        knownBefore: 0,
        duplicate: 1,
        rejected: 1,
        blank: 1,
        bareHosts: 2,
        complete: false,
      });
      expect(urls).toEqual({ known: 2, queued: 2, done: 0, failed: 0, skipped: 0 });
      expect(readyHosts).toBe(2);
    });

    it('goes on with a source where its last batch ended, also after it was reopened', async () => {
      const { sourceId } = await store.openSource(fileSource(), false);
      await store.enqueue({ ...urlBatch(sourceId, ['http://a.test/1', 'http://a.test/2']), last: false });
      await reopen();
      expect(await store.openSource(fileSource(), false)).toEqual({
        sourceId,
        position: { byteOffset: 30, line: 2 },
        complete: false,
      });
      await store.enqueue(urlBatch(sourceId, ['http://a.test/3'], 3));
      expect(await store.openSource(fileSource(), false)).toMatchObject({ sourceId, complete: true });
    });

    it('takes an edited list for a new source whose old URLs were known before', async () => {
      const first = await add(['http://a.test/1', 'http://a.test/2']);
      const edited = await store.openSource(fileSource('/lists/urls.txt', 'edited'), false);
      expect(edited).toMatchObject({ complete: false, position: { byteOffset: 0, line: 0 } });
      expect(edited.sourceId).not.toBe(first);
      const { book } = await store.enqueue(urlBatch(edited.sourceId, ['http://a.test/2', 'http://a.test/3']));
      expect(book).toMatchObject({ lines: 2, added: 1, knownBefore: 1, duplicate: 0 });
    });

    it('never takes stdin for the same source, but arguments by their name', async () => {
      const stdin = { kind: 'stdin', name: '-', fingerprint: null, sizeBytes: null } as const;
      const one = await store.openSource(stdin, false);
      const two = await store.openSource(stdin, false);
      expect(two.sourceId).not.toBe(one.sourceId);
      const words = { kind: 'arguments', name: 'digest', fingerprint: null, sizeBytes: null } as const;
      const three = await store.openSource(words, false);
      expect((await store.openSource(words, false)).sourceId).toBe(three.sourceId);
    });

    it('knows of which hosts and ports a URL was listed, settled or not, also after it was reopened', async () => {
      await add(['http://a.test/1', 'http://a.test:8080/', 'https://b.test/', 'http://[::1]:81/', 'http://a.test/2']);
      const claim = await store.claim(EVERYTHING);
      await opened.commit(claim.leases.map((lease) => resultOf(lease)));
      for (const isReopened of [false, true]) {
        if (isReopened) await reopen();
        for (const [host, port] of [
          ['a.test', 80],
          ['a.test', 8080],
          ['b.test', 443],
          ['[::1]', 81],
        ] as const) {
          expect([host, port, await store.isListed(host, port)]).toEqual([host, port, true]);
        }
        for (const [host, port] of [
          ['a.test', 443],
          ['b.test', 80],
          ['[::1]', 80],
          ['c.test', 80],
        ] as const) {
          expect([host, port, await store.isListed(host, port)]).toEqual([host, port, false]);
        }
      }
    });

    it('hands hosts out in turn, with at most the leases asked for', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://a.test/3', 'http://b.test/1', 'http://c.test/1']);
      const claim = await store.claim({ refill: [], newHosts: 2, perNewHost: 2, max: 10 });
      expect(claim.newHosts.map(({ host }) => host)).toEqual(['a.test', 'b.test']);
      expect(claim.leases.map(({ url }) => url)).toEqual(['http://a.test/1', 'http://a.test/2', 'http://b.test/1']);
      expect(claim.leases[0]).toMatchObject({ attempt: 1, round: 1, depth: 0, spentMs: 0, host: 'a.test' });
      expect(claim.exhausted).toEqual([claim.newHosts[1]?.hostId]);
      expect(claim.readyHosts).toBe(1);
    });

    it('knows all hosts of one batch, however many these are and in what order', async () => {
      await add(Array.from({ length: 6_000 }, (_, i) => `http://h${(i * 7) % 3_000}.test/${i}`));
      const { readyHosts } = await store.progress();
      expect(readyHosts).toBe(3_000);
    });

    it('never hands out more leases in all than the maximum', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://b.test/1']);
      const first = await store.claim({ ...EVERYTHING, max: 1 });
      expect(urlsOf(first)).toEqual(['http://a.test/1']);
      const hostId = first.newHosts[0]?.hostId ?? 0;
      const second = await store.claim({ refill: [{ hostId, want: 5 }], newHosts: 9, perNewHost: 9, max: 2 });
      expect(urlsOf(second)).toEqual(['http://a.test/2', 'http://b.test/1']);
    });

    it('refills a held host and takes it back when it has nothing more', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://a.test/3']);
      const { newHosts } = await store.claim({ refill: [], newHosts: 1, perNewHost: 1, max: 10 });
      const hostId = newHosts[0]?.hostId ?? 0;
      const refill = await store.claim({ refill: [{ hostId, want: 1 }], newHosts: 1, perNewHost: 1, max: 10 });
      expect([urlsOf(refill), refill.exhausted, refill.newHosts]).toEqual([['http://a.test/2'], [], []]);
      const last = await store.claim({ refill: [{ hostId, want: 5 }], newHosts: 1, perNewHost: 1, max: 10 });
      expect([urlsOf(last), last.exhausted, last.newHosts]).toEqual([['http://a.test/3'], [hostId], []]);
    });

    it('hands a host that was taken back out again when it gets new URLs', async () => {
      await add(['http://a.test/1']);
      await store.claim(EVERYTHING);
      const source = fileSource('/lists/more.txt');
      const { sourceId } = await store.openSource(source, false);
      const { readyHosts } = await store.enqueue(urlBatch(sourceId, ['http://a.test/2']));
      expect(readyHosts).toBe(1);
      const again = await store.claim(EVERYTHING);
      expect(urlsOf(again)).toEqual(['http://a.test/2']);
      expect(again.newHosts).toHaveLength(1);
    });

    it('never hands out a leased URL again', async () => {
      await add(['http://a.test/1', 'http://a.test/2']);
      expect(urlsOf(await store.claim(EVERYTHING))).toHaveLength(2);
      expect((await store.claim(EVERYTHING)).leases).toEqual([]);
    });

    it('forgets leases with the process: a claim writes nothing', async () => {
      await add(['http://a.test/1']);
      await store.claim(EVERYTHING);
      await reopen();
      const claim = await store.claim(EVERYTHING);
      expect(claim.leases).toMatchObject([{ url: 'http://a.test/1', attempt: 1 }]);
    });

    it('commits page and state together and tells what it committed', async () => {
      await add(['http://a.test/1']);
      const [lease] = await leasesOf(store);
      const ack = await opened.commit([resultOf(lease, { body: 'hello' })]);
      expect(ack).toMatchObject({ urlIds: [lease.id], rows: 1, urls: { queued: 0, done: 1 } });
      expect(ack.settled).toMatchObject([
        {
          url: 'http://a.test/1',
          state: 'done',
          bytes: 5,
          title: 'A title',
          status: 200,
          reason: null,
          notBefore: null,
        },
      ]);
      const body = await store.readBody(lease.id);
      expect(Buffer.from(body?.bytes ?? []).toString()).toBe('hello');
      expect(body?.sha256).toBe(ack.settled?.[0]?.sha256);
      expect(await store.progress()).toMatchObject({ decodedBytes: 5, hosts: 1, urls: { known: 1, done: 1 } });
    });

    it('drops a late result, but acknowledges it', async () => {
      await add(['http://a.test/1', 'http://a.test/2']);
      const [lease] = await leasesOf(store);
      await opened.commit([resultOf(lease)]);
      const ack = await opened.commit([refusal(lease, { state: 'failed', reason: 'connect-refused' })]);
      expect(ack).toMatchObject({ urlIds: [lease.id], rows: 0, urls: { done: 1, failed: 0 }, settled: [] });
    });

    it('keeps the lease of a present attempt when the result of an earlier one arrives twice', async () => {
      await add(['http://a.test/1']);
      const [lease] = await leasesOf(store);
      const failure = refusal(lease, { state: 'queued', reason: 'connect-refused', notBefore: PAST });
      await opened.commit([failure]);
      const [second] = await leasesOf(store);
      expect(second.attempt).toBe(2);
      await opened.commit([failure]);
      expect((await store.claim(EVERYTHING)).leases).toEqual([]);
    });

    it('knows of nobody that waits for a time where nobody does', async () => {
      await add(['http://a.test/1']);
      expect(await store.nextDue()).toBeNull();
    });

    it('holds a retry back until its time', async () => {
      await add(['http://a.test/1']);
      const [lease] = await leasesOf(store);
      const ack = await opened.commit([
        refusal(lease, { state: 'queued', reason: 'connect-refused', notBefore: FAR_FUTURE }),
      ]);
      expect(ack).toMatchObject({ nextDueAt: FAR_FUTURE, readyHosts: 0, urls: { queued: 1 } });
      expect(ack.settled).toMatchObject([{ state: 'queued', notBefore: FAR_FUTURE }]);
      expect((await store.claim(EVERYTHING)).leases).toEqual([]);
      await reopen();
      expect((await store.claim(EVERYTHING)).nextDueAt).toBe(FAR_FUTURE);
      expect(await store.nextDue()).toEqual({ host: 'a.test', url: 'http://a.test/1', isRetry: true });
    });

    it('claims a retry that is due before fresh URLs of its host, with what its attempts took', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://a.test/3']);
      const { leases, newHosts } = await store.claim({ refill: [], newHosts: 1, perNewHost: 2, max: 2 });
      const lease = leases[1] ?? expect.fail('no lease');
      await opened.commit([refusal(lease, { state: 'queued', reason: 'connect-refused', notBefore: PAST })]);
      const hostId = newHosts[0]?.hostId ?? 0;
      const refill = await store.claim({ refill: [{ hostId, want: 5 }], newHosts: 0, perNewHost: 0, max: 5 });
      expect(refill.leases).toMatchObject([
        { url: 'http://a.test/2', attempt: 2, round: 2, spentMs: 3 },
        { url: 'http://a.test/3', attempt: 1, round: 1, spentMs: 0 },
      ]);
    });

    it('keeps a host that asked to be left alone to itself, also after it was reopened', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://b.test/1']);
      const { leases } = await store.claim({ refill: [], newHosts: 1, perNewHost: 1, max: 1 });
      const [lease] = leases as [(typeof leases)[0]];
      await opened.commit([resultOf(lease, { hostNotBefore: FAR_FUTURE })]);
      await reopen();
      const claim = await store.claim(EVERYTHING);
      expect(urlsOf(claim)).toEqual(['http://b.test/1']);
      expect(claim.nextDueAt).toBe(FAR_FUTURE);
    });

    it('keeps what an answer says about another host, and of a host without URLs too', async () => {
      await add(['http://a.test/1', 'http://b.test/1']);
      const { leases } = await store.claim({ refill: [], newHosts: 1, perNewHost: 1, max: 1 });
      const [lease] = leases as [(typeof leases)[0]];
      const note = { notBefore: FAR_FUTURE, slowDown: null, reason: '429', at: 1 };
      await opened.commit([resultOf(lease, { hostNote: { ...note, host: 'b.test' } })]);
      await add(['http://a.test/2']);
      const [next] = await leasesOf(store);
      await opened.commit([resultOf(next, { hostNote: { ...note, host: 'c.test' } })]);
      expect((await store.claim(EVERYTHING)).leases).toEqual([]);
      await reopen();
      expect((await store.claim(EVERYTHING)).leases).toEqual([]);
      expect(store.info.paused).toEqual([
        { host: 'b.test', notBefore: FAR_FUTURE },
        { host: 'c.test', notBefore: FAR_FUTURE },
      ]);
    });

    it('hands out a host with what is known of its troubles', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://a.test/3']);
      const { leases, newHosts } = await store.claim({ refill: [], newHosts: 1, perNewHost: 1, max: 1 });
      const [lease] = leases as [(typeof leases)[0]];
      expect(newHosts).toEqual([{ hostId: lease.hostId, host: 'a.test', notBefore: 0 }]);
      const note = { host: 'a.test', notBefore: 0, reason: '429', at: Date.now() - 5_000 };
      await opened.commit([resultOf(lease, { hostNote: { ...note, slowDown: { slots: 1.5, extraMs: 400 } } })]);
      await reopen();
      const again = await store.claim({ refill: [], newHosts: 1, perNewHost: 1, max: 1 });
      const slowDown = { slots: 1.5, extraMs: 400, ageMs: expect.any(Number) as number };
      expect(again.newHosts).toEqual([{ hostId: lease.hostId, host: 'a.test', notBefore: 0, slowDown }]);
      await opened.commit([
        resultOf(again.leases[0] ?? expect.fail('no lease'), { hostNote: { ...note, slowDown: null } }),
      ]);
      await reopen();
      expect((await store.claim(EVERYTHING)).newHosts).toEqual(newHosts);
    });

    it('does not count an attempt that was refused for our pace', async () => {
      await add(['http://a.test/1']);
      const [lease] = await leasesOf(store);
      const settlement = { state: 'queued', reason: 'rate-limited', notBefore: PAST, counts: false } as const;
      await opened.commit([refusal(lease, settlement)]);
      expect(await leasesOf(store)).toMatchObject([{ attempt: 2, round: 1, spentMs: 0 }]);
    });

    it('puts failed URLs back with a new round of attempts', async () => {
      await add(['http://a.test/1', 'http://a.test/2', 'http://b.test/3']);
      const [one, two, three] = await leasesOf(store);
      const notFound = { settlement: { state: 'failed', reason: 'http-4xx' }, attempt: { status: 404 } } as const;
      await opened.commit([
        resultOf(one, notFound),
        refusal(two, { state: 'failed', reason: 'connect-refused' }),
        refusal(three, { state: 'failed', reason: 'connect-refused' }),
      ]);
      expect((await store.progress()).reasons).toEqual([
        { state: 'failed', reason: 'connect-refused', count: 2 },
        { state: 'failed', reason: 'http-4xx', count: 1 },
      ]);
      expect(await store.requeue({ status: '5xx' })).toBe(0);
      expect(await store.requeue({ status: '4xx' })).toBe(1);
      expect(await store.requeue({ errorClass: 'connect-refused', host: 'B.test.' })).toBe(1);
      const claim = await store.claim(EVERYTHING);
      expect(claim.leases).toMatchObject([
        { url: 'http://a.test/1', attempt: 2, round: 1, spentMs: 0 },
        { url: 'http://b.test/3', attempt: 2, round: 1 },
      ]);
      expect((await store.progress()).urls).toEqual({ known: 3, queued: 2, done: 0, failed: 1, skipped: 0 });
    });

    it('skips queued URLs only', async () => {
      await add(['http://a.test/1', 'http://a.test/2']);
      const [one, two] = await leasesOf(store);
      await opened.commit([resultOf(one)]);
      expect((await store.skip([one.id, two.id], 'budget')).rows).toBe(1);
      const { urls, reasons } = await store.progress();
      expect(urls).toEqual({ known: 2, queued: 0, done: 1, failed: 0, skipped: 1 });
      expect(reasons).toEqual([{ state: 'skipped', reason: 'budget', count: 1 }]);
    });

    it('puts skipped URLs back for whoever names the reason', async () => {
      await add(['http://a.test/1', 'http://a.test/2']);
      const [one, two] = await leasesOf(store);
      await store.skip([one.id, two.id], 'blocked-robots');
      expect(await store.requeue({})).toBe(0);
      expect(await store.requeue({ errorClass: 'blocked-robots' })).toBe(2);
      expect((await leasesOf(store)).map(({ url }) => url)).toEqual(['http://a.test/1', 'http://a.test/2']);
    });

    it('keeps the latest robots.txt of an origin, whatever its size', async () => {
      const record: OriginRecord = {
        origin: 'http://a.test',
        access: 'disallow-all',
        fetchedAt: 1,
        expiresAt: 2,
        tries: 4,
        status: 503,
        errorClass: 'http-5xx',
        error: '503',
        robots: null,
        truncated: false,
        crawlDelayMs: null,
        redirects: [{ url: 'http://a.test/robots.txt', status: 301, location: '/r' }],
      };
      const file = new Uint8Array(Buffer.from(`User-agent: *\nDisallow: /caf\u00e9 ${'x'.repeat(20_000)}`));
      const rules: OriginRecord = { ...record, access: 'rules', robots: file, truncated: true, crawlDelayMs: 1_500 };
      await store.saveOrigins([record, { ...record, origin: 'http://b.test' }]);
      await store.saveOrigins([rules]);
      await reopen();
      const [a, b, ...others] = await store.loadOrigins(['http://a.test', 'http://b.test', 'http://c.test']);
      expect({ ...a, robots: Buffer.from(a?.robots ?? []) }).toEqual({ ...rules, robots: Buffer.from(file) });
      expect([b, others]).toEqual([{ ...record, origin: 'http://b.test' }, []]);
    });

    it('has no body for a URL that was never answered', async () => {
      await add(['http://a.test/1']);
      expect(await store.readBody(1)).toBeNull();
    });

    it('knows the file again', async () => {
      expect(store.info.existed).toBe(false);
      await add(['http://a.test/1']);
      await reopen();
      expect(store.info).toMatchObject({
        existed: true,
        urls: { known: 1, queued: 1 },
        sources: [{ kind: 'file', name: '/lists/urls.txt', complete: true }],
        lastConfig: '{"fetch":{}}',
      });
    });

    it('starts over when asked to', async () => {
      await add(['http://a.test/1']);
      await reopen({ fresh: true });
      expect(store.info).toMatchObject({ existed: false, urls: { known: 0 } });
    });

    it('refuses a second run on the same file and goes on itself', async () => {
      await expect(open(storeOptions(folder.file))).rejects.toMatchObject({
        code: 'ERR_LOCKED',
        message: expect.stringContaining(`process ${process.pid} on here`),
      });
      await add(['http://a.test/1']);
      expect((await store.progress()).urls.known).toBe(1);
    });

    it('answers nothing after it was closed', async () => {
      expect(await store.close('finished', null)).toEqual({ portable: true });
      isClosed = true;
      await expect(store.progress()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    });
  });
}

function urlsOf(claim: Claim): string[] {
  return claim.leases.map(({ url }) => url);
}

/** Everything that can be claimed; the caller knows how many there are. */
async function leasesOf(store: Store): Promise<[Claim['leases'][0], Claim['leases'][0], Claim['leases'][0]]> {
  const { leases } = await store.claim(EVERYTHING);
  return leases as [Claim['leases'][0], Claim['leases'][0], Claim['leases'][0]];
}
