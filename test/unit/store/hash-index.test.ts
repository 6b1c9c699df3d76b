import SqliteDatabase from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../src/store/migrations.ts';
import { NewestHashes } from '../../../src/store/newest-hashes.ts';
import { SeenFilter } from '../../../src/store/seen-filter.ts';
import { UrlTable } from '../../../src/store/url-table.ts';
import { urlHash } from '../../../src/url/hash.ts';

describe('the filter of what has been seen', () => {
  it('forgets nothing, whatever the hashes are', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat(), { maxLength: 200 }), (hashes) => {
        const filter = new SeenFilter();
        for (const hash of hashes) filter.add(hash);
        expect(hashes.every((hash) => filter.mayHave(hash))).toBe(true);
      }),
    );
  });

  it('guesses wrong about one of a hundred at most when it is full, though hashes of bodies have 48 bits only', () => {
    const filter = new SeenFilter();
    const added = 65_536;
    const hashOf = (i: number): number => urlHash(`body ${i}`) % 2 ** 48;
    for (let i = 0; i < added; i++) filter.add(hashOf(i));
    let wrong = 0;
    for (let i = 0; i < 10_000; i++) if (filter.mayHave(hashOf(added + i))) wrong++;
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(100);
  });
});

it('the newest hashes come out range by range, sorted, each once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 20 - 1 }), { maxLength: 100 }), (hashes) => {
      const newest = new NewestHashes(20);
      hashes.forEach((hash, i) => newest.add(hash, i + 1));
      hashes.forEach((hash, i) => expect([...newest.idsOf(hash)]).toContain(i + 1));
      const taken: [number, number][] = [];
      for (let left = hashes.length; left > 0; left = newest.size) {
        const held = hashes.map((_, i) => i + 1).filter((id) => !taken.some(([, other]) => other === id));
        expect(newest.oldest).toBe(held[0]);
        newest.take((hash, id) => taken.push([hash, id]));
      }
      const sorted = hashes.map((hash, i) => [hash, i + 1] as [number, number]);
      expect(taken).toEqual(sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      expect(newest.oldest).toBeNull();
    }),
  );
});

it('a file opened again knows its URLs while the filter is being filled, and after', () => {
  const db = new SqliteDatabase(':memory:');
  migrate(db, ':memory:');
  db.pragma('foreign_keys = OFF');
  const url = (n: number): string => `http://a.test/${n}`;
  const fill = (table: UrlTable, from: number, to: number): void => {
    for (let n = from; n < to; n++) {
      expect(table.find(url(n))).toBeNull();
      table.insertSeed(url(n), 1, 1, n);
    }
  };
  fill(new UrlTable(db, urlHash, 512), 0, 9_000);
  // What waited in memory is lost, as in a crash.
  const again = new UrlTable(db, urlHash, 512);
  for (let n = 0; n < 9_000; n += 100) expect(again.find(url(n))).toBe(n + 1);
  for (let n = 9_000; n < 10_000; n += 250) {
    fill(again, n, n + 250);
    for (let known = 0; known < n; known += 37) expect(again.find(url(known))).toBe(known + 1);
  }
  again.mergeIndex();
  expect(db.prepare('SELECT count(*), count(DISTINCT id) FROM url_hash').raw().get()).toEqual([10_000, 10_000]);
  db.close();
});

it('the newest hashes of one range are kept in order, however many these are', () => {
  const newest = new NewestHashes(20);
  const hashOf = (id: number): number => (id * 7) % 4_096;
  for (let id = 1; id <= 3_000; id++) newest.add(hashOf(id), id);
  for (let id = 1; id <= 3_000; id++) expect([...newest.idsOf(hashOf(id))]).toEqual([id]);
  const taken: [number, number][] = [];
  newest.take((hash, id) => taken.push([hash, id]));
  expect(taken).toHaveLength(3_000);
  for (const [i, [hash, id]] of taken.entries()) {
    expect(hash).toBe(hashOf(id));
    expect(hash).toBeGreaterThan(taken[i - 1]?.[0] ?? -1);
  }
  newest.add(5, 3_001);
  expect([...newest.idsOf(5)]).toEqual([3_001]);
});
