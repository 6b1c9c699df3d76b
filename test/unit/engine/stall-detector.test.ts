import { beforeEach, describe, expect, it } from 'vitest';
import { StallDetector, type StallProbes } from '../../../src/engine/stall-detector.ts';
import { ManualClock } from '../../../src/model/clock.ts';
import type { Holding } from '../../../src/model/events.ts';
import type { NextDue } from '../../../src/model/ports.ts';

const URL = 'http://slow.test/a';

let clock: ManualClock;
let stalls: Holding[];
/** What the stages answer. */
let pages: Omit<Holding, 'until'>[];
let start: ReturnType<StallProbes['nextStart']>;
let dueAt: number | null;
let due: NextDue | null;
let source: string | null;
let robots: string | null;
let asked: number;
let detector: StallDetector;

beforeEach(() => {
  clock = new ManualClock();
  [stalls, pages, start, dueAt, due, source, robots, asked] = [[], [], null, null, null, null, null, 0];
  detector = new StallDetector(clock, {
    pagesUnderWay: () => pages.length,
    oldestPage: () => pages[0] ?? null,
    nextStart: () => start,
    nextDueAt: () => dueAt,
    nextDue: () => {
      asked++;
      return Promise.resolve(due);
    },
    robots: () => robots,
    source: () => source,
    onStall: (holding) => stalls.push(holding),
  });
});

/** Looks every second for `seconds`. */
function watch(seconds: number): Holding | null {
  for (let n = 0; n < seconds; n++) {
    clock.advance(1_000);
    detector.look(true);
  }
  return detector.holding;
}

describe('a page that does not come to its end', () => {
  beforeEach(() => {
    pages = [{ stage: 'body', url: URL, host: 'slow.test', sinceMs: 9_500 }];
  });

  it('is named once nothing has been settled for a while, with one warning', () => {
    expect(watch(9)).toBeNull();
    expect(watch(1)).toEqual({ stage: 'body', url: URL, host: 'slow.test', sinceMs: 9_500, until: null });
    watch(20);
    expect(stalls).toHaveLength(1);
  });

  it('is not named while others are settled', () => {
    for (let n = 0; n < 30; n++) {
      expect(watch(1)).toBeNull();
      detector.progressed();
    }
    expect(stalls).toEqual([]);
  });

  it('is forgotten as soon as something is settled, and warned of anew the next time', () => {
    watch(10);
    detector.progressed();
    expect(detector.holding).toBeNull();
    expect(watch(9)).toBeNull();
    expect(watch(1)).not.toBeNull();
    expect(stalls).toHaveLength(2);
  });

  it('is warned of again when it has got to another stage', () => {
    watch(10);
    pages = [{ stage: 'parse', url: URL, host: 'slow.test', sinceMs: 100 }];
    watch(2);
    expect(stalls.map(({ stage }) => stage)).toEqual(['body', 'parse']);
  });

  it('holds nothing when no work is left', () => {
    watch(10);
    detector.look(false);
    expect(detector.holding).toBeNull();
  });
});

describe('nothing under way', () => {
  it('names a host whose pause has to pass first, at once and without a warning', () => {
    start = { host: 'slow.test', url: URL, at: clock.wallTime() + 60_000 };
    expect(watch(1)).toEqual({ stage: 'host', url: URL, host: 'slow.test', sinceMs: 1_000, until: start.at });
    watch(30);
    expect(stalls).toEqual([]);
  });

  it('says nothing of a wait that is over in a moment', () => {
    start = { host: 'slow.test', url: URL, at: clock.wallTime() + 2_500 };
    expect(watch(1)).toBeNull();
  });

  it('asks the store once which retry it is that is due', async () => {
    dueAt = clock.wallTime() + 60_000;
    due = { host: 'slow.test', url: URL, isRetry: true };
    expect(watch(1)).toMatchObject({ stage: 'retry', url: null, until: dueAt });
    await Promise.resolve();
    expect(watch(3)).toMatchObject({ stage: 'retry', url: URL, host: 'slow.test', until: dueAt });
    expect(asked).toBe(1);
  });

  it('asks again for another time', async () => {
    dueAt = clock.wallTime() + 60_000;
    watch(1);
    await new Promise(setImmediate);
    dueAt += 1_000;
    watch(2);
    expect(asked).toBe(2);
  });

  it('names the earlier one of a host with leases and one that the store holds', () => {
    start = { host: 'early.test', url: URL, at: clock.wallTime() + 10_000 };
    dueAt = clock.wallTime() + 20_000;
    expect(watch(1)).toMatchObject({ host: 'early.test' });
    expect(asked).toBe(0);
  });

  it('names a list that says nothing', () => {
    source = '-';
    expect(watch(9)).toBeNull();
    expect(watch(1)).toMatchObject({ stage: 'import', url: '-', sinceMs: 10_000 });
    expect(stalls).toHaveLength(1);
  });

  it('names a robots.txt that URLs wait for', () => {
    robots = 'http://slow.test/robots.txt';
    expect(watch(10)).toMatchObject({ stage: 'robots', url: robots, host: 'slow.test' });
  });

  it('names the database where it is nothing else', () => {
    expect(watch(10)).toMatchObject({ stage: 'store' });
  });
});
