import { expect, test } from 'vitest';

import { summaryLines } from '../../../src/report/summary.ts';
import { row, summary } from './summaries.ts';

const options = { output: 'data/list.db' };

test('a finished run: both books, speed, reasons with remedies, what bounded it, total time last', () => {
  expect(summaryLines(summary(), options)).toEqual([
    'Finished: data/list.db',
    'This run      4,812 done, 188 failed, 0 skipped; 5,012 fetches, 12 retries',
    'Speed         405 pages/s, 10.0 MB/s (123 MB on the wire, 457 MB decoded); peak memory 210 MB',
    'URLs          5,000 known = 0 queued + 4,812 done + 188 failed + 0 skipped',
    'Lines         5,010 lines = 5,000 new + 0 known before + 4 duplicate + 3 rejected + 3 blank or comment (/home/me/list.txt; 2 bare hosts read as https://)',
    'Failed        180 http-4xx: the server refused the request; 401 and 403 may want headers of yours (-H)',
    'Failed        8 dns: the host name did not resolve; check its spelling and your resolver',
    'Bounded by    politeness: the default pace per host',
    '              32 of 32 fetches in flight at most; pipeline up to 100% full',
    'Next          crawl inspect data/list.db   crawl retry data/list.db   crawl explain URL',
    'Total time: 12.34 seconds',
  ]);
});

test('a run with nothing to do says what is settled and how to try failures again', () => {
  const lines = summaryLines(summary({ nothingToDo: true }), options);
  expect(lines[0]).toBe('5,000 URLs settled: 4,812 done, 188 failed. crawl retry tries those again.');
  expect(lines.at(-1)).toBe('Total time: 12.34 seconds');
  expect(lines.join('\n')).not.toContain('Bounded by');
});

test('a run with nothing to do and no failures offers no retry', () => {
  const progress = { ...summary().progress, urls: { known: 1, queued: 0, done: 1, failed: 0, skipped: 0 } };
  const [line] = summaryLines(summary({ nothingToDo: true, progress }), options);
  expect(line).toBe('1 URL settled: 1 done, 0 failed. Nothing is left to fetch.');
});

test('a run that stopped says why, how much is left, and that it goes on', () => {
  const progress = { ...summary().progress, urls: { known: 5000, queued: 4000, done: 1000, failed: 0, skipped: 0 } };
  const stopped = summaryLines(summary({ state: 'stopped', reason: 'SIGINT', progress }), options);
  expect(stopped[0]).toBe('Stopped (SIGINT): data/list.db; 4,000 URLs left, the same command goes on');
  const limit = summaryLines(summary({ state: 'limit', reason: '--max-pages 5 reached', progress }), options);
  expect(limit[0]).toBe(
    'Limit reached (--max-pages 5 reached): data/list.db; 4,000 URLs left, the same command goes on',
  );
});

test('a small run lists the sizes of what was fetched, and not of what failed', () => {
  const rows = [row(), row({ url: 'http://h.example/b', state: 'failed', errorClass: 'dns' })];
  const lines = summaryLines(summary(), { ...options, rows });
  expect(lines[0]).toBe('http://h.example/a: 31234 bytes');
  expect(lines.join('\n')).not.toContain('http://h.example/b');
});

test('warnings are shown, escaped, and a WAL that stays behind is explained', () => {
  const lines = summaryLines(summary({ warnings: ['odd \u001B[1m'], portable: false }), options);
  expect(lines).toContain('Warning       odd \\x1b[1m');
  expect(lines).toContain('Warning       another program reads the file: data/list.db-wal belongs to it, copy both');
});

test('a source that is a command line is not named by its digest', () => {
  const [source] = summary().progress.sources;
  if (source === undefined) throw new Error('no source');
  const sources = [{ ...source, name: '0123456789abcdef', bareHosts: 0 }];
  const lines = summaryLines(summary({ progress: { ...summary().progress, sources } }), options);
  expect(lines.find((line) => line.startsWith('Lines'))).toMatch(/\(URLs given directly\)$/);
});

test('only the commonest reasons are listed', () => {
  const reasons = Array.from({ length: 9 }, (_, n) => ({
    state: 'failed' as const,
    reason: `class-${String(n)}`,
    count: n + 1,
  }));
  const lines = summaryLines(summary({ progress: { ...summary().progress, reasons } }), options);
  expect(lines.filter((line) => line.startsWith('Failed'))).toHaveLength(6);
  expect(lines.join('\n')).toContain('and 3 other reasons: crawl inspect --errors');
});
