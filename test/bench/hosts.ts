/**
 * `node --expose-gc test/bench/hosts.ts`: memory of the host schedule with 100,000 active hosts, their names not counted. Hosts
 * that have been asked and owe a delay are what a broad crawl keeps most of.
 */
import { HostSchedule } from '../../src/frontier/host-schedule.ts';
import { ManualClock } from '../../src/model/clock.ts';
import type { HostEntry, Lease } from '../../src/model/lease.ts';

const HOSTS = 100_000;
const PORTION = 1_000;
const MOST_BYTES = 200;
const PACE = { perHost: 2, delayMs: 100 };

const collect = globalThis.gc ?? fail('run with node --expose-gc');

const entries: HostEntry[] = Array.from({ length: HOSTS }, (_, id) => ({
  hostId: id + 1,
  host: JSON.parse(`"host-${id}.example.com"`) as string, // one flat text, not a chain of parts
  notBefore: 0,
}));
const before = heapUsed();
const schedule = new HostSchedule({ capacity: 2 * PORTION, clock: new ManualClock(), paceOf: () => PACE });
for (let at = 0; at < HOSTS; at += PORTION) {
  const newHosts = entries.slice(at, at + PORTION);
  schedule.offer({ leases: newHosts.map(leaseOf), newHosts, exhausted: newHosts.map(({ hostId }) => hostId) });
  for (let n = 0; n < PORTION; n++) {
    const started = await schedule.take();
    if (started !== undefined) schedule.finished(started.host);
  }
}
const bytes = (heapUsed() - before) / schedule.activeHosts;
console.log(`${schedule.activeHosts} active hosts: ${Math.round(bytes)} bytes each (to reach: ${MOST_BYTES})`);
// Names and entries are alive to the end, before and after.
process.exitCode = schedule.activeHosts === entries.length && bytes <= MOST_BYTES ? 0 : 1;

function leaseOf({ hostId, host }: HostEntry): Lease {
  return { id: hostId, url: `http://${host}/`, hostId, host, attempt: 1, round: 1, depth: 0, spentMs: 0 };
}

/** What the first collection leaves, because a finaliser held it, the next ones take. */
function heapUsed(): number {
  for (let n = 0; n < 4; n++) collect();
  return process.memoryUsage().heapUsed;
}

function fail(message: string): never {
  throw new Error(message);
}
