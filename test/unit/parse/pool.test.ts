import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from '../../../src/model/clock.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { PageResult } from '../../../src/model/page.ts';
import { type ResultsMessage, unpackResult } from '../../../src/model/packed-pages.ts';
import { ParserPool } from '../../../src/parse/pool.ts';
import type { LostPage, ParserOptions } from '../../../src/parse/pool.ts';
import { serveAsGuest } from '../../../src/parse/serve.ts';
import { fetchedPage, parserOptions } from './fetched-page.ts';

/** A pool with the store's side of its ports: everything that came out, and a way to wait for it. */
class Stage {
  readonly results: PageResult[] = [];
  readonly lost: LostPage[] = [];
  readonly errors: Error[] = [];
  readonly pool: ParserPool;
  ports = 0;
  #check: () => void = () => undefined;

  constructor(
    options: Partial<ParserOptions> = {},
    threads = 1,
    clock: Clock = systemClock,
    mostThreads = threads,
    guestPort?: () => MessagePort,
  ) {
    this.pool = new ParserPool({
      guestPort,
      threads,
      mostThreads,
      clock,
      options: parserOptions(options),
      resultPort: () => {
        const { port1, port2 } = new MessageChannel();
        this.ports++;
        port1.on('message', (message: ResultsMessage) => this.take(message.results.map(unpackResult)));
        port1.unref();
        return port2;
      },
      onLost: (pages) => {
        this.lost.push(...pages);
        this.#check();
      },
      onError: (error) => {
        this.errors.push(error);
        this.#check();
      },
    });
  }

  take(results: readonly PageResult[]): void {
    this.results.push(...results);
    this.#check();
  }

  until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (isTrue()) resolve();
      };
      this.#check();
    });
  }

  get stored(): number[] {
    return this.results.map((result) => result.attempt.urlId).sort((a, b) => a - b);
  }

  culprit(): LostPage | undefined {
    return this.lost.find((page) => page.culprit !== null);
  }
}

const stages: Stage[] = [];

function stage(
  options: Partial<ParserOptions> = {},
  threads = 1,
  clock: Clock = systemClock,
  mostThreads: number = threads,
): Stage {
  const made = new Stage(options, threads, clock, mostThreads);
  stages.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(stages.splice(0).map(({ pool }) => pool.destroy()));
});

/** A rule that needs seconds on a page of nested elements: each `:has` looks through the whole subtree again. */
const slowRule: Partial<ParserOptions> = {
  extract: [
    { name: 'slow', rows: 'div:has(b:has(u))', fields: { x: { selector: 'b', attribute: null, list: false } } },
  ],
};
const heavy = gzipSync(`<p>${'<div><b>'.repeat(1000)}`);

