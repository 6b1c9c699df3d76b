/** `-c auto` against simulated webs: what it finds, and that it never leaves its bounds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AutoConcurrency, type Decision, type FetchSample } from '../../../src/engine/auto-concurrency.ts';

const BOUNDS = { least: 2, first: 16, most: 256 };
const PERIOD_MS = 200;

/** A web that answers after `latencyMs` and serves at most `capacity` requests at a time; the others queue up. */
function sampleOf(
  permits: number,
  web: { latencyMs: number; capacity: number },
  more: Partial<FetchSample> = {},
): FetchSample {
  const meanMs = web.latencyMs * Math.max(1, permits / web.capacity);
  const ended = Math.floor((permits * PERIOD_MS) / meanMs);
  return {
    elapsedMs: PERIOD_MS,
    ended,
    troubled: 0,
    fetchMs: ended * meanMs,
    wantedMore: true,
    processorShare: 0.3,
    mainBusy: 0.3,
    ...more,
  };
}

function run(
  looks: number,
  sample: (permits: number) => FetchSample,
): { auto: AutoConcurrency; decisions: Decision[] } {
  const auto = new AutoConcurrency(BOUNDS);
  const decisions: Decision[] = [];
  for (let index = 0; index < looks; index++) {
    const decision = auto.look(sample(auto.permits));
    if (decision !== null) decisions.push(decision);
  }
  return { auto, decisions };
}

describe('concurrency that finds itself', () => {
  test('a slow web with many hosts gets all there is within two seconds', () => {
    const { auto, decisions } = run(10, (permits) => sampleOf(permits, { latencyMs: 175, capacity: 10_000 }));
    expect(auto.permits).toBe(256);
    expect(decisions.map(({ permits }) => permits)).toEqual([32, 64, 128, 256]);
    expect(decisions[0]?.reason).toMatch(/^\d+ pages\/s at 175 ms each/);
  });

  test('a web that serves 40 at a time is not asked for many more', () => {
    const { auto } = run(60, (permits) => sampleOf(permits, { latencyMs: 100, capacity: 40 }));
    expect(auto.permits).toBeGreaterThanOrEqual(32);
    expect(auto.permits).toBeLessThanOrEqual(64);
  });

  test('hosts that say nothing do not keep it small, however busy this machine is with the others', () => {
    // Twelve permits are lost to them.
    const { auto, decisions } = run(20, (permits) =>
      sampleOf(permits - 12, { latencyMs: 3, capacity: 1_000 }, { processorShare: 0.85, mainBusy: 0.6 }),
    );
    expect(decisions.map(({ permits }) => permits)).toEqual([32]);
    expect(auto.permits).toBe(32);
  });

  test('where this machine is the bound, it stays where it started', () => {
    const busy = { processorShare: 0.85, mainBusy: 0.6 };
    expect(run(20, (permits) => sampleOf(permits, { latencyMs: 3, capacity: 1_000 }, busy)).decisions).toEqual([]);
  });

  test('where nothing waits for a permit, it stays where it started', () => {
    const idle = { wantedMore: false };
    expect(run(20, (permits) => sampleOf(permits, { latencyMs: 100, capacity: 1_000 }, idle)).decisions).toEqual([]);
  });

  test('a step that loses connections is taken back', () => {
    const { auto, decisions } = run(6, (permits) => {
      const sample = sampleOf(permits, { latencyMs: 100, capacity: 1_000 });
      return permits > 32 ? { ...sample, troubled: sample.ended / 2 } : sample;
    });
    expect(decisions.map(({ permits }) => permits)).toEqual([32, 64, 32]);
    expect(decisions[2]?.reason).toContain(
      'at 64 in flight 50 % of fetches timed out or lost their connection, 0 % before',
    );
    expect(auto.permits).toBe(32);
  });

  test('a list of dead hosts is gone through as fast as one of slow ones', () => {
    const { auto } = run(10, (permits) => {
      const sample = sampleOf(permits, { latencyMs: 175, capacity: 1_000 });
      return { ...sample, troubled: sample.ended };
    });
    expect(auto.permits).toBe(256);
  });

  test('fetches that wait for slow servers do not keep others from starting', () => {
    const { auto, decisions } = run(4, (permits) => ({
      ...sampleOf(permits, { latencyMs: 1, capacity: 1 }),
      ended: 3,
      fetchMs: 5_000,
    }));
    expect(auto.permits).toBe(256);
    expect(decisions[0]?.reason).toContain('only 3 of 16 fetches ended in 200 ms');
  });

  test('a busy machine with few ends is not judged alone', () => {
    const busy = { ended: 3, processorShare: 0.9 };
    expect(run(5, (permits) => sampleOf(permits, { latencyMs: 1, capacity: 1 }, busy)).decisions).toEqual([]);
  });

  test('whatever happens, the number stays within its bounds', () => {
    const sample = fc.record({
      elapsedMs: fc.nat(1_000),
      ended: fc.nat(2_000),
      troubled: fc.nat(500),
      fetchMs: fc.nat(100_000),
      wantedMore: fc.boolean(),
      processorShare: fc.double({ min: 0, max: 1, noNaN: true }),
      mainBusy: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 100 }), (samples) => {
        const auto = new AutoConcurrency(BOUNDS);
        for (const one of samples) {
          const decision = auto.look(one);
          expect(auto.permits).toBe(decision?.permits ?? auto.permits);
          expect(Number.isInteger(auto.permits) && auto.permits >= 2 && auto.permits <= 256).toBe(true);
        }
      }),
    );
  });
});
