import { expect, test } from 'vitest';
import { AnswerTrust } from '../../../src/fetch/answer-trust.ts';

/** Answers over used connections that all come alone, each after `ttfbMs`. */
function answers(trust: AnswerTrust, count: number, ttfbMs: number): number[] {
  return Array.from({ length: count }, () => {
    const held = trust.holdMs(ttfbMs);
    trust.believed(ttfbMs, true);
    return held;
  });
}

test('the first answers over used connections are held, then only those that are quicker than any before', () => {
  const trust = new AnswerTrust();
  trust.believed(20, false);
  const held = answers(trust, 40, 20);
  expect(held.slice(0, 16).every((ms) => ms > 0)).toBe(true);
  expect(held.slice(16).every((ms) => ms === 0)).toBe(true);
  // Until the time at which the quickest one would have come, and somewhat longer.
  expect(trust.holdMs(5)).toBeGreaterThan(15);
  expect(trust.holdMs(25)).toBe(0);
});

test('early answers that come alone are soon believed, at once over new connections', () => {
  const trust = new AnswerTrust();
  trust.believed(1_000, false);
  expect(Math.max(...answers(trust, 30, 10))).toBeLessThan(110);
  expect(trust.holdMs(11)).toBe(0);
  trust.believed(2, false);
  expect(trust.holdMs(2)).toBe(0);
});

test('an answer that takes its time was asked for, also where it is the quickest yet', () => {
  const trust = new AnswerTrust();
  trust.believed(300, false);
  // One of the first.
  expect(trust.holdMs(60)).toBe(5);
  expect(trust.holdMs(100)).toBe(0);
  expect(trust.holdMs(40)).toBeGreaterThan(100);
  answers(trust, 16, 300);
  expect(trust.holdMs(60)).toBe(0);
  expect(trust.holdMs(40)).toBeGreaterThan(100);
});

test('an answer whose time is no measure changes none', () => {
  const trust = new AnswerTrust();
  answers(trust, 16, Infinity);
  expect(trust.holdMs(1)).toBe(0);
});

test('after a surplus no connection is used again for a while, then answers are held again', () => {
  const trust = new AnswerTrust();
  answers(trust, 50, 10);
  trust.betrayed();
  const reuse: boolean[] = [];
  for (let i = 0; i < 32; i++) {
    reuse.push(trust.mayReuse);
    trust.believed(10, false);
  }
  expect([reuse.indexOf(true), reuse.lastIndexOf(false)]).toEqual([16, 15]);
  expect(trust.holdMs(10)).toBeGreaterThan(0);
});