describe('ParserPool', () => {
  it('brings every page to the store exactly once, over several threads', async () => {
    const run = stage({}, 2);
    const { pool } = run;
    for (let urlId = 0; urlId < 300; urlId++) {
      pool.submit(fetchedPage({ urlId, body: gzipSync(`<title>page ${urlId}</title>`), contentEncoding: 'gzip' }));
    }
    expect(pool.queued).toBe(300);
    await pool.close();
    await run.until(() => run.results.length === 300);
    expect(run.stored).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(run.results.find((result) => result.attempt.urlId === 42)!.page!.title).toBe('page 42');
    expect(run.ports).toBe(2);
    expect(pool.queued).toBe(0);
    expect(pool.gauge()).toMatchObject({ length: 0, highWater: 300, passed: 300, producerWaits: 0 });
  });

  it('takes one more thread when small pages have piled up for a while, and no more than it may', async () => {
    const clock = new ManualClock();
    const run = stage({}, 1, clock, 2);
    let urlId = 0;
    const submit = (pages: number): void => {
      for (let n = 0; n < pages; n++) run.pool.submit(fetchedPage({ urlId: urlId++ }));
    };
    // Two batches go to the thread; what it says comes only when this function waits.
    submit(32 + 63);
    clock.advance(1_000);
    submit(1);
    clock.advance(99);
    submit(1);
    expect(run.ports).toBe(1);
    clock.advance(1);
    submit(1);
    expect(run.ports).toBe(2);
    clock.advance(1_000);
    submit(200);
    clock.advance(1_000);
    submit(100);
    expect(run.ports).toBe(2);
    await run.pool.close();
    await run.until(() => run.results.length === urlId);
    expect(run.stored).toEqual(Array.from({ length: urlId }, (_, n) => n));
  });

  it('passes stored bytes on unharmed, several of them in one buffer', async () => {
    const run = stage({ bodies: 'plain' });
    const shared = new Uint8Array(Buffer.from('<p>first<p>other'));
    run.pool.submit({ ...fetchedPage({ urlId: 1 }), body: shared.subarray(0, 8) });
    run.pool.submit({ ...fetchedPage({ urlId: 2 }), body: shared.subarray(8) });
    // Node's own pool of small buffers must not be given away.
    const pooled = Buffer.from('<p>pooled');
    run.pool.submit({ ...fetchedPage({ urlId: 3 }), body: pooled });
    await run.pool.close();
    await run.until(() => run.results.length === 3);
    const bodies = run.results.map((result) => Buffer.from(result.body!.bytes!).toString());
    expect(bodies).toEqual(['<p>first', '<p>other', '<p>pooled']);
    expect(pooled.toString()).toBe('<p>pooled');
  });

  it('gives up on a page that takes too long, and only on that one', async () => {
    // A good deal of time for the innocent: on a busy machine their thread may have to wait for a processor.
    const run = stage({ ...slowRule, pageTimeoutMs: 1_000 });
    await run.pool.ready();
    for (let urlId = 0; urlId < 5; urlId++) {
      run.pool.submit(
        urlId === 2 ? fetchedPage({ urlId, body: heavy, contentEncoding: 'gzip' }) : fetchedPage({ urlId }),
      );
    }
    await run.until(() => run.lost.length > 0);
    expect(run.culprit()).toEqual({ urlId: 2, culprit: 'parse-timeout' });
    expect(run.lost.filter((page) => page.culprit === null).length).toBe(run.lost.length - 1);
    expect(run.errors).toEqual([]);

    // What the engine does next: the innocent once more, the culprit without parsing.
    for (const { urlId, culprit } of run.lost.slice()) {
      const body = urlId === 2 ? heavy : '<title>t</title>';
      const contentEncoding = urlId === 2 ? 'gzip' : null;
      const again = culprit === null ? {} : ({ parse: 'none', parseError: culprit } as const);
      run.pool.submit(fetchedPage({ urlId, body, contentEncoding, ...again }));
    }
    await run.pool.close();
    await run.until(() => run.results.length === 5);
    expect(run.stored).toEqual([0, 1, 2, 3, 4]);
    expect(run.results.find((result) => result.attempt.urlId === 2)).toMatchObject({
      page: { parseError: 'parse-timeout' },
      body: { encoding: 'gzip' },
      settlement: { state: 'done' },
    });
  });

  it('judges by its own clock, from the moment it saw the page', async () => {
    const clock = new ManualClock();
    const run = stage({ ...slowRule, pageTimeoutMs: 5000 }, 1, clock);
    await run.pool.ready();
    run.pool.submit(fetchedPage({ urlId: 9, body: heavy, contentEncoding: 'gzip' }));
    let waitedMs = 0;
    while (run.lost.length === 0) {
      await new Promise(setImmediate);
      clock.advance(250);
      waitedMs += 250;
    }
    expect(run.lost).toEqual([{ urlId: 9, culprit: 'parse-timeout' }]);
    expect(waitedMs).toBeGreaterThanOrEqual(5000);
    // With nothing under way no timer is left to keep the process alive.
    clock.advance(250);
    expect(clock.nextTimerAt()).toBeNull();
  });

  it('survives a page that fills its thread’s memory', async () => {
    const run = stage({ ...slowRule, memoryMb: 24, pageTimeoutMs: 20_000, maxSize: 50_000_000 });
    await run.pool.ready();
    const huge = gzipSync('<i a=1>x</i>'.repeat(400_000));
    run.pool.submit(fetchedPage({ urlId: 1 }));
    run.pool.submit(fetchedPage({ urlId: 2, body: huge, contentEncoding: 'gzip' }));
    run.pool.submit(fetchedPage({ urlId: 3 }));
    await run.until(() => run.lost.length > 0);
    expect(run.culprit()).toEqual({ urlId: 2, culprit: 'parse-memory' });
    const innocent = [...run.stored, ...run.lost.filter((page) => page.culprit === null).map((page) => page.urlId)];
    expect(innocent.sort((a, b) => a - b)).toEqual([1, 3]);
    run.pool.submit(fetchedPage({ urlId: 4 }));
    await run.pool.close();
    await run.until(() => run.stored.includes(4));
    expect(run.errors).toEqual([]);
  });

  it('gives up with an error when threads cannot start', async () => {
    // Rules that are not even a list break the thread before it takes a page.
    const run = stage({ extract: null as never });
    run.pool.submit(fetchedPage({ urlId: 1 }));
    await run.until(() => run.errors.length > 0);
    expect(run.errors[0]).toBeInstanceOf(TypeError);
    await run.until(() => run.lost.length > 0);
    expect(run.lost).toEqual([{ urlId: 1, culprit: null }]);
  });

  describe('as a guest of the thread that takes the results', () => {
    /** The guest lives in this thread, as it does in the store's. */
    function hosting(options: Partial<ParserOptions> = {}): Stage {
      const made: Stage = new Stage({ mode: 'none', ...options }, 1, systemClock, 1, () => {
        const { port1, port2 } = new MessageChannel();
        serveAsGuest(port1, (results) => made.take(results));
        return port2;
      });
      stages.push(made);
      return made;
    }

    it('brings every page to the store exactly once, without a thread', async () => {
      const run = hosting();
      for (let urlId = 0; urlId < 300; urlId++) {
        run.pool.submit(fetchedPage({ urlId, body: gzipSync(`page ${urlId}`), contentEncoding: 'gzip' }));
      }
      await run.pool.close();
      expect(run.stored).toEqual(Array.from({ length: 300 }, (_, n) => n));
      expect(run.results[42]!.body).toMatchObject({ decodedBytes: 7, encoding: 'gzip' });
      expect(run.ports).toBe(0);
      expect(run.pool.gauge()).toMatchObject({ length: 0, highWater: 300, passed: 300 });
      expect(run.pool.utilization()).toBe(0);
    });

    it('survives its defect: the page is named, the innocent are given back, a thread takes over', async () => {
      const run = hosting();
      for (let urlId = 1; urlId <= 4; urlId++) {
        run.pool.submit(fetchedPage({ urlId, contentEncoding: urlId === 3 ? (5 as never) : null }));
      }
      await run.until(() => run.lost.length > 0);
      expect(run.culprit()).toEqual({ urlId: 3, culprit: 'worker-crash' });
      const innocent = [...run.stored, ...run.lost.filter((page) => page.culprit === null).map((page) => page.urlId)];
      expect(innocent.sort((a, b) => a - b)).toEqual([1, 2, 4]);
      run.pool.submit(fetchedPage({ urlId: 5 }));
      await run.pool.close();
      await run.until(() => run.stored.includes(5));
      expect(run.ports).toBe(1);
      expect(run.errors).toEqual([]);
    });

    it('fails the run where it cannot even start', async () => {
      const run = hosting({ mode: 'full', extract: null as never });
      run.pool.submit(fetchedPage({ urlId: 1 }));
      await run.until(() => run.errors.length > 0);
      expect(run.errors[0]!.message).toMatch(/null/);
    });

    it('leaves what it has not begun when the pool is destroyed', async () => {
      const run = hosting();
      run.pool.submit(fetchedPage({ urlId: 1 }));
      await run.pool.destroy();
      await new Promise(setImmediate);
      expect(run.stored).toEqual([]);
      expect(run.lost).toEqual([]);
    });
  });

  it('refuses pages after close', async () => {
    const { pool } = stage();
    await pool.close();
    expect(() => pool.submit(fetchedPage())).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });

  it('says how busy its threads are', async () => {
    const run = stage();
    await run.pool.ready();
    run.pool.utilization();
    const body = '<p>word</p>'.repeat(50_000);
    for (let urlId = 0; urlId < 20; urlId++) run.pool.submit(fetchedPage({ urlId, body }));
    await run.until(() => run.results.length === 20);
    const busy = run.pool.utilization();
    expect(busy).toBeGreaterThan(0.5);
    expect(busy).toBeLessThanOrEqual(1);
  });
});
