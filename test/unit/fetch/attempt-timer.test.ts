import { expect, test } from 'vitest';
import { AttemptTimer } from '../../../src/fetch/attempt-timer.ts';
import { ManualClock } from '../../../src/model/clock.ts';

function start(timeoutMs = 1_000, budgetMs = 60_000): { clock: ManualClock; timer: AttemptTimer; limits: string[] } {
  const clock = new ManualClock();
  const limits: string[] = [];
  const timer = new AttemptTimer(clock, timeoutMs, budgetMs, (limit) => limits.push(`${limit} at ${clock.now()}`));
  return { clock, timer, limits };
}

test('a connection that does not come about ends at the timeout, not a millisecond later', () => {
  const { clock, limits } = start();
  clock.advance(999);
  expect(limits).toEqual([]);
  clock.advance(1);
  expect(limits).toEqual(['connect-timeout at 1000']);
});

test('connection and headers share one timeout', () => {
  const { clock, timer, limits } = start();
  clock.advance(900);
  timer.sent();
  clock.advance(5_000);
  expect(limits).toEqual(['header-timeout at 1000']);
});

test('each pause in a body has the whole timeout', () => {
  const { clock, timer, limits } = start();
  timer.sent();
  clock.advance(700);
  timer.answered();
  for (let i = 0; i < 5; i++) {
    clock.advance(900);
    timer.received(1_000);
  }
  expect(limits).toEqual([]);
  clock.advance(10_000);
  expect(limits).toEqual([`body-timeout at ${700 + 4_500 + 1_000}`]);
});

test('a body that drips is too slow after twice the timeout, although no pause is too long', () => {
  const { clock, timer, limits } = start();
  timer.sent();
  timer.answered();
  for (let i = 0; i < 30 && limits.length === 0; i++) {
    clock.advance(200);
    timer.received(1);
  }
  expect(limits).toEqual(['too-slow at 2000']);
});

test('a body that is slow but steady is not too slow', () => {
  const { clock, timer, limits } = start();
  timer.sent();
  timer.answered();
  for (let i = 0; i < 100; i++) {
    clock.advance(200);
    timer.received(20);
  }
  expect(limits).toEqual([]);
});

test('the deadline ends an attempt that keeps all other limits', () => {
  const { clock, timer, limits } = start(1_000, 2_500);
  timer.sent();
  timer.answered();
  for (let i = 0; i < 50 && limits.length === 0; i++) {
    clock.advance(100);
    timer.received(1_000_000);
  }
  expect(limits).toEqual(['total-timeout at 2500']);
});

test('no limit runs while we hold the attempt back', () => {
  const { clock, timer, limits } = start(1_000, 2_000);
  timer.sent();
  timer.answered();
  clock.advance(500);
  timer.hold();
  clock.advance(1_000_000);
  expect(limits).toEqual([]);
  expect(timer.elapsedMs()).toBe(500);
  timer.resume();
  clock.advance(499);
  expect(limits).toEqual([]);
  clock.advance(1);
  expect(limits).toEqual(['body-timeout at 1001000']);
  expect([timer.elapsedMs(), timer.excludedMs]).toEqual([1_000, 1_000_000]);
});

test('a new hop starts its timeout anew, within the same deadline', () => {
  const { clock, timer, limits } = start(1_000, 1_700);
  timer.sent();
  clock.advance(900);
  timer.answered();
  timer.connecting();
  clock.advance(5_000);
  expect(limits).toEqual(['total-timeout at 1700']);
});

test('a process that stood still is not a server that did', () => {
  const clock = new ManualClock();
  const limits: string[] = [];
  // The timer is due at 1,000, but the process only runs again at 60,000.
  let frozenFor = 0;
  const frozen = {
    now: () => clock.now() + frozenFor,
    wallTime: () => clock.wallTime(),
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
  };
  const timer = new AttemptTimer(frozen, 1_000, 5_000, (limit) => limits.push(limit));
  timer.sent();
  frozenFor = 59_000;
  clock.advance(1_000);
  expect(limits).toEqual([]);
  // It may have stood still ever since the timer was set: the server has its whole time from here.
  expect(timer.elapsedMs()).toBe(0);
  clock.advance(999);
  expect(limits).toEqual([]);
  clock.advance(1);
  expect(limits).toEqual(['header-timeout']);
});

test('nothing fires after stop', () => {
  const { clock, timer, limits } = start();
  timer.stop();
  clock.advance(1_000_000);
  expect(limits).toEqual([]);
  expect(clock.nextTimerAt()).toBeNull();
});
