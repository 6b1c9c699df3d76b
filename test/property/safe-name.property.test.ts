import path from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { NameTemplate } from '../../src/export/name-template.ts';
import { byteLength, MOST_PART_BYTES, nameKey, numberedPart, safePart } from '../../src/export/safe-name.ts';
import { TakenNames } from '../../src/export/taken-names.ts';

/** What strangers write: anything, and often what does harm. */
const nasty = fc.constantFrom(
  ...'.. . / \\ : \0 \n \u001B CON nul com1 aux CONIN$ .txt \u202E \uD800 é e\u0301 ß İ 💥 %2e ~ - a'.split(' '),
  ' ',
  'x'.repeat(250),
  '€'.repeat(80),
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), { maxLength: 6 }).map((parts) => parts.join('')),
);

function expectSafe(part: string): void {
  expect(part).not.toBe('');
  expect(byteLength(part)).toBeLessThanOrEqual(MOST_PART_BYTES);
  expect(part.isWellFormed()).toBe(true);
  // Also refuses `.` and `..`.
  expect(part).not.toMatch(/[. ]$/);
  expect(part).not.toMatch(/[/\\:*?"<>|\p{Cc}\u202E]/u);
  expect(part.split('.')[0]?.trim()).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/i);
}

describe('the name of a file', () => {
  test('is safe whatever it is made from, and what is safe stays', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const part = safePart(raw);
        expectSafe(part);
        expect(safePart(part)).toBe(part);
      }),
      { numRuns: 1_000, examples: [[' aux'], ['\u00A0nul\u00A0.txt'], ['con .txt'], [' ']] },
    );
  });

  test('stays safe with a number, keeps its extension, and differs', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 1_000_000 }), (raw, n) => {
        const part = safePart(raw);
        const numbered = numberedPart(part, n);
        expectSafe(numbered);
        expect(numbered).toContain(` (${n})`);
        expect(safePart(numbered)).toBe(numbered);
        if (/^[^.]+\.html$/.test(part)) expect(numbered).toMatch(/\.html$/);
      }),
    );
  });

  test('never leaves the folder, whatever the columns and the path of a URL say', () => {
    const templates = ['{a}', '{a}.html', 'x/{a}/{b}', '{path}', '{host}/{path}', '{a}{b}'].map(
      (t) => new NameTemplate(t),
    );
    fc.assert(
      fc.property(fc.constantFrom(...templates), fc.array(text, { minLength: 1, maxLength: 5 }), (template, values) => {
        const parts = template.fill((field) => (field === 'path' ? values : [values[0] ?? '']));
        for (const part of parts) expectSafe(part);
        const file = path.resolve('/out', ...parts);
        expect(path.relative('/out', file).split(path.sep)).toEqual(parts);
        expect(byteLength(file)).toBeLessThan(1_024);
      }),
    );
  });
});

describe('names taken', () => {
  // Few words, so that they clash by case, accents, numbers, and as file and folder.
  const word = fc
    .constantFrom('a', 'A', 'a (2)', 'é', 'e\u0301', 'ß', 'SS', 'x.html', 'X.HTML', 'x (2).html')
    .map(safePart);
  const paths = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 30 });

  function taken(wanted: readonly string[][]): string[][] {
    const names = new TakenNames();
    try {
      return wanted.map((parts) => names.take(parts));
    } finally {
      names.close();
    }
  }

  test('no two are one file, none is a folder of another, and the same wishes give the same names', () => {
    fc.assert(
      fc.property(paths, (wanted) => {
        const got = taken(wanted);
        const files = got.map((parts) => nameKey(parts.join('/')));
        expect(new Set(files).size).toBe(files.length);
        const folders = new Set(got.flatMap((parts) => parts.map((_, n) => nameKey(parts.slice(0, n).join('/')))));
        for (const file of files) expect(folders).not.toContain(file);
        expect(taken(wanted)).toEqual(got);
        // What was given is free of clashes: asked for, it is given again.
        expect(taken(got)).toEqual(got);
      }),
    );
  });

  test('a thousand pages of one name are numbered in turn', () => {
    const got = taken(Array.from({ length: 1_000 }, () => ['Home.html']));
    expect(got.slice(0, 3)).toEqual([['Home.html'], ['Home (2).html'], ['Home (3).html']]);
    expect(got.at(-1)).toEqual(['Home (1000).html']);
  });
});
