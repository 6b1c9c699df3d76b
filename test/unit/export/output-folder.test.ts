import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { OutputFolder } from '../../../src/export/output-folder.ts';
import { temporaryFolder } from '../../support/store-fixtures.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const PAGE = Buffer.from('a page');

let scratch: ReturnType<typeof temporaryFolder>;
let out: string;
beforeEach(() => {
  scratch = temporaryFolder();
  out = join(scratch.path, 'out');
});
afterEach(() => scratch.remove());

function folder(force = false, protectedFiles: readonly string[] = []): OutputFolder {
  return new OutputFolder(out, { force, protectedFiles });
}

test('writes a file with its bytes and its time, and its folders', () => {
  expect(folder().write(['a', 'b', 'c.html'], PAGE, AT)).toBe('written');
  const file = join(out, 'a', 'b', 'c.html');
  expect(readFileSync(file)).toEqual(PAGE);
  expect(statSync(file).mtimeMs).toBe(AT);
});

test('keeps another file, knows the same one, and replaces only with force', () => {
  folder().write(['x'], Buffer.from('before'), AT);
  expect(folder().write(['x'], Buffer.from('before'), AT + 1_000)).toBe('same');
  expect(folder().write(['x'], PAGE, AT)).toBe('kept');
  expect(readFileSync(join(out, 'x'), 'utf8')).toBe('before');
  // Of the same size, so that only the bytes tell.
  expect(folder(true).write(['x'], Buffer.from('BEFORE'), AT)).toBe('written');
  expect(readFileSync(join(out, 'x'), 'utf8')).toBe('BEFORE');
  expect(readdirSync(out)).toEqual(['x']);
});

test('replacing one of two hard links leaves the other as it is', () => {
  const other = join(scratch.path, 'other');
  writeFileSync(other, 'mine');
  folder();
  linkSync(other, join(out, 'x'));
  expect(folder(true).write(['x'], PAGE, AT)).toBe('written');
  expect(readFileSync(other, 'utf8')).toBe('mine');
});

test.each([false, true])('follows no link, neither last nor in between (force: %s)', (force) => {
  const outside = join(scratch.path, 'outside');
  const target = join(scratch.path, 'target');
  mkdirSync(outside);
  writeFileSync(target, 'mine');
  const opened = folder(force);
  symlinkSync(outside, join(out, 'dir'));
  symlinkSync(target, join(out, 'file'));
  symlinkSync(join(scratch.path, 'nowhere'), join(out, 'dangling'));
  expect(opened.write(['dir', 'x'], PAGE, AT)).toBe('blocked');
  expect(opened.write(['file'], PAGE, AT)).toBe('blocked');
  expect(opened.write(['dangling'], PAGE, AT)).toBe('blocked');
  expect(readdirSync(outside)).toEqual([]);
  expect(readFileSync(target, 'utf8')).toBe('mine');
  expect(existsSync(join(scratch.path, 'nowhere'))).toBe(false);
});

test('a link that appears after the folder was used is not followed either', () => {
  const outside = join(scratch.path, 'outside');
  const opened = folder();
  opened.write(['a', 'b', '1'], PAGE, AT);
  mkdirSync(outside);
  symlinkSync(outside, join(out, 'a', 'later'));
  expect(opened.write(['a', 'later', '2'], PAGE, AT)).toBe('blocked');
  expect(readdirSync(outside)).toEqual([]);
});

test('a file where a folder has to be, and a folder where a file has to be, are in the way', () => {
  const opened = folder(true);
  opened.write(['a'], PAGE, AT);
  opened.write(['b', 'x'], PAGE, AT);
  expect(opened.write(['a', 'x'], PAGE, AT)).toBe('blocked');
  expect(opened.write(['b'], PAGE, AT)).toBe('blocked');
});

test('never replaces the database, by whatever name', () => {
  const database = join(scratch.path, 'run.db');
  writeFileSync(database, 'database');
  const opened = folder(true, [database]);
  linkSync(database, join(out, 'index.html'));
  expect(opened.write(['index.html'], PAGE, AT)).toBe('kept');
  expect(readFileSync(database, 'utf8')).toBe('database');
});

test('a folder that is a file is wrong usage; one that cannot be made is a storage error', () => {
  writeFileSync(out, '');
  expect(() => folder()).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  out = join(out, 'below');
  expect(() => folder()).toThrow(expect.objectContaining({ code: 'ERR_STORE' }));
});
