/**
 * Wires the stages: builds each with its own small options and connects the queues between them. The only file that knows
 * all of them.
 *
 *   Importer ─► store.enqueue ─► Claimer ─► HostSchedule ─► Fetchers ─► ParserPool ─► store thread ─► onAck ─► PageWindow
 */
import { ByteBudget } from '../concurrency/byte-budget.ts';
import { FetchPermits } from '../concurrency/fetch-permits.ts';
import type { Permits } from '../concurrency/permits.ts';
import { Semaphore } from '../concurrency/semaphore.ts';
import { Fetcher } from '../fetch/fetcher.ts';
import { HostSchedule } from '../frontier/host-schedule.ts';
import { RetryPolicy } from '../frontier/retry-policy.ts';
import type { Clock } from '../model/clock.ts';
import type { PipelineGauges } from '../model/events.ts';
import type { Lease } from '../model/lease.ts';
import type { CommitAck } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { productToken } from '../robots/product-token.ts';
import { ParserPool } from '../parse/pool.ts';
import { GUEST_MODULE } from '../parse/thread.ts';
import type { StoreClient } from '../store/client.ts';
import { HostRules } from '../url/host-rules.ts';
import { Claimer } from './claimer.ts';
import { Fetchers } from './fetchers.ts';
import { HostPaces } from './host-paces.ts';
import { HostTroubles } from './host-troubles.ts';
import type { Importer } from './importer.ts';
import { MachineLimits } from './machine-limits.ts';
import { connectionsAllowed } from './open-files.ts';
import type { StallProbes } from './stall-detector.ts';
import { PageWindow } from './page-window.ts';
import { parserPlacement } from './parser-placement.ts';
import { RobotsFetch, type RobotsFetchParts } from './robots-fetch.ts';
import { RobotsGate } from './robots-gate.ts';
import { Tuner } from './tuner.ts';

/** `-c auto`: few connections serve a fast server better than many, hundreds are needed where each takes its time. */
const AUTO_CONCURRENCY = { least: 2, first: 16, most: 256 };
const MAX_ORIGINS = 512;

export interface PipelineEvents {
  readonly mayStart: () => boolean;
  /** `false`: no URL is started for now; redirects of what is in flight still are. */
  readonly mayTakeNew: () => boolean;
  readonly onStart: (lease: Lease) => void;
  /** URLs were settled without an attempt. */
  readonly onSkipped: (ack: CommitAck) => void;
  readonly onFailure: (error: unknown) => void;
  /** Says something about the whole run, once per key. */
  readonly warn: (key: string, message: string) => void;
}

export interface Pipeline {
  readonly schedule: HostSchedule;
  readonly permits: Permits;
  readonly window: PageWindow;
  readonly fetcher: Fetcher;
  readonly fetchers: Fetchers;
  readonly pool: ParserPool;
  readonly claimer: Claimer;
  /** Finds the number of fetches in flight; `null` where the user set it. */
  readonly tuner: Tuner | null;
  /** `null`: robots.txt is not obeyed. */
  readonly robots: RobotsGate | null;
  gauges(importer: Importer): PipelineGauges;
  /** What a stall detector asks of the stages. */
  readonly probes: Omit<StallProbes, 'source' | 'onStall'>;
}

