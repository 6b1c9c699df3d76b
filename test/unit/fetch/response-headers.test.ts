import { expect, test } from 'vitest';
import { declaredLength, headerPairs, joined, single } from '../../../src/fetch/response-headers.ts';

test('raw headers keep order, case, repetition and every byte', () => {
  const raw = ['X-Two', '1', 'x-two', '2', 'Raw', '\u00e4\u00ff'].map((text) => Buffer.from(text, 'latin1'));
  expect(headerPairs(raw)).toEqual([
    ['X-Two', '1'],
    ['x-two', '2'],
    ['Raw', '\u00e4\u00ff'],
  ]);
});

test('the headers of HTTP/2 come as an object', () => {
  expect(headerPairs({ a: '1', 'set-cookie': ['b', 'c'] })).toEqual([
    ['a', '1'],
    ['set-cookie', 'b'],
    ['set-cookie', 'c'],
  ]);
});

test('single takes the first value, joined all of them', () => {
  expect([single(undefined), single('a'), single(['a', 'b'])]).toEqual([null, 'a', 'a']);
  expect([joined(undefined), joined('a'), joined(['a', 'b'])]).toEqual([null, 'a', 'a, b']);
});

test('a declared length is a number of digits', () => {
  expect([declaredLength('17'), declaredLength('17 '), declaredLength(undefined), declaredLength('x')]).toEqual([
    17,
    17,
    null,
    null,
  ]);
});
