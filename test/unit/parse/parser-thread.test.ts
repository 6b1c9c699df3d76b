import { expect, test } from 'vitest';
import type { ParserHost, ParserHostEvents } from '../../../src/parse/parser-host.ts';
import { ParserThread, WATCH_MS, type LostPage } from '../../../src/parse/parser-thread.ts';
import { ThreadProgress } from '../../../src/parse/progress.ts';
import { fetchedPage, parserOptions } from './fetched-page.ts';

/** A thread that has taken up the one page that it was sent, and is not done with it. */
function atOnePage(): { thread: ParserThread; lost: LostPage[] } {
  const lost: LostPage[] = [];
  let progress: ThreadProgress | null = null;
  let events: ParserHostEvents | null = null;
  const host: ParserHost = {
    canBeEnded: true,
    listen: (given) => (events = given),
    post: (message) => {
      if (message.type === 'start') progress = new ThreadProgress(message.progress);
    },
    end: () => events?.onExit(),
    utilization: () => 1,
  };
  const thread = new ParserThread(host, parserOptions(), null, {
    onProgress: () => undefined,
    onEnd: (_thread, pages) => lost.push(...pages),
  });
  thread.send([fetchedPage({ urlId: 9 })], 0);
  (progress as ThreadProgress | null)?.start();
  thread.judge(0, 5_000);
  return { thread, lost };
}

test('a page has its time from the first look on', () => {
  const { thread, lost } = atOnePage();
  for (let now = WATCH_MS; now < 5_000; now += WATCH_MS) thread.judge(now, 5_000);
  expect(lost).toEqual([]);
  thread.judge(5_000, 5_000);
  expect(lost).toEqual([{ urlId: 9, culprit: 'parse-timeout' }]);
});

test('a page is not to blame for time in which this process did not run', () => {
  const { thread, lost } = atOnePage();
  // Stopped for a minute, or on a machine that has other things to do: the thread did no more than we did.
  thread.judge(60_000, 5_000);
  for (let look = 2; look < 20; look++) thread.judge(60_000 + 1_000 * look, 5_000);
  expect(lost).toEqual([]);
  thread.judge(90_000, 5_000);
  expect(lost).toEqual([{ urlId: 9, culprit: 'parse-timeout' }]);
});
