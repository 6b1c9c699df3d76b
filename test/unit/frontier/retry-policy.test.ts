import { describe, expect, test } from 'vitest';
import { parseRetryAfter, RetryPolicy, type AttemptEnd } from '../../../src/frontier/retry-policy.ts';

/** A refusal counts as any other failure. */
const USED_UP = { ofUrl: 99, ofHost: 99 };
const NOW = Date.UTC(2026, 2, 1);

function makePolicy(options: { retries?: number; random?: number } = {}): RetryPolicy {
  return new RetryPolicy({ retries: options.retries ?? 3, deadlineMs: 120_000, random: () => options.random ?? 0.5 });
}

function end(overrides: Partial<AttemptEnd>): AttemptEnd {
  const usual = { errorClass: 'reset' as const, status: null, errorCode: null, round: 1, spentMs: 10, now: NOW };
  return { ...usual, wasAsked: true, starved: null, retryAfterMs: null, refusals: USED_UP, ...overrides };
}

describe('what follows from an attempt', () => {
  test('success is done', () => {
    expect(makePolicy().settle(end({ errorClass: null, status: 200 }))).toEqual({
      settlement: { state: 'done' },
      hostNotBefore: 0,
    });
  });

  test('a URL that was refused before it was asked is skipped, one whose redirect was refused has failed', () => {
    const blocked = end({ errorClass: 'blocked-address' });
    expect(makePolicy().settle({ ...blocked, wasAsked: false }).settlement).toEqual({
      state: 'skipped',
      reason: 'blocked-address',
    });
    expect(makePolicy().settle(blocked).settlement).toEqual({ state: 'failed', reason: 'blocked-address' });
    expect(makePolicy().settle(end({ errorClass: 'dns', wasAsked: false })).settlement.state).toBe('queued');
  });

  test('a transient failure waits half of 500 ms, then of 1,000, of 2,000, and then is final', () => {
    const states = [1, 2, 3, 4].map((round) => makePolicy().settle(end({ round })).settlement);
    expect(states).toEqual([
      { state: 'queued', reason: 'reset', notBefore: NOW + 250 },
      { state: 'queued', reason: 'reset', notBefore: NOW + 500 },
      { state: 'queued', reason: 'reset', notBefore: NOW + 1_000 },
      { state: 'failed', reason: 'reset' },
    ]);
  });

  test.each([
    { name: 'a host that does not exist', errorClass: 'dns', errorCode: 'ENOTFOUND', retries: 1 },
    { name: 'a resolver in trouble', errorClass: 'dns', errorCode: 'EAI_AGAIN', retries: 3 },
    { name: 'a body that does not decode', errorClass: 'decode', retries: 1 },
    { name: 'a bad certificate', errorClass: 'tls', retries: 0 },
    { name: 'not found', errorClass: 'http-4xx', status: 404, retries: 0 },
    { name: 'request timeout', errorClass: 'http-4xx', status: 408, retries: 3 },
    { name: 'too early', errorClass: 'http-4xx', status: 425, retries: 3 },
    { name: 'too many requests', errorClass: 'rate-limited', status: 429, retries: 3 },
    { name: 'a server error', errorClass: 'http-5xx', status: 500, retries: 3 },
    { name: 'too large, whatever the status', errorClass: 'too-large', status: 503, retries: 0 },
  ] as const)('$name is worth $retries retries', ({ retries, ...facts }) => {
    const last = makePolicy().settle(end({ ...facts, round: retries + 1 })).settlement;
    expect(last).toEqual({ state: 'failed', reason: facts.errorClass });
    if (retries > 0) expect(makePolicy().settle(end({ ...facts, round: retries })).settlement.state).toBe('queued');
  });

  test('without retries nothing is tried again', () => {
    const policy = makePolicy({ retries: 0 });
    for (const errorClass of ['reset', 'decode', 'dns'] as const) {
      expect(policy.settle(end({ errorClass })).settlement.state).toBe('failed');
    }
  });

  test('past the deadline, what would be tried again is a total timeout; what is final keeps its class', () => {
    const late = { spentMs: 120_000 };
    expect(makePolicy().settle(end(late)).settlement).toEqual({ state: 'failed', reason: 'total-timeout' });
    expect(makePolicy().settle(end({ ...late, errorClass: 'tls' })).settlement).toEqual({
      state: 'failed',
      reason: 'tls',
    });
    expect(makePolicy().settle(end({ spentMs: 119_999 })).settlement.state).toBe('queued');
  });
});

