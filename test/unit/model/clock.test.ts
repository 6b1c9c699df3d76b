import { expect, test } from 'vitest';
import { steadyWallTime, systemClock } from '../../../src/model/clock.ts';

const DAY = 86_400_000;

function rig() {
  const time = { wall: 1_000_000_000_000, monotonic: 5 };
  return {
    time,
    wallTime: steadyWallTime(
      () => time.wall,
      () => time.monotonic,
    ),
  };
}

function pass(time: { wall: number; monotonic: number }, ms: number): void {
  time.wall += ms;
  time.monotonic += ms;
}

test('a clock that is set back by a day goes on as it was, so that no retry waits for a day', () => {
  const { time, wallTime } = rig();
  const before = wallTime();
  time.wall -= DAY;
  pass(time, 500);
  expect(wallTime()).toBe(before + 500);
  // Back again: the clock of the machine is believed as before.
  time.wall += DAY;
  expect(wallTime()).toBe(time.wall);
});

test('a jump ahead is believed, and so are small corrections', () => {
  const { time, wallTime } = rig();
  for (const jump of [DAY, -1_500, -1_500, 60_000]) {
    time.wall += jump;
    pass(time, 10);
    expect(wallTime()).toBe(time.wall);
  }
});

test('the time of this machine is in whole milliseconds', () => {
  const difference = systemClock.wallTime() - Date.now();
  expect(Number.isInteger(difference)).toBe(true);
  expect(Math.abs(difference)).toBeLessThan(60_000);
});
