import { expect, test } from 'vitest';

import { escapeBlock, escapeControl } from '../../../src/report/escape.ts';

test('what could steer a terminal is made visible', () => {
  expect(escapeControl('\u001B[31mred\u0007\u009B2J')).toBe('\\x1b[31mred\\x07\\x9b2J');
  expect(escapeControl('a\r\nb\tc')).toBe('a\\r\\nb\\tc');
});

test('what turns the reading direction round is made visible', () => {
  expect(escapeControl('abc\u202Etxt.exe\u2066')).toBe('abc\\u202etxt.exe\\u2066');
});

test('ordinary text of any language stays as it is', () => {
  const text = 'Grüße, 漢字, עברית, 🙂 — "quoted" \\ back';
  expect(escapeControl(text)).toBe(text);
});

test('a block keeps its lines, and nothing else that is a control', () => {
  expect(escapeBlock('a\n\tb\r\u001B')).toBe('a\n\tb\\r\\x1b');
});