export function buildPipeline(settings: Settings, store: StoreClient, clock: Clock, events: PipelineEvents): Pipeline {
  const isAuto = settings.fetch.concurrency === 'auto';
  const maxConnections = connectionsAllowed() ?? Infinity;
  const most = affordable(
    settings.fetch.concurrency === 'auto' ? AUTO_CONCURRENCY.most : settings.fetch.concurrency,
    maxConnections,
    isAuto,
    events.warn,
  );
  const concurrency = isAuto ? Math.min(AUTO_CONCURRENCY.first, most) : most;
  const rules = new HostRules(settings.politeness.hosts);
  const paces = new HostPaces(settings.politeness, rules);
  const window = new PageWindow(
    new Semaphore({ capacity: most + settings.pipeline.pageQueue, clock }),
    new ByteBudget({ capacity: settings.pipeline.bytesInFlight, oversize: settings.fetch.maxSize, clock }),
  );
  const schedule = new HostSchedule({
    capacity: settings.pipeline.queueSize,
    clock,
    paceOf: (host) => paces.paceOf(host),
    mayStartLease: () => window.hasCredit && events.mayTakeNew(),
    judge: settings.politeness.robots ? (lease) => robots?.judge(lease) ?? 'go' : undefined,
  });
  // Redirects may lead to them before the store hands them out, if it ever does.
  for (const { host, notBefore } of store.info.paused) schedule.hold(host, notBefore);
  const permits = new FetchPermits({ capacity: concurrency, clock });
  const fetcher = new Fetcher({
    timeoutMs: settings.fetch.timeoutMs,
    deadlineMs: settings.fetch.deadlineMs,
    maxSize: settings.fetch.maxSize,
    headers: settings.fetch.headers,
    originHeaders: settings.fetch.originHeaders,
    userAgent: settings.fetch.userAgent,
    cookies: settings.fetch.cookies,
    proxy: settings.fetch.proxy,
    insecure: (host) => rules.of(host)?.insecure ?? settings.fetch.insecure,
    http1: settings.fetch.http1,
    connectionsPerOrigin: (host) => Math.min(most, schedule.perHost(host)),
    maxOrigins: MAX_ORIGINS,
    maxConnections,
    clock,
    mayFetch: () => ({ ok: true }),
    allowPrivate: settings.politeness.allowPrivate,
    isListed: (host, port) => store.isListed(host, port),
    warn: events.warn,
  });
  const limits = new MachineLimits({ permits, fetcher, clock, warn: events.warn });
  const placement = parserPlacement(settings.parse);
  const pool = new ParserPool({
    threads: placement.threads,
    mostThreads: placement.mostThreads,
    guestPort: placement.isGuest ? () => store.guestPort(GUEST_MODULE) : undefined,
    options: {
      mode: settings.parse.mode,
      links: settings.parse.links,
      text: settings.parse.text,
      bodies: settings.storage.bodies,
      maxSize: settings.fetch.maxSize,
      extract: settings.parse.extract,
    },
    clock,
    resultPort: () => store.resultPort(),
    onLost: (pages) => {
      const isExplained = pages.some(({ culprit }) => culprit !== null);
      for (const { urlId, culprit } of pages) {
        const lease = window.leave(urlId);
        if (lease !== null) fetchers.refetch(lease, culprit ?? (isExplained ? 'another' : null));
      }
    },
    onError: events.onFailure,
  });
  const policy = new RetryPolicy({
    retries: settings.fetch.retries,
    deadlineMs: settings.fetch.deadlineMs,
    random: Math.random,
  });
  const claimer = new Claimer(store, schedule, clock, events.onFailure);
  const robots: RobotsGate | null = settings.politeness.robots
    ? buildRobots(settings.fetch.userAgent, {
        fetcher,
        schedule,
        policy,
        limits,
        clock,
        concurrency: most,
        paces,
        store,
        claimer,
        events,
      })
    : null;
  const fetchers: Fetchers = new Fetchers({
    schedule,
    permits,
    window,
    fetcher,
    policy,
    paces,
    robots,
    troubles: new HostTroubles(schedule, clock),
    limits,
    clock,
    parse: (page) => pool.submit(page),
    record: (result) => void store.commit([result]).catch(events.onFailure),
    ...events,
  });
  return {
    schedule,
    permits,
    window,
    fetcher,
    fetchers,
    pool,
    claimer,
    tuner: isAuto ? new Tuner(permits, fetchers, limits, { ...AUTO_CONCURRENCY, first: concurrency, most }) : null,
    robots,
    probes: {
      pagesUnderWay: () => window.size,
      oldestPage: () => {
        const lease = window.oldest();
        if (lease === null) return null;
        const { url, host } = lease;
        const fetching = fetcher.standingOf(lease.id);
        if (fetching !== null) return { url, ...fetching };
        const stage = pool.holds(lease.id) ? 'parse' : 'store';
        return { stage, url, host, sinceMs: Math.round(clock.now() - (lease.claimedAt ?? clock.now())) };
      },
      nextStart: () => schedule.nextStart(),
      nextDueAt: () => claimer.nextDueAt,
      nextDue: () => store.nextDue(),
      robots: () => robots?.asking ?? null,
    },
    gauges(importer) {
      const { items, bytes } = window.gauges();
      return {
        import: importer.gauge(),
        ready: schedule.gauge(),
        // The loop holds a permit while it waits for a URL: what is in flight, the schedule knows.
        fetch: { ...permits.gauge(), length: schedule.inFlight, highWater: schedule.mostInFlight },
        parse: pool.gauge(),
        window: items,
        bytes,
      };
    },
  };
}

/** Fetches in flight that the limit of open files leaves room for. */
function affordable(wanted: number, allowed: number, isAuto: boolean, warn: PipelineEvents['warn']): number {
  if (wanted <= allowed) return wanted;
  // Nobody asked for that many.
  if (isAuto) return allowed;
  warn(
    'open-files',
    `the limit of open files leaves room for ${allowed} fetches at a time instead of ${wanted}: raise it (ulimit -n)`,
  );
  return allowed;
}

interface RobotsParts extends Omit<RobotsFetchParts, 'token'> {
  readonly paces: HostPaces;
  readonly store: StoreClient;
  readonly claimer: Claimer;
  readonly events: PipelineEvents;
}

function buildRobots(userAgent: string, parts: RobotsParts): RobotsGate {
  const token = productToken(userAgent);
  const { claimer, events } = parts;
  return new RobotsGate({
    ...parts,
    source: new RobotsFetch({ ...parts, token }),
    token,
    onSkipped: (ack) => {
      events.onSkipped(ack);
      claimer.wake();
    },
    onFailure: events.onFailure,
    warn: events.warn,
  });
}
