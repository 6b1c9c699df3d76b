import { expect, test } from 'vitest';
import { BodyBuffer } from '../../../src/fetch/body-buffer.ts';

test('a body of known length stands in a buffer of exactly that size', () => {
  const buffer = new BodyBuffer(6);
  buffer.append(Buffer.from('abc'));
  buffer.append(Buffer.from('def'));
  const body = buffer.take();
  expect(Buffer.from(body).toString()).toBe('abcdef');
  expect(body.buffer.byteLength).toBe(6);
});

test('a body of unknown length grows and ends exact', () => {
  const buffer = new BodyBuffer(4);
  const whole = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 251));
  for (let i = 0; i < whole.length; i += 7) buffer.append(whole.subarray(i, i + 7));
  const body = buffer.take();
  expect(Buffer.compare(body, whole)).toBe(0);
  expect(body.buffer.byteLength).toBe(10_000);
});

test('small bodies can be transferred: they are not parts of a shared pool', () => {
  const buffer = new BodyBuffer(2);
  buffer.append(Buffer.from('ok'));
  const body = buffer.take();
  const moved = structuredClone(body, { transfer: [body.buffer] });
  expect(Buffer.from(moved).toString()).toBe('ok');
  expect(body.byteLength).toBe(0);
});

test('an empty body is an empty array', () => {
  expect(new BodyBuffer(0).take()).toEqual(new Uint8Array(0));
});
