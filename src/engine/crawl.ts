/**
 * The life of one run: open, import beside fetching, watch for the end, close in flow order.
 *
 * In: effective settings and hooks. Out: a `CrawlRun`. Owns the store client, the pipeline and the sampling timer, and
 * closes all of them on every way out. The run is over when the import is complete and the last commit left no URL queued;
 * closing follows the flow: producer ends → schedule closes → fetches end → parsers drain → store commits and closes.
 *
 * Longer than other files because every way in and out of a run must be seen side by side; what each step does is elsewhere.
 */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { systemClock, type Timer } from '../model/clock.ts';
import { CancelledError, toErrorMessage } from '../model/errors.ts';
import type { CrawlEvent, ProgressSnapshot, RunSummary } from '../model/events.ts';
import type { CommitAck, EnqueueReceipt, RunState, SettledRow } from '../model/ports.ts';
import type { Producer } from '../model/seed.ts';
import type { Settings } from '../model/settings.ts';
import { openProducers } from '../producer/open-producers.ts';
import { parserThread } from '../parse/thread.ts';
import { openStore, type StoreClient } from '../store/client.ts';
import { holdingText } from '../report/holding-text.ts';
import { adviceFor } from './advice.ts';
import type { CrawlRun, EngineHooks } from './api.ts';
import { Importer } from './importer.ts';
import { Meter, SAMPLE_MS } from './meter.ts';
import { StallDetector } from './stall-detector.ts';
import { StorageWatch } from './storage-watch.ts';
import { parserPlacement } from './parser-placement.ts';
import type * as wiring from './pipeline.ts';
import { UrlPasswords } from './url-passwords.ts';
import { residentBytes } from './resident-bytes.ts';
import { versions } from './versions.ts';
import { Warnings } from './warnings.ts';

/** How long a drain waits for fetches in flight before it aborts them. */
const DRAIN_MS = 10_000;
/** How long it waits for a source that is slow to give its next line (stdin) before it is left alone. */
const IMPORT_END_MS = 1_000;
const STAGE_FLUSH_MS = 5_000;

/**
 * Starts a crawl. Resolves once the lists are checked and the file is open; the run itself goes on in `result`.
 * @throws {ConfigError} a list is missing, empty, binary, or not the one of this file: nothing has been changed.
 * @throws {StoreError} the file cannot be used: nothing has been changed.
 */
export async function startCrawl(
  settings: Settings,
  hooks: EngineHooks,
  extra: readonly Producer[] = [],
): Promise<CrawlRun> {
  const producers = [...extra, ...(await openProducers(settings.input, process.stdin))];
  const crawl = new Crawl(settings, hooks, producers);
  await crawl.open();
  return crawl;
}

class Crawl implements CrawlRun {
  readonly #settings: Settings;
  readonly #hooks: EngineHooks;
  readonly #producers: readonly Producer[];
  readonly #clock = systemClock;
  readonly #meter = new Meter(systemClock);
  readonly #startedAt = systemClock.wallTime();
  readonly #warnings = new Warnings((message) => this.#emit({ type: 'warning', at: systemClock.wallTime(), message }));
  readonly #watch: StorageWatch;
  readonly #ended = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<void>();
  #store!: StoreClient;
  #pipeline!: wiring.Pipeline;
  #importer!: Importer;
  #passwords!: UrlPasswords;
  #stalls!: StallDetector;
  /** Acks whose rows the caller has not dealt with yet. */
  #unread = 0;
  #importing = true;
  /** Set once the run is asked to end before its work is done. */
  #stop: { state: RunState; reason: string } | null = null;
  #failure: unknown;
  #timers: Timer[] = [];
  #peakRss = 0;
  /** Decoded bytes of earlier runs of this file. */
  #decodedBefore = 0;
  #stageFlushAt = 0;
  #elu = performance.eventLoopUtilization();
  result!: Promise<RunSummary>;