describe('a refusal of the host', () => {
  const refused = { errorClass: 'rate-limited', status: 429, round: 4 } as const;
  const settle = (facts: Partial<AttemptEnd>): object => makePolicy().settle(end({ ...refused, ...facts })).settlement;

  test('uses up no retry, up to ten times a URL, each time later', () => {
    for (const ofUrl of [0, 1, 9]) {
      expect(settle({ refusals: { ofUrl, ofHost: 1 } })).toEqual({
        state: 'queued',
        reason: 'rate-limited',
        notBefore: NOW + Math.min(30_000, 250 * 2 ** ofUrl),
        counts: false,
      });
    }
    expect(settle({ refusals: { ofUrl: 10, ofHost: 1 } })).toEqual({ state: 'failed', reason: 'rate-limited' });
  });

  test('counts where the host does nothing but refuse', () => {
    expect(settle({ refusals: { ofUrl: 0, ofHost: 4 } })).toMatchObject({ counts: false });
    expect(settle({ refusals: { ofUrl: 0, ofHost: 5 } })).toEqual({ state: 'failed', reason: 'rate-limited' });
  });

  test('is a 503 only where it says when to come back', () => {
    const unavailable = { errorClass: 'http-5xx', status: 503, refusals: { ofUrl: 0, ofHost: 1 } } as const;
    expect(settle({ ...unavailable, retryAfterMs: 5_000 })).toMatchObject({ state: 'queued', counts: false });
    expect(settle(unavailable)).toEqual({ state: 'failed', reason: 'http-5xx' });
  });

  test('is final without retries', () => {
    const policy = makePolicy({ retries: 0 });
    const facts = end({ ...refused, round: 1, refusals: { ofUrl: 0, ofHost: 1 } });
    expect(policy.settle(facts).settlement).toEqual({ state: 'failed', reason: 'rate-limited' });
  });
});

describe('Retry-After', () => {
  test('holds the host and the URL, whichever wait is longer', () => {
    const verdict = makePolicy().settle(end({ errorClass: 'rate-limited', status: 429, retryAfterMs: 7_000 }));
    expect(verdict).toEqual({
      settlement: { state: 'queued', reason: 'rate-limited', notBefore: NOW + 7_000 },
      hostNotBefore: NOW + 7_000,
    });
    const short = makePolicy({ random: 0.9 }).settle(end({ errorClass: 'http-5xx', status: 503, retryAfterMs: 100 }));
    expect(short).toMatchObject({ settlement: { notBefore: NOW + 450 }, hostNotBefore: NOW + 100 });
  });

  test('is capped at a minute', () => {
    const verdict = makePolicy().settle(end({ errorClass: 'http-5xx', status: 503, retryAfterMs: 2 ** 31 - 1 }));
    expect(verdict).toMatchObject({ settlement: { notBefore: NOW + 60_000 }, hostNotBefore: NOW + 60_000 });
  });

  test('holds the host even when this URL is given up', () => {
    const verdict = makePolicy().settle(end({ errorClass: 'http-5xx', status: 503, retryAfterMs: 5_000, round: 4 }));
    expect(verdict).toEqual({ settlement: { state: 'failed', reason: 'http-5xx' }, hostNotBefore: NOW + 5_000 });
  });

  test('of another status delays the URL only', () => {
    const verdict = makePolicy().settle(end({ errorClass: 'http-5xx', status: 500, retryAfterMs: 5_000 }));
    expect(verdict).toMatchObject({ settlement: { notBefore: NOW + 5_000 }, hostNotBefore: 0 });
  });

  test.each([
    { value: '120', ms: 120_000 },
    { value: ' 0 ', ms: 0 },
    { value: '2147483647', ms: 2 ** 31 - 1 },
    { value: '99999999999999999999999999', ms: 2 ** 31 - 1 },
    { value: 'Sun, 01 Mar 2026 00:00:30 GMT', ms: 30_000 },
    { value: 'Sunday, 01-Mar-26 00:01:00 GMT', ms: 60_000 },
    { value: 'Sun Mar  1 00:00:05 2026', ms: 5_000 },
    { value: 'Sun, 01 Mar 2026 00:00:60 GMT', ms: 60_000 },
    { value: 'Fri, 31 Dec 9999 23:59:59 GMT', ms: 2 ** 31 - 1 },
    { value: 'Sun, 06 Nov 1994 08:49:37 GMT', ms: 0 },
    { value: 'Sunday, 06-Nov-94 08:49:37 GMT', ms: 0 },
    { value: '-5', ms: null },
    { value: '1.5', ms: null },
    { value: '1e3', ms: null },
    { value: '', ms: null },
    { value: 'soon', ms: null },
    { value: '٣', ms: null },
    { value: 'Sun, 31 Feb 2026 00:00:00 GMT', ms: null },
    { value: 'Sun, 01 Foo 2026 00:00:00 GMT', ms: null },
    { value: 'Sun, 01 Mar 2026 24:00:00 GMT', ms: null },
    { value: 'Sun, 01 Mar 2026 00:00:30', ms: null },
    { value: '2026-03-01T00:00:30Z', ms: null },
  ])('"$value" means $ms', ({ value, ms }) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });

  test('a two-digit year is the one within fifty years', () => {
    const soon = Date.UTC(2076, 0, 1) - 1_000;
    expect(parseRetryAfter('Wednesday, 01-Jan-76 00:00:00 GMT', soon)).toBe(1_000);
    // From 2026, 77 would be 51 years ahead: 1977.
    expect(parseRetryAfter('Saturday, 01-Jan-77 00:00:00 GMT', NOW)).toBe(0);
    expect(parseRetryAfter('Wednesday, 01-Jan-76 00:00:00 GMT', NOW)).toBe(2 ** 31 - 1);
  });
});
