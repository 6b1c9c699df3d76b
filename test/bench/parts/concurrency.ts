/** The channels between stages: bounded queue, both kinds of permits, and the schedule of hosts. */
import { BoundedQueue } from '../../../src/concurrency/bounded-queue.ts';
import { FetchPermits } from '../../../src/concurrency/fetch-permits.ts';
import type { Permits } from '../../../src/concurrency/permits.ts';
import { Semaphore } from '../../../src/concurrency/semaphore.ts';
import { HostSchedule } from '../../../src/frontier/host-schedule.ts';
import { systemClock } from '../../../src/model/clock.ts';
import type { Lease } from '../../../src/model/lease.ts';
import type { Pair, Part } from './part.ts';

const ITEMS = 300_000;
const TASKS = 60_000;
const CAPACITY = 256;
const HOSTS = 1_000;
const LEASES_A_HOST = 40;

export const concurrencyParts: readonly Part[] = [
  {
    id: 'queue',
    ours: 'bounded queue: put, take, wait where it is full or empty',
    baseline: 'array with push and shift, an await each',
    expected: [1.1, 2.5],
    prepare: () => ({ operations: ITEMS, ours: throughBoundedQueue, baseline: throughArray }),
  },
  {
    id: 'semaphore',
    ours: 'semaphore: 64 callers for 16 permits',
    baseline: 'a chain of promises, one link a task',
    expected: [1, 2.5],
    prepare: () => permitsPair(() => new Semaphore({ capacity: 16, clock: systemClock })),
  },
  {
    id: 'permits',
    ours: 'fetch permits (p-limit): the same',
    baseline: 'a chain of promises, one link a task',
    expected: [3, 8],
    prepare: () => permitsPair(() => new FetchPermits({ capacity: 16, clock: systemClock })),
  },
  {
    id: 'schedule',
    ours: `host schedule: ${HOSTS} hosts in turn, a start and an end each`,
    baseline: 'a map of arrays, walked in turn, an await each',
    expected: [2, 6],
    prepare: schedulePair,
  },
];

async function throughBoundedQueue(): Promise<void> {
  const queue = new BoundedQueue<number>({ capacity: CAPACITY });
  const consume = async (): Promise<void> => {
    while ((await queue.take()) !== undefined);
  };
  const consumer = consume();
  for (let item = 0; item < ITEMS; item++) await queue.put(item);
  queue.close();
  await consumer;
}

async function throughArray(): Promise<void> {
  const items: number[] = [];
  let made = 0;
  const produce = async (): Promise<void> => {
    for (let item = 0; item < ITEMS; item++) {
      items.push(item);
      made++;
      await Promise.resolve();
    }
  };
  const producer = produce();
  for (let taken = 0; taken < ITEMS;) {
    if (items.length > 0) {
      items.shift();
      taken++;
    }
    await Promise.resolve();
  }
  await producer;
  if (made !== ITEMS) throw new Error('an item was lost');
}

function permitsPair(make: () => Permits): Pair {
  return {
    operations: TASKS,
    ours: async () => {
      const permits = make();
      const caller = async (): Promise<void> => {
        for (let task = 0; task < TASKS / 64; task++) {
          const permit = await permits.acquire();
          await Promise.resolve();
          permit.release();
        }
      };
      await Promise.all(Array.from({ length: 64 }, caller));
    },
    baseline: async () => {
      let chain: Promise<void> = Promise.resolve();
      const caller = async (): Promise<void> => {
        for (let task = 0; task < TASKS / 64; task++) {
          chain = chain.then(async () => {
            await Promise.resolve();
          });
          await chain;
        }
      };
      await Promise.all(Array.from({ length: 64 }, caller));
    },
  };
}

function schedulePair(): Pair {
  const names = Array.from({ length: HOSTS }, (_, host) => `h${host}.example`);
  const leases: Lease[] = names.flatMap((host, hostId) =>
    Array.from({ length: LEASES_A_HOST }, (_, n) => ({
      id: hostId * LEASES_A_HOST + n,
      url: `http://${host}/${n}`,
      hostId,
      host,
      attempt: 1,
      round: 1,
      depth: 0,
      spentMs: 0,
    })),
  );
  return {
    operations: leases.length,
    ours: async () => {
      const paceOf = (): { perHost: number; delayMs: number } => ({ perHost: 16, delayMs: 0 });
      const schedule = new HostSchedule({ capacity: leases.length, clock: systemClock, paceOf });
      const newHosts = names.map((host, hostId) => ({ hostId, host, notBefore: 0 }));
      schedule.offer({ leases, newHosts, exhausted: newHosts.map(({ hostId }) => hostId) });
      for (let left = leases.length; left > 0; left--) {
        const next = await schedule.take();
        if (next !== undefined) schedule.finished(next.host);
      }
      if (schedule.length > 0) throw new Error('a lease was left');
    },
    baseline: async () => {
      const lines = new Map<string, Lease[]>();
      for (const lease of leases) {
        const line = lines.get(lease.host);
        if (line === undefined) lines.set(lease.host, [lease]);
        else line.push(lease);
      }
      while (lines.size > 0) {
        for (const [host, line] of lines) {
          await Promise.resolve(line.pop());
          if (line.length === 0) lines.delete(host);
        }
      }
    },
  };
}
