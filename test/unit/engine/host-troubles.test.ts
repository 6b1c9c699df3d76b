import { expect, test } from 'vitest';
import { HostTroubles } from '../../../src/engine/host-troubles.ts';
import { HostSchedule } from '../../../src/frontier/host-schedule.ts';
import type { Attempt } from '../../../src/model/attempt.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { leaseOf } from '../../support/fetch-harness.ts';
import { resultOf } from '../../support/store-fixtures.ts';

const LEASE = leaseOf('http://h.test/', { id: 1, hostId: 1 });

/** One host with a fetch in flight, as when an attempt ends. */
async function oneHost(): Promise<{ clock: ManualClock; schedule: HostSchedule; troubles: HostTroubles }> {
  const clock = new ManualClock(1_000);
  const schedule = new HostSchedule({ capacity: 9, clock, paceOf: () => ({ perHost: 4, delayMs: 0 }) });
  schedule.offer({ leases: [LEASE], newHosts: [{ hostId: 1, host: 'h.test', notBefore: 0 }], exhausted: [] });
  await schedule.take();
  return { clock, schedule, troubles: new HostTroubles(schedule, clock) };
}

function attempt(facts: Partial<Attempt>): Attempt {
  return resultOf(LEASE, { attempt: facts }).attempt;
}

test.each([
  { status: 429, header: null, waitMs: 0, reason: '429' },
  { status: 429, header: '3', waitMs: 3_000, reason: '429, Retry-After: 3 (left alone for 3s)' },
  {
    status: 503,
    header: '99999999999999',
    waitMs: 60_000,
    reason: '503, Retry-After: 99999999999999 (left alone for 60s)',
  },
  { status: 429, header: '-5', waitMs: 0, reason: '429, Retry-After: -5 (no time to wait for)' },
  { status: null, header: null, waitMs: 0, reason: 'header-timeout' },
])('after $status with Retry-After $header the host is asked less often, and it is noted why', async (facts) => {
  const { clock, schedule, troubles } = await oneHost();
  const { status, header, waitMs, reason } = facts;
  const at = clock.wallTime();
  const ended = attempt({ status, errorClass: status === null ? 'header-timeout' : null });
  const notBefore = waitMs === 0 ? 0 : at + waitMs;
  expect(troubles.note(LEASE, ended, header, notBefore)).toEqual({
    host: 'h.test',
    notBefore,
    slowDown: { slots: 2, extraMs: 200 },
    reason,
    at,
  });
  schedule.finished('h.test');
  schedule.requeue(LEASE);
  // Never at once, whatever the header says.
  expect((schedule.nextStartAt ?? 0) - clock.now()).toBeGreaterThanOrEqual(Math.max(200, waitMs));
});

test('answers are nothing to note, until the host is at full pace again', async () => {
  const { troubles } = await oneHost();
  const fine = attempt({ status: 200 });
  expect(troubles.note(LEASE, fine, null, 0)).toBeNull();
  troubles.note(LEASE, attempt({ status: 429 }), null, 0);
  const notes = Array.from({ length: 20 }, () => troubles.note(LEASE, fine, null, 0)).filter((note) => note !== null);
  expect(notes).toMatchObject([{ host: 'h.test', slowDown: null, reason: 'answers again' }]);
});

test('no connection and a slow body say nothing about how often a host may be asked', async () => {
  const { schedule, troubles } = await oneHost();
  expect(troubles.note(LEASE, attempt({ status: null, errorClass: 'connect-refused' }), null, 0)).toBeNull();
  expect(troubles.note(LEASE, attempt({ status: 200, errorClass: 'body-timeout' }), null, 0)).toBeNull();
  expect(schedule.backoffOf('h.test')).toBeUndefined();
});

test('after a redirect the host that answered is meant', async () => {
  const { schedule, troubles } = await oneHost();
  const hop = { url: LEASE.url, status: 302, location: 'http://other.test/' };
  const refused = attempt({ status: 429, redirects: [hop], finalUrl: 'http://other.test/' });
  expect(troubles.note(LEASE, refused, '5', 5_000)).toMatchObject({ host: 'other.test', notBefore: 5_000 });
  expect(schedule.backoffOf('h.test')).toBeUndefined();
});
