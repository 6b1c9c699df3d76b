import { expect, test } from 'vitest';
import { AddressGuard, admits, BlockedAddress, reachOf } from '../../../src/fetch/address-guard.ts';
import type { ResolvedAddress } from '../../../src/fetch/resolver.ts';

const PUBLIC: ResolvedAddress = { address: '8.8.8.8', family: 4 };
const PRIVATE: ResolvedAddress = { address: '10.0.0.1', family: 4 };
const LOOPBACK: ResolvedAddress = { address: '::1', family: 6 };
const target = {
  origin: 'http://a.test',
  secure: false,
  hostname: 'a.test',
  urlHost: 'a.test',
  host: 'a.test',
  port: 80,
};

function guardOf(listed: readonly string[], allowPrivate = false): { guard: AddressGuard; asked: string[] } {
  const asked: string[] = [];
  const isListed = (host: string, port: number): Promise<boolean> => {
    asked.push(`${host}:${port}`);
    return Promise.resolve(listed.includes(`${host}:${port}`));
  };
  return { guard: new AddressGuard({ allowPrivate, isListed }), asked };
}

test('every address of an answer is looked at', () => {
  expect(reachOf([PUBLIC, PUBLIC])).toEqual({ kind: 'public', privateAddress: null });
  expect(reachOf([PRIVATE, LOOPBACK])).toEqual({ kind: 'private', privateAddress: '10.0.0.1' });
  expect(reachOf([PUBLIC, PUBLIC, LOOPBACK])).toEqual({ kind: 'mixed', privateAddress: '::1' });
});

test('who may go where', () => {
  const [open, closed, mixed] = [reachOf([PUBLIC]), reachOf([PRIVATE]), reachOf([PUBLIC, PRIVATE])];
  expect([open, closed, mixed].map((reach) => admits('any', reach))).toEqual([true, true, true]);
  expect([open, closed, mixed].map((reach) => admits('private', reach))).toEqual([true, true, false]);
  expect([open, closed, mixed].map((reach) => admits('public', reach))).toEqual([true, false, false]);
});

test('a listed URL may go anywhere, and so may everybody with --allow-private', () => {
  expect(guardOf([]).guard.clearance(target, true)).toBe('any');
  expect(guardOf([]).guard.clearance(target, false)).toBe('public');
  expect(guardOf([], true).guard.clearance(target, false)).toBe('any');
});

test('a host and port that was listed and is private is open to redirects; the list is asked once', async () => {
  const { guard, asked } = guardOf(['a.test:80']);
  const refusal = new BlockedAddress(target, reachOf([PRIVATE]));
  expect(await guard.isCleared(target, refusal)).toBe(true);
  expect(await guard.isCleared(target, refusal)).toBe(true);
  expect(guard.clearance(target, false)).toBe('private');
  expect(asked).toEqual(['a.test:80']);
  expect(await guard.isCleared({ ...target, port: 81 }, refusal)).toBe(false);
  expect(await guard.isCleared({ ...target, hostname: '::1', urlHost: '[::1]', host: '[::1]' }, refusal)).toBe(false);
  expect(asked).toEqual(['a.test:80', 'a.test:81', '[::1]:80']);
});

test('a mixed answer is never cleared', async () => {
  const { guard, asked } = guardOf(['a.test:80']);
  expect(await guard.isCleared(target, new BlockedAddress(target, reachOf([PRIVATE, PUBLIC])))).toBe(false);
  expect(asked).toEqual([]);
});

test('what was public for its listed URL may not turn private for a redirect', async () => {
  const { guard } = guardOf(['a.test:80']);
  guard.learn(target, reachOf([PUBLIC]));
  guard.learn(target, reachOf([PRIVATE]));
  expect(guard.clearance(target, false)).toBe('public');
  expect(await guard.isCleared(target, new BlockedAddress(target, reachOf([PRIVATE])))).toBe(false);
});

test('what was private for its listed URL is known without asking the list', async () => {
  const { guard, asked } = guardOf([]);
  guard.learn(target, reachOf([PRIVATE]));
  expect(guard.clearance(target, false)).toBe('private');
  expect(asked).toEqual([]);
});

test('a refusal says where the way led and what would allow it', () => {
  const { message } = new BlockedAddress(target, reachOf([PUBLIC, PRIVATE]));
  expect(message).toBe(
    '10.0.0.1 of a.test is not a public address, and no URL there (port 80) was listed; see --allow-private',
  );
});
