import { expect, test } from 'vitest';

import { cellText, plainText, tableLines } from '../../src/cli/table.ts';

test('numbers stand on the right, text on the left', () => {
  expect(
    tableLines(
      ['url', 'bytes'],
      [
        ['http://h/a', 12_345],
        ['http://h/bcd', 7],
      ],
    ),
  ).toEqual(['url            bytes', '------------  ------', 'http://h/a    12,345', 'http://h/bcd       7']);
});

test('a table without rows has its head', () => {
  expect(tableLines(['url'], [])).toEqual(['url', '---']);
});

test('a table is cut to the terminal, the widest column first', () => {
  const lines = tableLines(['n', 'title', 'url'], [[1, 't'.repeat(30), 'u'.repeat(60)]], 40);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  expect(lines[2]).toMatch(/^1 {2}t+… {2}u+…$/);
});

test('a title cannot write to the terminal or break the table', () => {
  const lines = tableLines(['title'], [['a\u001B[31m\nb\u202E']]);
  expect(lines).toEqual(['title', '-'.repeat(18), 'a\\x1b[31m\\nb\\u202e']);
});

test('wide characters count double', () => {
  const [, , first = '', second = ''] = tableLines(
    ['t', 'x'],
    [
      ['漢字', 'a'],
      ['abcd', 'b'],
    ],
  );
  expect([first, second]).toEqual(['漢字  a', 'abcd  b']);
});

test('values as text: nothing, numbers, blobs', () => {
  expect([cellText(null), cellText(1234), cellText(1.5)]).toEqual(['', '1,234', '1.5']);
  expect(plainText(Buffer.from('Grüße'))).toBe('Grüße');
  expect(plainText(Buffer.from([0xff, 0x00]))).toBe("x'ff00'");
});
