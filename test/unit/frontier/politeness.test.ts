import { expect, test } from 'vitest';
import { HostPaces } from '../../../src/engine/host-paces.ts';
import type { HostPace } from '../../../src/frontier/host-schedule.ts';
import type { PolitenessSettings } from '../../../src/model/settings.ts';
import { HostRules } from '../../../src/url/host-rules.ts';

const UNSET: PolitenessSettings = {
  perHost: null,
  delayMs: null,
  rate: null,
  jitter: 0,
  hosts: {},
  robots: true,
  allowPrivate: false,
};

function paces(settings: Partial<PolitenessSettings>): HostPaces {
  return new HostPaces({ ...UNSET, ...settings }, new HostRules(settings.hosts ?? {}));
}

function paceOf(host: string, settings: Partial<PolitenessSettings>): Partial<HostPace> {
  const { perHost, delayMs } = paces(settings).paceOf(host);
  return { perHost, delayMs };
}

test.each([
  { host: 'example.com', pace: { perHost: 2, delayMs: 100 } },
  { host: 'localhost', pace: { perHost: 16, delayMs: 0 } },
  { host: 'a.localhost', pace: { perHost: 16, delayMs: 0 } },
  { host: '127.0.0.1', pace: { perHost: 16, delayMs: 0 } },
  { host: '8.8.8.8', pace: { perHost: 2, delayMs: 100 } },
])('$host is asked $pace.perHost at a time every $pace.delayMs ms', ({ host, pace }) => {
  expect(paceOf(host, {})).toEqual(pace);
});

test('a name that turns out to be private is asked as a private host is', () => {
  const named = paces({});
  expect(named.learn('intranet', '93.184.216.34')).toBeNull();
  expect(paces({}).learn('intranet', '10.0.0.1')).toMatchObject({ perHost: 16, delayMs: 0 });
});

test('settings that are given win, each for itself', () => {
  expect(paceOf('localhost', { perHost: 3 })).toEqual({ perHost: 3, delayMs: 0 });
  expect(paceOf('example.com', { delayMs: 0 })).toEqual({ perHost: 2, delayMs: 0 });
});

test('a rate is a delay, and the stricter of the two holds', () => {
  expect(paceOf('localhost', { rate: 4 }).delayMs).toBe(250);
  expect(paceOf('example.com', { rate: 50 }).delayMs).toBe(100);
  expect(paceOf('example.com', { delayMs: 10, rate: 50 }).delayMs).toBe(20);
});

test("a host's own settings win over those for all; its delay or rate stands for both", () => {
  const hosts = { 'example.com': { perHost: 5 }, 'slow.test': { delayMs: 9_000 }, 'fast.test': { rate: 50 } };
  const all = { perHost: 1, delayMs: 500, rate: 1, hosts };
  expect(paceOf('example.com', all)).toEqual({ perHost: 5, delayMs: 1_000 });
  expect(paceOf('slow.test', all)).toEqual({ perHost: 1, delayMs: 9_000 });
  expect(paceOf('fast.test', all)).toEqual({ perHost: 1, delayMs: 20 });
  expect(paceOf('other.test', all)).toEqual({ perHost: 1, delayMs: 1_000 });
});
