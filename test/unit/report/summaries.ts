/** A summary, a snapshot and a row to vary in the tests of this folder. */
import type { ProgressSnapshot, RunSummary } from '../../../src/model/events.ts';
import type { Gauge } from '../../../src/model/gauge.ts';
import type { SettledRow } from '../../../src/model/ports.ts';

const gauge: Gauge = {
  capacity: 32,
  length: 16,
  highWater: 32,
  passed: 100,
  producerWaits: 0,
  producerWaitMs: 0,
  consumerWaits: 0,
  consumerWaitMs: 0.5,
};
const gauges = { import: gauge, ready: gauge, fetch: gauge, parse: gauge, window: gauge, bytes: gauge };

export function summary(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    runId: 1,
    output: '/home/me/data/list.db',
    state: 'finished',
    reason: null,
    startedAt: Date.UTC(2026, 0, 2),
    totalMs: 12_340,
    settled: { done: 4812, failed: 188, skipped: 0, retries: 12 },
    fetches: 5012,
    pagesPerSecond: 405.2,
    wireBytes: 123_400_000,
    decodedBytes: 456_700_000,
    progress: {
      urls: { known: 5000, queued: 0, done: 4812, failed: 188, skipped: 0 },
      sources: [
        {
          sourceId: 1,
          name: '/home/me/list.txt',
          lines: 5010,
          added: 5000,
          knownBefore: 0,
          duplicate: 4,
          rejected: 3,
          blank: 3,
          bareHosts: 2,
          complete: true,
        },
      ],
      readyHosts: 0,
      nextDueAt: null,
      reasons: [
        { state: 'failed', reason: 'dns', count: 8 },
        { state: 'failed', reason: 'http-4xx', count: 180 },
      ],
      decodedBytes: 456_700_000,
      hosts: 3,
    },
    bottleneck: 'politeness',
    bottleneckAdvice: 'the default pace per host',
    gauges,
    peakRssBytes: 210_000_000,
    nothingToDo: false,
    portable: true,
    warnings: [],
    ...changes,
  };
}

export function snapshot(changes: Partial<ProgressSnapshot> = {}): ProgressSnapshot {
  return {
    elapsedMs: 72_000,
    urls: { known: 5000, queued: 3766, done: 1222, failed: 12, skipped: 0 },
    done: 1222,
    failed: 12,
    inFlight: 30,
    pagesPerSecond: 812,
    wireBytes: 24_000_000,
    etaMs: 5000,
    importing: false,
    draining: false,
    paused: false,
    holding: null,
    gauges,
    ...changes,
  };
}

export function row(changes: Partial<SettledRow> = {}): SettledRow {
  return {
    urlId: 1,
    url: 'http://h.example/a',
    state: 'done',
    reason: null,
    attempt: 1,
    depth: 0,
    status: 200,
    errorClass: null,
    error: null,
    finalUrl: 'http://h.example/a',
    contentType: 'text/html',
    bytes: 31_234,
    wireBytes: 8000,
    sha256: 'ab'.repeat(32),
    title: 'A',
    charset: 'utf-8',
    words: 100,
    parseError: null,
    totalMs: 51,
    startedAt: Date.UTC(2026, 0, 2),
    notBefore: null,
    ...changes,
  };
}
