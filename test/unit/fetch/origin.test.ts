/** Which connection of an origin carries the next request, on a clock and with sockets that only the test moves. */
import { beforeEach, expect, test } from 'vitest';
import { PROOFS } from '../../../src/fetch/answer-trust.ts';
import type { Connection } from '../../../src/fetch/connection.ts';
import { Origin } from '../../../src/fetch/origin.ts';
import { QUIET_MS } from '../../../src/fetch/quiet-watch.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import { ManualConnector, surplusOn, WaiterRecord } from '../../support/manual-connector.ts';

/** Until what is watched is judged. */
const WATCH_MS = QUIET_MS + 1;

let clock: ManualClock;
let connector: ManualConnector;
let origin: Origin;

beforeEach(() => start(16));

function start(limit: number): void {
  clock = new ManualClock();
  connector = new ManualConnector();
  origin = new Origin(connector.target, {
    connector,
    clock,
    limit: () => limit,
    http2: false,
    makeRoom: () => undefined,
  });
}

function waiting(fresh = false): WaiterRecord {
  const waiter = new WaiterRecord(fresh);
  origin.wait(waiter);
  return waiter;
}

/** A request leaves over what the waiter got. */
function sent({ connection }: WaiterRecord): Connection {
  if (connection === null) throw new Error('the waiter has no connection');
  connection.reuse();
  return connection;
}

/** A request over a new connection that took `connectMs`. */
function sentOnNew(connectMs = 0, isPrivate = false): Connection {
  const waiter = waiting();
  connector.open(connectMs, isPrivate);
  return sent(waiter);
}

function answered(connection: Connection, isReused = false): void {
  connection.answered();
  origin.believed(10, isReused);
  origin.release(connection);
}

/** Requests one beside the other until the origin is proven. Two connections are idle then. */
function prove(): void {
  for (let proofs = 0; proofs < PROOFS; proofs += 2) {
    const both = [0, 1].map(() => {
      const free = origin.acquire('any');
      return free === null ? sentOnNew() : sent(Object.assign(new WaiterRecord(), { connection: free }));
    });
    for (const connection of both) answered(connection);
    clock.advance(WATCH_MS);
  }
}

test('a connection carries the next request once it was quiet, and not before', () => {
  const connection = sentOnNew();
  answered(connection);
  clock.advance(QUIET_MS);
  expect([origin.acquire('any'), origin.isIdle]).toEqual([null, true]);
  clock.advance(1);
  expect(origin.acquire('any')).toBe(connection);
  // It is watched again afterwards.
  connection.reuse();
  answered(connection);
  expect(origin.acquire('any')).toBeNull();
});

test('once enough answers were followed by nothing, connections are used again at once', () => {
  prove();
  const first = origin.acquire('any') as Connection;
  first.reuse();
  answered(first, true);
  expect(origin.acquire('any')).toBe(first);
});

test('what is closed while it is watched proves nothing', () => {
  for (let i = 0; i < 2 * PROOFS; i++) {
    const connection = sentOnNew();
    answered(connection);
    connection.destroy();
    clock.advance(WATCH_MS);
  }
  const connection = sentOnNew();
  answered(connection);
  expect(origin.acquire('any')).toBeNull();
});

test('what comes while this process is busy is seen before the judgement', () => {
  const connection = sentOnNew();
  answered(connection);
  // The timer is due long since when the loop gets to it; reads come after timers.
  clock.after(QUIET_MS, () => clock.after(0, () => surplusOn(connection)));
  clock.advance(10 * QUIET_MS);
  expect(origin.acquire('any')).toBeNull();
});

test('a connection that has carried no request is free at once, also for whoever wants a new one', () => {
  const waiter = waiting();
  connector.open();
  origin.release(waiter.connection as Connection);
  expect(origin.acquire('any')).toBe(waiter.connection);
});

test('a waiter gets a new connection where that is quicker, and a watched one where it is not', () => {
  answered(sentOnNew(40));
  const near = waiting();
  expect(connector.openings.length).toBe(1);
  connector.open(40);
  clock.advance(60);
  answered(sent(near));
  // The first one has 40 ms left, the second 100.
  const far = waiting();
  const farther = waiting();
  expect(connector.openings.length).toBe(1);
  clock.advance(WATCH_MS - 60);
  expect([far.isServed, farther.isServed]).toEqual([true, false]);
  connector.open(40);
  expect(farther.isServed).toBe(true);
});

test('who waits for a watched connection gets a new one when that is closed', () => {
  const connection = sentOnNew(QUIET_MS);
  answered(connection);
  const waiter = waiting();
  expect(connector.openings.length).toBe(0);
  connection.destroy();
  connector.open();
  expect(waiter.isServed).toBe(true);
});

test('who leaves takes along an opening that the one behind does not need', () => {
  answered(sentOnNew(QUIET_MS));
  const first = waiting();
  const second = waiting();
  expect(connector.openings.length).toBe(1);
  origin.leave(first);
  expect(connector.openings.length).toBe(0);
  clock.advance(WATCH_MS);
  expect(second.isServed).toBe(true);
});

