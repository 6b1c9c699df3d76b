/** Bounds of the retry policy for any outcome of any attempt, and of what it reads from a server. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORGIVEN, parseRetryAfter, RetryPolicy, STARVED_FORGIVEN } from '../../src/frontier/retry-policy.ts';
import { ERROR_CLASSES, type ErrorClass } from '../../src/model/error-codes.ts';

const CAP_MS = 60_000;
const LONGEST_MS = 2 ** 31 - 1;

const end = fc.record({
  errorClass: fc.constantFrom(...(Object.keys(ERROR_CLASSES) as ErrorClass[])),
  status: fc.option(fc.integer({ min: 100, max: 599 })),
  errorCode: fc.option(fc.constantFrom('ENOTFOUND', 'ECONNRESET')),
  wasAsked: fc.boolean(),
  starved: fc.constant(null),
  round: fc.integer({ min: 1, max: 40 }),
  spentMs: fc.nat({ max: 300_000 }),
  now: fc.integer({ min: 0, max: 4e12 }),
  retryAfterMs: fc.option(fc.nat({ max: LONGEST_MS })),
  refusals: fc.record({ ofUrl: fc.nat({ max: 12 }), ofHost: fc.nat({ max: 7 }) }),
});
const options = fc.record({
  retries: fc.nat({ max: 30 }),
  deadlineMs: fc.integer({ min: 1, max: 200_000 }),
  draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

test('a retry comes neither too soon nor too late, and only within rounds and deadline', () => {
  fc.assert(
    fc.property(end, options, (end, { retries, deadlineMs, draw }) => {
      const policy = new RetryPolicy({ retries, deadlineMs, random: () => draw });
      const { settlement, hostNotBefore } = policy.settle(end);
      const retryAfterMs = Math.min(end.retryAfterMs ?? 0, CAP_MS);
      expect(settlement.state).not.toBe('done');
      if (settlement.state === 'queued') {
        const isFree = settlement.counts === false;
        if (isFree) expect([429, 503]).toContain(end.status);
        expect(isFree ? end.refusals.ofUrl + 1 : end.round).toBeLessThanOrEqual(isFree ? FORGIVEN : retries);
        expect(isFree ? 0 : end.spentMs).toBeLessThan(deadlineMs);
        const tries = isFree ? end.refusals.ofUrl : end.round - 1;
        const waitMs = settlement.notBefore - end.now;
        expect(Number.isInteger(settlement.notBefore)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
        expect(waitMs).toBeLessThanOrEqual(Math.max(retryAfterMs, Math.min(CAP_MS, 500 * 2 ** tries)));
      }
      if (hostNotBefore !== 0) {
        expect([429, 503]).toContain(end.status);
        expect(hostNotBefore - end.now).toBe(retryAfterMs);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('any failure ends after at most `retries` more attempts, and those that are forgiven', () => {
  fc.assert(
    fc.property(end, options, (end, { retries, deadlineMs, draw }) => {
      const policy = new RetryPolicy({ retries, deadlineMs, random: () => draw });
      let round = 1;
      let ofUrl = 0;
      for (;;) {
        const { settlement } = policy.settle({ ...end, round, refusals: { ...end.refusals, ofUrl } });
        if (settlement.state !== 'queued') break;
        if (settlement.counts === false) ofUrl++;
        else round++;
      }
      expect(round).toBeLessThanOrEqual(retries + 1);
      expect(ofUrl).toBeLessThanOrEqual(FORGIVEN);
    }),
  );
});

test('what this machine is to blame for uses up no retry, and ends all the same', () => {
  fc.assert(
    fc.property(options, ({ retries, deadlineMs, draw }) => {
      const policy = new RetryPolicy({ retries, deadlineMs, random: () => draw });
      const usual = { status: null, errorCode: 'EMFILE', wasAsked: false, now: 0, retryAfterMs: null, spentMs: 0 };
      let round = 1;
      let starved = 0;
      for (;;) {
        const refusals = { ofUrl: 0, ofHost: 0 };
        const { settlement } = policy.settle({ ...usual, errorClass: 'connect-refused', refusals, round, starved });
        if (settlement.state !== 'queued') break;
        if (settlement.counts !== false) round++;
        starved++;
      }
      expect(round).toBe(retries + 1);
      expect(starved).toBe(retries === 0 ? 0 : retries + STARVED_FORGIVEN);
    }),
  );
});

test('whatever a server sends as Retry-After is a safe wait or none', () => {
  const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
  const numbers = fc.bigInt().map(String);
  const values = fc.oneof(fc.string({ unit: 'binary' }), dates, numbers);
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 4e12 }), (value, now) => {
      const waitMs = parseRetryAfter(value, now);
      if (waitMs === null) return;
      expect(Number.isInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(LONGEST_MS);
    }),
    { numRuns: 1_000 },
  );
});

test('a date in the form in use reads back as the moment it was written for', () => {
  const moments = fc.integer({ min: 0, max: Math.floor(LONGEST_MS / 1_000) }).map((seconds) => seconds * 1_000);
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 4e9 }), (waitMs, nowSeconds) => {
      const now = nowSeconds * 1_000;
      expect(parseRetryAfter(new Date(now + waitMs).toUTCString(), now)).toBe(waitMs);
    }),
  );
});
