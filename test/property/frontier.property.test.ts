/** The frontier's memory: which host is handed out when, against models that are too simple to be wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../src/store/due-heap.ts';
import { ReadyHosts } from '../../src/store/ready-hosts.ts';

describe('the heap of waiting hosts', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('set' as const), host: fc.nat(200), time: fc.nat(50) }),
      fc.record({ do: fc.constant('delete' as const), host: fc.nat(200) }),
      fc.record({ do: fc.constant('take' as const), now: fc.nat(50) }),
    ),
    { maxLength: 300 },
  );

  it('always gives the earliest host that is due, each once', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const heap = new DueHeap();
        const model = new Map<number, number>();
        for (const step of sequence) {
          if (step.do === 'set') {
            heap.set(step.host, step.time);
            model.set(step.host, step.time);
          } else if (step.do === 'delete') {
            heap.delete(step.host);
            model.delete(step.host);
          } else {
            const earliest = Math.min(...model.values());
            const host = heap.takeDue(step.now);
            if (earliest > step.now) {
              expect(host).toBeNull();
            } else {
              expect(model.get(host ?? -1)).toBe(earliest);
              model.delete(host ?? -1);
            }
          }
          expect(heap.size).toBe(model.size);
          expect(heap.earliest).toBe(model.size === 0 ? null : Math.min(...model.values()));
        }
      }),
    );
  });
});

describe('the memory of ready hosts', () => {
  interface ModelHost {
    state: 'idle' | 'waiting' | 'held';
    /** When it may be handed out, while waiting. */
    at: number;
    pausedUntil: number;
  }

  const host = fc.nat(6);
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('work' as const), host }),
      fc.record({ do: fc.constant('retry' as const), host, delay: fc.nat(30) }),
      fc.record({ do: fc.constant('pause' as const), host, delay: fc.nat(30) }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('release' as const), host, delay: fc.option(fc.nat(30)) }),
      fc.record({ do: fc.constant('hold' as const), host }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20) }),
    ),
    { maxLength: 200 },
  );

  it('hands a host out once at a time, never before its time, and forgets none', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const readyHosts = new ReadyHosts();
        const model = Array.from({ length: 7 }, (): ModelHost => ({ state: 'idle', at: 0, pausedUntil: 0 }));
        let now = 1;
        const expectAt = (entry: ModelHost, at: number): void => {
          if (entry.state === 'held') return;
          entry.at = Math.max(entry.state === 'waiting' ? Math.min(entry.at, at) : at, entry.pausedUntil);
          entry.state = 'waiting';
        };
        const take = (): number | null => {
          readyHosts.promote(now);
          const due = model.filter(({ state, at }) => state === 'waiting' && at <= now).length;
          const taken = readyHosts.take(now);
          expect(taken !== null).toBe(due > 0);
          if (taken === null) return null;
          const entry = model[taken] as ModelHost;
          expect(entry.state).toBe('waiting');
          expect(Math.max(entry.at, entry.pausedUntil)).toBeLessThanOrEqual(now);
          entry.state = 'held';
          return taken;
        };
        for (const step of sequence) {
          const entry = 'host' in step ? (model[step.host] as ModelHost) : (model[0] as ModelHost);
          switch (step.do) {
            case 'work':
              readyHosts.addWork(step.host, now);
              expectAt(entry, now);
              break;
            case 'retry':
              readyHosts.addRetry(step.host, now + step.delay, now);
              expectAt(entry, now + step.delay);
              break;
            case 'pause':
              readyHosts.pause(step.host, now + step.delay);
              entry.pausedUntil = Math.max(entry.pausedUntil, now + step.delay);
              if (entry.state === 'waiting') entry.at = Math.max(entry.at, entry.pausedUntil);
              break;
            case 'take':
              take();
              break;
            case 'release':
              if (entry.state !== 'held') break;
              entry.state = 'idle';
              readyHosts.release(step.host, step.delay === null ? null : now + step.delay, now);
              if (step.delay !== null) expectAt(entry, now + step.delay);
              break;
            case 'hold':
              readyHosts.hold(step.host);
              entry.state = 'held';
              break;
            case 'wait':
              now += step.ms;
              break;
          }
        }
        now += 1_000;
        const waiting = model.flatMap(({ state }, i) => (state === 'waiting' ? [i] : []));
        const taken: number[] = [];
        for (let next = take(); next !== null; next = take()) taken.push(next);
        expect(taken.sort((a, b) => a - b)).toEqual(waiting);
        expect([readyHosts.readyCount, readyHosts.nextDueAt]).toEqual([0, null]);
      }),
      { numRuns: 500 },
    );
  });

  it('lets hosts take turns: between two turns of one host every other ready host has had one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 1, max: 5 }), (hosts, rounds) => {
        const readyHosts = new ReadyHosts();
        for (let i = 0; i < hosts; i++) readyHosts.addWork(i, 0);
        const order: (number | null)[] = [];
        for (let turn = 0; turn < hosts * rounds; turn++) {
          const next = readyHosts.take(0);
          order.push(next);
          if (next === null) break;
          readyHosts.release(next, null, 0);
          readyHosts.addWork(next, 0);
        }
        expect(order).toEqual(Array.from({ length: hosts * rounds }, (_, i) => i % hosts));
      }),
    );
  });
});
