import { expect, test } from 'vitest';

import { progressLine } from '../../../src/report/progress-line.ts';
import { sizeLine, urlLine } from '../../../src/report/url-lines.ts';
import { row, snapshot } from './summaries.ts';

const AT = Date.UTC(2026, 0, 2);

function settled(changes: Parameters<typeof row>[0]): string | null {
  return urlLine({ type: 'url', at: AT, row: row(changes) });
}

test('a URL has a line when it starts, and says which attempt it is', () => {
  expect(urlLine({ type: 'fetch-started', at: AT, url: 'http://h/a', attempt: 1 })).toBe(
    'Starting download http://h/a',
  );
  expect(urlLine({ type: 'fetch-started', at: AT, url: 'http://h/a', attempt: 2 })).toBe(
    'Starting download http://h/a (attempt 2)',
  );
});

test('a URL that finished has its size and time', () => {
  expect(settled({})).toBe('Finished download http://h.example/a (size: 31234 bytes, 51 ms)');
  expect(settled({ parseError: 'parse-timeout' })).toBe(
    'Finished download http://h.example/a (size: 31234 bytes, 51 ms); not parsed: parse-timeout',
  );
});

test('a URL that failed has its class and what happened, in one line whatever the server said', () => {
  expect(settled({ state: 'failed', errorClass: 'dns', error: 'no such host\n\u001B[2J' })).toBe(
    'Error downloading http://h.example/a: dns: no such host\\n\\x1b[2J',
  );
  expect(settled({ state: 'failed', errorClass: 'http-4xx', status: 404 })).toBe(
    'Error downloading http://h.example/a: http-4xx 404',
  );
});

test('a URL that will be tried again says when', () => {
  const changes = { state: 'queued', errorClass: 'reset', error: 'closed', notBefore: AT + 1500 } as const;
  expect(settled(changes)).toBe('Error downloading http://h.example/a: reset: closed; trying again in 1.50 s');
});

test('other events have no line', () => {
  expect(urlLine({ type: 'warning', at: AT, message: 'x' })).toBeNull();
});

test('the list of sizes gives exact bytes', () => {
  expect(sizeLine(row())).toBe('http://h.example/a: 31234 bytes');
});

test('the progress line shows every part', () => {
  expect(progressLine(snapshot(), 24_100_000)).toBe(
    '1:12  1,234/5,000  812/s  24.1 MB/s  30/32 in flight  queue 50%  12 failed  ETA 0:05',
  );
});

test('a list that is still being read shows that its total is not final, and no ETA', () => {
  expect(progressLine(snapshot({ importing: true, etaMs: null }), 0)).toBe(
    '1:12  1,234/5,000+  812/s  0 B/s  30/32 in flight  queue 50%  12 failed',
  );
});

test('a run that is being stopped says so', () => {
  expect(progressLine(snapshot({ draining: true }), 0)).toMatch(/ {2}finishing what is in flight$/);
});
