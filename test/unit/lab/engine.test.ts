/** Experiments with the engine itself: what they count. Speeds are for `crawl lab`. */
import { expect, test } from 'vitest';
import { experiment as oneFetcherMany } from '../../../src/lab/one-fetcher-many.ts';
import { experiment as parserPool } from '../../../src/lab/parser-pool.ts';
import { experiment as queueSizes } from '../../../src/lab/queue-sizes.ts';
import { peakOf } from '../../../src/lab/support/lanes.ts';
import { experiment as unobserved } from '../../../src/lab/unobserved.ts';
import { expectAsExpected, runLab } from '../../support/lab.ts';

test('one-fetcher-many: one lane for one, as many as there are for many, never more pages at once than that', async () => {
  const { result } = await runLab(oneFetcherMany, { flags: { pages: '6', fetchers: '3' } });
  expect(result.checks.filter(({ ok, what }) => !ok && what !== 'times as fast')).toEqual([]);
  const lanes = (name: string) => result.lanes.filter((lane) => lane.name.startsWith(name));
  expect([lanes('one').length, lanes('many').length]).toEqual([1, 3]);
  expect([peakOf(lanes('one'), 'works'), peakOf(lanes('many'), 'works')]).toEqual([1, 3]);
  const fetched = result.lanes.flatMap(({ spans }) => spans.map(({ label }) => label));
  const guides = Array.from({ length: 6 }, (_, n) => `/guide/${n + 1}`);
  expect(fetched).toHaveLength(12);
  for (const guide of guides) expect(fetched.filter((path) => path === guide)).toHaveLength(2);
});

test('queue-sizes: no queue ever holds more than its size, and every size crawls everything', async () => {
  const run = await runLab(queueSizes, { flags: { pages: '12', fetchers: '4', ms: '1ms' } });
  expectAsExpected(run);
  expect(run.result.values['size 1']).toMatchObject({ 'at most in it': 1 });
});

test('unobserved: a failure vanishes in the original and is a row in the engine', async () => {
  const flags = { ms: '1ms', pages: '2' };
  const broken = await runLab(unobserved, { variant: 'broken', flags });
  expectAsExpected(broken);
  expect(broken.result.values).toEqual({ submitted: 3, failed: 1, reported: 0 });
  expect(broken.result.defect).toContain('1 of 3');
  const fixed = await runLab(unobserved, { flags });
  expectAsExpected(fixed);
  expect(fixed.result.log?.filter(({ text }) => text.startsWith('failed'))).toEqual([
    expect.objectContaining({ task: '/ebay.html' }),
  ]);
});

test('parser-pool: threads come with the load and go without', async () => {
  const run = await runLab(parserPool, { flags: { threads: '2', pages: '4', idle: '30ms' } });
  expectAsExpected(run);
  const log = run.result.log ?? [];
  const count = (what: string): number => log.filter(({ text }) => text.startsWith(what)).length;
  expect(count('started')).toBeGreaterThanOrEqual(2);
  expect(count('ended')).toBe(count('started'));
});
