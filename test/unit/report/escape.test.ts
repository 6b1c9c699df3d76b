import fc from 'fast-check';
import { expect, test } from 'vitest';

import { escapeBlock, escapeControl, safeJson } from '../../../src/report/escape.ts';

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

test('JSON means the same without its control characters', () => {
  const unit = fc.constantFrom('a', '"', '\\', '\r', '\n', '\t', '\0', '\u007F', '\u009B', '\u202E', '\u2028', '🙂');
  fc.assert(
    fc.property(fc.array(fc.string({ unit })), fc.constantFrom(undefined, 2), (texts, indent) => {
      const json = safeJson({ texts, '\u202E': texts[0] ?? null }, undefined, indent);
      expect(JSON.parse(json)).toEqual({ texts, '\u202E': texts[0] ?? null });
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/u);
    }),
  );
});
