import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';
import { openReadOnly } from '../../../src/store/open-read-only.ts';
import { WalLimit } from '../../../src/store/wal-limit.ts';
import { temporaryFolder } from '../../support/store-fixtures.ts';

const LIMIT = 1_000_000;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

it('empties a WAL past the limit; where a read outlasts the patience it says so, and tries again a limit later', () => {
  const { db } = openDatabase(folder.file, { durable: false, fresh: false });
  db.exec('CREATE TABLE ballast (bytes BLOB)');
  const held: number[] = [];
  const limit = new WalLimit(db, {
    file: folder.file,
    onHeld: (walBytes) => held.push(walBytes),
    limitBytes: LIMIT,
    patienceMs: 1,
  });
  const walBytes = (): number => statSync(`${folder.file}-wal`).size;
  const commit = (bytes: number): number => {
    db.prepare('INSERT INTO ballast VALUES (zeroblob(?))').run(bytes);
    limit.keep();
    return walBytes();
  };
  const small = walBytes();
  expect(commit(100_000)).toBeGreaterThan(small);
  expect(commit(LIMIT)).toBe(0);

  const reader = openReadOnly(folder.file);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM ballast').get();
  const first = commit(LIMIT);
  expect(held).toEqual([first]);
  commit(LIMIT / 2);
  expect(held).toHaveLength(1);
  const second = commit(LIMIT);
  expect(held).toEqual([first, second]);
  reader.exec('COMMIT');
  expect(commit(LIMIT)).toBe(0);
  expect(held).toHaveLength(2);
  reader.close();
  db.close();
});
