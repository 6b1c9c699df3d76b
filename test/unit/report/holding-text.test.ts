import { expect, test } from 'vitest';
import type { Holding } from '../../../src/model/events.ts';
import { holdingText } from '../../../src/report/holding-text.ts';
import { progressLine } from '../../../src/report/progress-line.ts';
import { snapshot } from './summaries.ts';

const UNTIL = Date.UTC(2026, 0, 2, 12, 3, 10);

function holding(changes: Partial<Holding>): Holding {
  return { stage: 'body', url: 'http://slow.test/a', host: 'slow.test', sinceMs: 12_000, until: null, ...changes };
}

test('one URL or several that wait for a time', () => {
  expect(holdingText(holding({ stage: 'retry', until: UNTIL }), 1)).toBe(
    'waiting for 1 URL of slow.test until 12:03:10 UTC (to be tried again)',
  );
  expect(holdingText(holding({ stage: 'host', until: UNTIL }), 7)).toBe(
    'waiting for 7 URLs, first of slow.test until 12:03:10 UTC (the pause or delay of its host)',
  );
  expect(holdingText(holding({ stage: 'retry', until: UNTIL, host: null, url: null }), 2)).toBe(
    'waiting for 2 URLs until 12:03:10 UTC (to be tried again)',
  );
});

test.each(['turn', 'connect', 'headers', 'body', 'parse'] as const)('stage %s names the URL and the time', (stage) => {
  const text = holdingText(holding({ stage }), 3);
  expect(text).toContain('http://slow.test/a');
  expect(text).toContain('0:12');
});

test('a list that says nothing, and a database', () => {
  expect(holdingText(holding({ stage: 'import', url: '-' }), 0)).toBe('nothing new from stdin for 0:12');
  expect(holdingText(holding({ stage: 'store', url: null }), 0)).toBe('the database has taken nothing for 0:12');
});

test('the progress line says it before it could be cut off, and cannot write to the terminal', () => {
  const line = progressLine(snapshot({ holding: holding({ url: 'http://h/\u001B[2J' }) }), 0);
  expect(line).toContain('body not complete after 0:12: http://h/\\x1b[2J');
  expect(line.indexOf('body')).toBeLessThan(20);
});