test('at the limit waiters wait for what is watched: the server may admit no more', () => {
  start(2);
  const both = [sentOnNew(), sentOnNew()];
  for (const connection of both) answered(connection);
  const waiters = [new WaiterRecord(), new WaiterRecord()];
  expect(waiters.map((waiter) => origin.wait(waiter))).toEqual([false, false]);
  expect([connector.openings.length, both.some(({ isGone }) => isGone)]).toEqual([0, false]);
  clock.advance(WATCH_MS);
  expect(waiters.map(({ connection }) => connection)).toEqual(both);
});

test('a host that is let many requests in and is slow has room for what is watched beside them', () => {
  start(8);
  const connections = Array.from({ length: 8 }, () => sentOnNew(0, true));
  for (const connection of connections) {
    connection.answered();
    origin.believed(50, false);
    origin.release(connection);
  }
  const waiter = waiting();
  connector.open(0, true);
  expect(waiter.isServed).toBe(true);
});

test('at the limit those watched last are closed for who wants a new one, the one watched longest never', () => {
  start(3);
  const [oldest, second, third] = [sentOnNew(), sentOnNew(), sentOnNew()];
  answered(oldest);
  clock.advance(10);
  answered(second);
  answered(third);
  const waiters = [waiting(true), waiting(true), waiting()];
  expect([oldest.isGone, second.isGone, third.isGone, connector.openings.length]).toEqual([false, true, true, 2]);
  connector.open();
  connector.open();
  clock.advance(WATCH_MS - 10);
  expect(waiters.map((waiter) => waiter.isServed)).toEqual([true, true, true]);
  expect(waiters[2]?.connection).toBe(oldest);
});

test('who wants a new connection gets it at the limit too, instead of an idle one', () => {
  start(1);
  const connection = sentOnNew();
  answered(connection);
  const waiter = waiting(true);
  clock.advance(WATCH_MS);
  expect(connection.isGone).toBe(true);
  connector.open();
  expect(waiter.isServed).toBe(true);
});

test('a host sees no more connections of us than requests at a time, and six', () => {
  const connections = Array.from({ length: 10 }, () => sentOnNew());
  for (const connection of connections) answered(connection);
  expect(connections.filter(({ isGone }) => !isGone)).toEqual(connections.slice(0, 6));
});

test('a host of one’s own sees as many as prove it at once; who comes then waits for those', () => {
  start(64);
  const connections = Array.from({ length: PROOFS }, () => sentOnNew(0, true));
  for (const connection of connections.slice(1)) answered(connection);
  const early = waiting();
  expect(connector.openings.length).toBe(1);
  connector.open(0, true);
  answered(sent(early));
  const late = [waiting(), waiting()];
  expect([connector.openings.length, connections.some(({ isGone }) => isGone)]).toEqual([0, false]);
  clock.advance(WATCH_MS);
  expect(late.map(({ isServed }) => isServed)).toEqual([true, true]);
});

test('after a surplus no connection is used again for a while, then only after it was quiet', () => {
  prove();
  const [watched, running] = [origin.acquire('any') as Connection, origin.acquire('any') as Connection];
  running.reuse();
  watched.reuse();
  answered(watched, true);
  surplusOn(watched);
  // The request that was running then may have got another's answer, too.
  expect(origin.isInDoubt(running, true)).toBe(true);
  expect(origin.isInDoubt(running, false)).toBe(false);
  origin.release(running);
  expect(running.isGone).toBe(true);
  for (let i = 0; i < 15; i++) {
    const connection = sentOnNew();
    answered(connection);
    expect(connection.isGone).toBe(true);
  }
  const connection = sentOnNew();
  answered(connection);
  expect([connection.isGone, origin.acquire('any')]).toEqual([false, null]);
  clock.advance(WATCH_MS);
  expect(origin.acquire('any')).toBe(connection);
  connection.reuse();
  answered(connection, true);
  // More proofs than before are wanted.
  prove();
  prove();
  const used = origin.acquire('any') as Connection;
  used.reuse();
  answered(used, true);
  expect(origin.acquire('any')).not.toBe(used);
});

test.each([
  ['destroy', () => origin.destroy()],
  ['closeIdle', () => origin.closeIdle()],
  ['close', () => void origin.close()],
])('%s leaves no timer of a watch behind', (_name, end) => {
  answered(sentOnNew());
  answered(sentOnNew());
  expect(clock.nextTimerAt()).toBe(QUIET_MS);
  end();
  expect(clock.nextTimerAt()).toBeNull();
});

test('one timer does for all that is watched, and there is none when nothing is', () => {
  answered(sentOnNew());
  clock.advance(30);
  answered(sentOnNew());
  expect(clock.nextTimerAt()).toBe(QUIET_MS);
  clock.advance(WATCH_MS - 30);
  expect(clock.nextTimerAt()).toBe(QUIET_MS + 30);
  clock.advance(30);
  expect(clock.nextTimerAt()).toBeNull();
});