  constructor(settings: Settings, hooks: EngineHooks, producers: readonly Producer[]) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#producers = producers;
    this.#watch = new StorageWatch({
      file: settings.storage.output,
      minFree: settings.storage.minFree,
      clock: this.#clock,
      warn: this.#warnings.say,
      onPause: (reason) => this.#onPause(reason),
    });
  }

  async open(): Promise<void> {
    const { storage, parse } = this.#settings;
    if (existsSync(storage.output)) await this.#checkOutput();
    const opening = openStore(
      {
        file: storage.output,
        run: {
          argv: this.#hooks.argv,
          config: this.#hooks.configJson,
          versions: versions(),
          pid: process.pid,
          hostname: hostname(),
        },
        bodies: storage.bodies,
        durable: storage.durable,
        fresh: storage.fresh,
        detail: this.#hooks.detail,
        datasets: parse.extract.map(({ name, fields }) => ({ name, fields: Object.keys(fields) })),
      },
      {
        onAck: (ack) => this.#onAck(ack),
        onFailure: (error) => this.#fail(error),
        onWarning: this.#warnings.say,
      },
    );
    // The other threads start up while this one loads what fetches: undici alone takes 60 ms.
    if (!parserPlacement(parse).isGuest) parserThread.warm();
    const loading = import('./pipeline.ts');
    loading.catch(() => undefined); // it is awaited below; where the store fails as well, that is what is told
    opening.catch(() => parserThread.cool());
    this.#store = await opening;
    try {
      this.#build((await loading).buildPipeline);
    } catch (error) {
      await this.#store.close('failed', toErrorMessage(error).message).catch(() => undefined);
      throw error;
    }
    // Fetches may take the last file descriptors, and a thread needs some to load its code.
    await this.#pipeline.pool.ready();
    this.result = this.#run();
    this.result.catch(() => undefined); // the caller awaits it; a rejection before that is not "unhandled"
  }

  progress(): ProgressSnapshot {
    return this.#meter.snapshot({
      importing: this.#importing,
      draining: this.#stop !== null,
      paused: this.#watch.isLow,
      wireBytes: this.#pipeline.fetchers.wireBytes,
      gauges: this.#pipeline.gauges(this.#importer),
      holding: this.#stalls.holding,
    });
  }

  drain(reason: string): void {
    this.#endEarly('stopped', reason);
  }

  abort(reason: string): void {
    this.#endEarly('stopped', reason);
    this.#pipeline.fetchers.abort();
  }

  /** A run is not removed unasked, and another list not mixed in. Loaded only where there is a file to look into. */
  async #checkOutput(): Promise<void> {
    const { storage, input } = this.#settings;
    const { refuseForeignSources, refuseToRemove } = await import('./output-check.ts');
    if (storage.fresh && !storage.force) refuseToRemove(storage.output);
    if (!input.add && !storage.fresh) refuseForeignSources(storage.output, this.#producers);
  }

  #build(buildPipeline: typeof wiring.buildPipeline): void {
    this.#meter.begin(this.#store.info.urls);
    this.#passwords = new UrlPasswords({
      add: (origin, authorization) => this.#pipeline.fetcher.addPassword(origin, authorization),
      warn: this.#warnings.say,
    });
    this.#importer = new Importer(
      this.#store,
      this.#producers,
      (receipt) => this.#onReceipt(receipt),
      this.#passwords,
      () => this.#watch.space(),
    );
    this.#pipeline = buildPipeline(this.#settings, this.#store, this.#clock, {
      mayStart: () => this.#mayStart(),
      mayTakeNew: () => this.#stop === null && !this.#watch.isLow,
      onStart: (lease) => {
        this.#pipeline.claimer.wake();
        if (this.#hooks.detail === 'rows') {
          this.#emit({ type: 'fetch-started', at: this.#clock.wallTime(), url: lease.url, attempt: lease.attempt });
        }
      },
      onSkipped: (ack) => this.#onAck(ack),
      onFailure: (error) => this.#fail(error),
      warn: this.#warnings.say,
    });
    this.#stalls = new StallDetector(this.#clock, {
      ...this.#pipeline.probes,
      source: () => this.#importer.source,
      onStall: (holding) => this.#warnings.say(`stall ${holding.stage}`, holdingText(holding, this.#meter.urls.queued)),
    });
  }

  async #run(): Promise<RunSummary> {
    let importing: Promise<void> = Promise.resolve();
    let fetching: Promise<void> = Promise.resolve();
    try {
      this.#begin();
      await this.#watch.start();
      if (this.#hooks.retry !== undefined) {
        await this.#store.requeue(this.#hooks.retry);
        this.#meter.begin((await this.#store.progress()).urls);
      }
      await this.#passwords.recall(this.#store.info.sources, this.#producers);
      importing = this.#import();
      if (this.#settings.input.strict) await Promise.race([importing, this.#ended.promise]);
      if (this.#failure === undefined) {
        const start = await this.#store.progress();
        this.#meter.urls = start.urls;
        this.#decodedBefore = start.decodedBytes;
        this.#pipeline.claimer.heard(start.readyHosts, start.nextDueAt);
        fetching = this.#pipeline.fetchers.run().catch((error: unknown) => this.#fail(error));
        this.#endIfDone();
      }
      await this.#ended.promise;
    } catch (error) {
      this.#fail(error);
    }
    return await this.#close(importing, fetching);
  }

  /** Says that the run starts, and starts its clocks. */
  #begin(): void {
    const { info } = this.#store;
    this.#emit({
      type: 'run-started',
      at: this.#startedAt,
      runId: info.runId,
      output: this.#settings.storage.output,
      resumed: info.existed,
      urls: info.urls,
    });
    this.#sampleSoon();
    const { maxTimeMs } = this.#settings.limits;
    if (maxTimeMs !== null) {
      this.#timers.push(this.#clock.after(maxTimeMs, () => this.#endEarly('limit', '--max-time reached')));
    }
  }

  /** Never rejects: a failed import fails the run. With `--strict` so does a line that is not a URL. */
  async #import(): Promise<void> {
    try {
      await this.#importer.run();
      if (this.#stop !== null) return;
      if (this.#settings.input.strict) await this.#importer.refuseRejectedLines();
      this.#importing = false;
      this.#endIfDone();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Closes in flow order; every step is bounded in time. */
  async #close(importing: Promise<void>, fetching: Promise<void>): Promise<RunSummary> {
    const { claimer, schedule, permits, fetcher, fetchers, pool, window, robots } = this.#pipeline;
    this.#watch.stop();
    this.#importer.stop();
    await Promise.race([importing, this.#sleep(IMPORT_END_MS)]);
    claimer.stop();
    schedule.close();
    robots?.close();
    const patience = this.#clock.after(DRAIN_MS, () => fetchers.abort());
    if (this.#failure !== undefined) fetchers.abort();
    await fetching;
    await permits.idle();
    patience.cancel();
    fetcher.destroy();
    if (this.#failure === undefined) {
      await robots?.flush();
      await pool.close();
      await Promise.race([window.emptied(), this.#failed.promise]);
    } else {
      await pool.destroy();
    }
    for (const timer of this.#timers) timer.cancel();
    if (this.#failure === undefined) {
      try {
        return await this.#summarise();
      } catch (error) {
        this.#failure = error;
      }
    }
    // What cannot be recorded is not: the failure itself is what the caller has to know.
    await this.#store.close('failed', toErrorMessage(this.#failure).message).catch(() => undefined);
    throw this.#failure;
  }

  async #summarise(): Promise<RunSummary> {
    await this.#store.recordStages(this.#meter.takeStageSamples());
    const progress = await this.#store.progress();
    this.#meter.urls = progress.urls;
    const state: RunState =
      progress.urls.queued === 0 && !this.#importing ? 'finished' : (this.#stop?.state ?? 'stopped');
    const reason = state === 'finished' ? null : (this.#stop?.reason ?? null);
    const gauges = this.#pipeline.gauges(this.#importer);
    const { portable } = await this.#store.close(state, reason);
    const totalMs = Math.round(this.#meter.elapsedMs);
    const { started: fetches, wireBytes } = this.#pipeline.fetchers;
    const settled = this.#meter.settledHere();
    const bottleneck = this.#meter.bottleneck();
    const summary: RunSummary = {
      runId: this.#store.info.runId,
      output: this.#settings.storage.output,
      state,
      reason,
      startedAt: this.#startedAt,
      totalMs,
      settled: { ...settled, retries: Math.max(0, fetches - settled.done - settled.failed) },
      fetches,
      pagesPerSecond: totalMs === 0 ? 0 : ((settled.done + settled.failed) * 1000) / totalMs,
      wireBytes,
      decodedBytes: progress.decodedBytes - this.#decodedBefore,
      progress,
      bottleneck,
      bottleneckAdvice: adviceFor(bottleneck, this.#settings, this.#pipeline.permits.capacity),
      gauges,
      peakRssBytes: Math.max(this.#peakRss, residentBytes()),
      nothingToDo: this.#store.info.existed && fetches === 0 && progress.urls.queued === 0,
      portable,
      warnings: this.#warnings.messages,
    };
    this.#emit({ type: 'run-ended', at: this.#clock.wallTime(), summary });
    return summary;
  }

  #mayStart(): boolean {
    const { maxPages, maxBytes } = this.#settings.limits;
    if (this.#stop !== null) return false;
    const { started, wireBytes } = this.#pipeline.fetchers;
    if (maxPages !== null && started >= maxPages) this.#endEarly('limit', `--max-pages ${maxPages} reached`);
    if (maxBytes !== null && wireBytes >= maxBytes) this.#endEarly('limit', `--max-bytes ${maxBytes} reached`);
    return this.#stop === null;
  }

  #endEarly(state: RunState, reason: string): void {
    if (this.#stop !== null) return;
    this.#stop = { state, reason };
    this.#ended.resolve();
  }

  #fail(error: unknown): void {
    // A cancelled hop or fetch is how the end of a run looks from inside it.
    if (error instanceof CancelledError) return;
    this.#failure ??= error;
    this.#failed.resolve();
    this.#ended.resolve();
  }

  #onPause(reason: string | null): void {
    const at = this.#clock.wallTime();
    this.#emit(reason === null ? { type: 'resumed', at } : { type: 'paused', at, reason });
    if (reason === null) this.#pipeline.schedule.poke();
  }

  #onReceipt(receipt: EnqueueReceipt): void {
    this.#stalls.progressed();
    this.#meter.urls = receipt.urls;
    // A receipt knows nothing of retries: what the claimer waits for stays as it is.
    const { claimer } = this.#pipeline;
    claimer.heard(receipt.readyHosts, claimer.nextDueAt);
  }

  #onAck(ack: CommitAck): void {
    this.#stalls.progressed();
    this.#meter.urls = ack.urls;
    const rows = ack.settled ?? [];
    for (const row of rows) this.#emitRow(row);
    const wait = rows.length > 0 ? this.#hooks.afterRows : undefined;
    if (wait === undefined) {
      this.#leave(ack);
    } else {
      this.#unread++;
      void wait()
        .then(() => {
          this.#unread--;
          this.#stalls.progressed();
          this.#leave(ack);
        })
        .catch((error: unknown) => this.#fail(error));
    }
  }

  #leave(ack: CommitAck): void {
    for (const urlId of ack.urlIds) this.#pipeline.window.leave(urlId);
    this.#pipeline.schedule.poke();
    this.#pipeline.claimer.heard(ack.readyHosts, ack.nextDueAt);
    this.#endIfDone();
  }

  /** Something is to be done, and neither the caller of the library nor a full disk is what it waits for. */
  #hasWork(): boolean {
    if (this.#stop !== null || this.#unread > 0 || this.#watch.isLow) return false;
    return this.#importing || this.#meter.urls.queued > 0;
  }

  #endIfDone(): void {
    if (!this.#importing && this.#meter.urls.queued === 0) this.#ended.resolve();
  }

  #emitRow(row: SettledRow): void {
    this.#emit({ type: 'url', at: this.#clock.wallTime(), row });
  }

  #emit(event: CrawlEvent): void {
    this.#hooks.onEvent?.(event);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#timers.push(this.#clock.after(ms, resolve)));
  }

  #sampleSoon(): void {
    const timer = this.#clock.after(SAMPLE_MS, () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#sample();
      this.#sampleSoon();
    });
    this.#timers.push(timer);
  }

  #sample(): void {
    const { fetchers, schedule, pool } = this.#pipeline;
    const elu = performance.eventLoopUtilization();
    const mainBusy = performance.eventLoopUtilization(elu, this.#elu).utilization;
    this.#meter.sample({
      waitingFor: fetchers.waitingFor,
      readyUrls: schedule.length,
      importing: this.#importing,
      mainBusy,
      parserBusy: pool.utilization(),
      storeBusy: this.#store.utilization(),
    });
    this.#elu = elu;
    this.#peakRss = Math.max(this.#peakRss, residentBytes());
    const decision = this.#pipeline.tuner?.look(this.#clock.now(), mainBusy) ?? null;
    const gauges = this.#pipeline.gauges(this.#importer);
    this.#meter.sampleStages(gauges);
    if (decision !== null) {
      this.#meter.noteOnFetching(`${decision.permits} in flight: ${decision.reason}`, gauges.fetch);
      this.#emit({ type: 'concurrency', at: this.#clock.wallTime(), ...decision });
    }
    if (this.#meter.elapsedMs >= this.#stageFlushAt) {
      this.#stageFlushAt = this.#meter.elapsedMs + STAGE_FLUSH_MS;
      void this.#store.recordStages(this.#meter.takeStageSamples()).catch((error: unknown) => this.#fail(error));
    }
    this.#stalls.look(this.#hasWork());
    this.#emit({ type: 'progress', at: this.#clock.wallTime(), progress: this.progress() });
  }
}
