/** Who goes first to a parser thread, and that nobody is lost or waits for ever. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FetchedPage } from '../../../src/model/page.ts';
import { PageLine } from '../../../src/parse/page-line.ts';

const LARGE = 256 * 1024;

function pageOf(urlId: number, bytes: number): FetchedPage {
  return { attempt: { urlId }, body: new Uint8Array(bytes) } as unknown as FetchedPage;
}

function ids(batch: readonly FetchedPage[]): number[] {
  return batch.map(({ attempt }) => attempt.urlId);
}

test('small pages go first, a large one when a thread has nothing else to do and none follow', () => {
  const line = new PageLine();
  line.push(pageOf(1, LARGE), 0);
  line.push(pageOf(2, 100), 0);
  line.push(pageOf(3, 100), 0);
  expect(ids(line.takeBatch(1, true))).toEqual([2, 3]);
  expect(ids(line.takeBatch(1, false))).toEqual([]);
  expect([line.holds(1), line.holds(2)]).toEqual([true, false]);
  expect(ids(line.takeBatch(49, true))).toEqual([]);
  expect(ids(line.takeBatch(50, true))).toEqual([1]);
});

test('a large page does not wait for small ones that never came, nor where many large ones do', () => {
  const line = new PageLine();
  line.push(pageOf(1, LARGE), 0);
  expect(ids(line.takeBatch(0, true))).toEqual([1]);
  line.push(pageOf(2, 100), 0);
  line.takeBatch(0, true);
  line.push(pageOf(3, 9e6), 0);
  expect(ids(line.takeBatch(1, true))).toEqual([]);
  line.push(pageOf(4, 9e6), 1);
  expect(ids(line.takeBatch(2, true))).toEqual([3]);
  expect(ids(line.takeBatch(2, true))).toEqual([]);
});

test('a large page gives way for three seconds at most', () => {
  const line = new PageLine();
  line.push(pageOf(1, LARGE), 0);
  line.push(pageOf(2, 100), 2_999);
  expect(ids(line.takeBatch(3_000, false))).toEqual([1]);
});

test('a page that announces megabytes is a large one, however small on the wire', () => {
  const content = Buffer.alloc(3 * 1024 * 1024);
  for (const [contentEncoding, body] of [
    ['gzip', gzipSync(content)],
    ['zstd', zstdCompressSync(content)],
  ] as const) {
    const line = new PageLine();
    line.push({ ...pageOf(1, 0), body: new Uint8Array(body), contentEncoding }, 0);
    line.push(pageOf(2, 100), 0);
    expect(ids(line.takeBatch(0, true))).toEqual([2]);
  }
});

test('what goes in comes out once, small and large ones in their order, batches bounded', () => {
  const page = fc.record({
    bytes: fc.constantFrom(0, 1_000, 100_000, LARGE, 2 * LARGE),
    takes: fc.nat(2),
    isIdle: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(page, { maxLength: 60 }), (pages) => {
      const line = new PageLine();
      const out: number[] = [];
      const take = (isIdle: boolean, now: number): number => {
        const batch = line.takeBatch(now, isIdle);
        expect(batch.length).toBeLessThanOrEqual(16);
        out.push(...ids(batch));
        return batch.length;
      };
      pages.forEach(({ bytes, takes, isIdle }, urlId) => {
        line.push(pageOf(urlId, bytes), 0);
        for (let count = 0; count < takes; count++) take(isIdle, 0);
      });
      while (take(true, 1_000) > 0);
      expect(line.length).toBe(0);
      const isLarge = (urlId: number): boolean => (pages[urlId]?.bytes ?? 0) >= LARGE;
      const order = [...pages.keys()];
      expect(out.filter((urlId) => isLarge(urlId))).toEqual(order.filter((urlId) => isLarge(urlId)));
      expect(out.filter((urlId) => !isLarge(urlId))).toEqual(order.filter((urlId) => !isLarge(urlId)));
    }),
  );
});
