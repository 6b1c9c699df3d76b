import { expect, test } from 'vitest';
import * as z from 'zod';

import type { CrawlEvent } from '../../../src/model/events.ts';
import { eventsJsonSchema } from '../../../src/report/event-schema.ts';
import { eventLine } from '../../../src/report/ndjson.ts';
import { row, snapshot, summary } from './summaries.ts';

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const { urls } = summary().progress;

const EVENTS: readonly CrawlEvent[] = [
  { type: 'run-started', at, runId: 1, output: '/x.db', resumed: false, urls },
  { type: 'fetch-started', at, url: 'http://h/a', attempt: 1 },
  { type: 'url', at, row: row() },
  {
    type: 'url',
    at,
    row: row({ state: 'queued', errorClass: 'reset', bytes: null, status: null, notBefore: at + 500 }),
  },
  { type: 'progress', at, progress: snapshot({ etaMs: null }) },
  { type: 'paused', at, reason: 'only 1 MB is free' },
  { type: 'resumed', at },
  { type: 'warning', at, message: 'low disk' },
  { type: 'run-ended', at, summary: summary() },
];

const schema = z.fromJSONSchema(eventsJsonSchema());

test.each(EVENTS)('an event of type $type is one line and fits the published schema', (event) => {
  const line = eventLine(event);
  expect(line).not.toContain('\n');
  const parsed = JSON.parse(line) as Record<string, unknown>;
  expect(Object.keys(parsed).slice(0, 2)).toEqual(['type', 'at']);
  expect(parsed['at']).toBe('2026-01-02T03:04:05.678Z');
  expect(schema.safeParse(parsed).error?.issues ?? []).toEqual([]);
});

test('the schema refuses what is no event', () => {
  for (const wrong of [
    { type: 'url', at: 'now' },
    { type: 'other', at: '2026-01-02T03:04:05.678Z' },
    { message: 'x' },
  ]) {
    expect(schema.safeParse(wrong).success).toBe(false);
  }
});

test('a line break in a title cannot make a second line', () => {
  expect(eventLine({ type: 'url', at, row: row({ title: 'a\nb\u2028c' }) }).split('\n')).toHaveLength(1);
});
