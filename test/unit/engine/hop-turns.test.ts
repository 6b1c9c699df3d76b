import { expect, test } from 'vitest';
import { Semaphore } from '../../../src/concurrency/semaphore.ts';
import { FetchTurn, WaitingHop } from '../../../src/engine/hop-turns.ts';
import { HostSchedule } from '../../../src/frontier/host-schedule.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { leaseOf } from '../../support/fetch-harness.ts';

const LEASE = leaseOf('http://h.test/', { id: 1, hostId: 1 });

/** A fetch that has started at a host with this delay, holding the only permit and the host's only slot. */
function started(delayMs: number) {
  const clock = new ManualClock();
  const schedule = new HostSchedule({ capacity: 10, clock, paceOf: () => ({ perHost: 1, delayMs }) });
  const permits = new Semaphore({ capacity: 1 });
  schedule.offer({ leases: [LEASE, { ...LEASE, id: 2 }], newHosts: [], exhausted: [] });
  expect(schedule.tryTake()).toEqual(LEASE);
  const turn = new FetchTurn(schedule, LEASE.host, permits.tryAcquire()!, null);
  const held = (): number[] => [permits.inFlight, schedule.inFlight];
  const hop = (to: string) => turn.hop(new URL(LEASE.url), new URL(to), new AbortController().signal);
  return { clock, schedule, permits, turn, held, hop };
}

test('a redirect within a host that may be asked soon keeps permit and slot', async () => {
  const { clock, turn, held, hop } = started(500);
  const asked = hop('http://h.test/en/');
  expect(held()).toEqual([1, 1]);
  clock.advance(502);
  expect(await asked).toBeNull();
  turn.end();
  expect(held()).toEqual([0, 0]);
});

test('one within a host that is to be left alone for long gives both up meanwhile, and goes before new pages', async () => {
  const { clock, schedule, permits, turn, held, hop } = started(5_000);
  const asked = hop('http://h.test/en/');
  expect(held()).toEqual([0, 0]);
  clock.advance(5_001);
  expect(schedule.tryTake()).toBeUndefined();
  clock.advance(1);
  const next = schedule.tryTake();
  expect(next).toBeInstanceOf(WaitingHop);
  (next as WaitingHop).grant(permits.tryAcquire()!);
  expect(await asked).toBeNull();
  expect(held()).toEqual([1, 1]);
  turn.end();
  expect(held()).toEqual([0, 0]);
});
