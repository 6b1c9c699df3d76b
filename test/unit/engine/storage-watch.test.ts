import { beforeEach, expect, test } from 'vitest';
import { type Disk, StorageWatch } from '../../../src/engine/storage-watch.ts';
import { ManualClock } from '../../../src/model/clock.ts';

const MB = 1_000_000;

let clock: ManualClock;
let free: number | null;
let said: string[];
let looks: number;

const disk: Disk = {
  freeBytes: (folder) => {
    expect(folder).toBe('/data');
    looks++;
    return Promise.resolve(free);
  },
};

function watchOf(minFree: number): StorageWatch {
  return new StorageWatch({
    file: '/data/run.db',
    minFree,
    clock,
    warn: (key, message) => said.push(`${key}: ${message}`),
    onPause: (reason) => said.push(reason === null ? 'resumed' : 'paused'),
    disk,
  });
}

/** The clock goes on by one look, and whatever that sets off has happened. */
async function nextLook(): Promise<void> {
  clock.advance(2_000);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

beforeEach(() => {
  clock = new ManualClock();
  free = 500 * MB;
  said = [];
  looks = 0;
});

test('below the floor it pauses, says how to go on, and ends the pause with a tenth more than the floor', async () => {
  const watch = watchOf(200 * MB);
  await watch.start();
  expect([watch.isLow, said]).toEqual([false, []]);
  free = 199 * MB;
  await nextLook();
  expect(watch.isLow).toBe(true);
  expect(said).toEqual([
    expect.stringMatching(/^low-disk: only 199.* free .*run\.db.*storage\.min-free=SIZE$/),
    'paused',
  ]);
  let goesOn = false;
  const space = watch.space().then(() => (goesOn = true));
  free = 219 * MB;
  await nextLook();
  expect([watch.isLow, goesOn]).toEqual([true, false]);
  free = 220 * MB;
  await nextLook();
  expect([watch.isLow, said.at(-1)]).toEqual([false, 'resumed']);
  await space;
  watch.stop();
});

test('a disk that is low from the start pauses before anything begins; stopping lets everybody go on', async () => {
  free = 0;
  const watch = watchOf(200 * MB);
  await watch.start();
  expect(watch.isLow).toBe(true);
  const space = watch.space();
  watch.stop();
  await space;
  expect(watch.isLow).toBe(false);
  await nextLook();
  expect(looks).toBe(1);
});

test.each([
  ['there is no floor', 0, 0],
  ['the file system does not say', 200 * MB, null],
])('nothing pauses where %s', async (_, minFree, freeNow) => {
  free = freeNow;
  const watch = watchOf(minFree);
  await watch.start();
  expect([watch.isLow, said]).toEqual([false, []]);
  watch.stop();
});
