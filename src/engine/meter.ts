/**
 * Counts what the run does and says how fast it goes, how long it will take and what holds it back.
 *
 * In: the book of URLs as commits and imports change it, a sample of the pipeline five times a second. Out: `ProgressSnapshot`,
 * the bottleneck, one `stage_stat` row per stage and second. Owns no timer: the engine samples it.
 */
import type { Bottleneck, Holding, PipelineGauges, ProgressSnapshot } from '../model/events.ts';
import type { Clock } from '../model/clock.ts';
import type { StageSample } from '../model/ports.ts';
import type { UrlBook } from '../model/url-state.ts';
import type { WaitingFor } from './fetchers.ts';

export const SAMPLE_MS = 200;
/** Rates are means over this many samples: 5 seconds. */
const RATE_SAMPLES = 25;
/** A thread busier than this is what the others wait for. */
const SATURATED = 0.85;

export interface Sample {
  readonly waitingFor: WaitingFor;
  readonly readyUrls: number;
  readonly importing: boolean;
  /** Shares of the last sampling period, 0 … 1. */
  readonly mainBusy: number;
  readonly parserBusy: number;
  readonly storeBusy: number;
}

export class Meter {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #reasons = new Map<Bottleneck, number>();
  readonly #rates: { at: number; settled: number }[] = [];
  #samples: StageSample[] = [];
  #lastStageSecond = -1;
  /** Decisions of this second. */
  #notes: string[] = [];
  /** The book after the last commit or import batch; the engine sets it. */
  urls: UrlBook = { known: 0, queued: 0, done: 0, failed: 0, skipped: 0 };
  /** The first book this run saw: its settled URLs are not this run's work. */
  #base: UrlBook | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** The book as the run found it. */
  begin(urls: UrlBook): void {
    this.#base = urls;
    this.urls = urls;
  }

  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  settledHere(): { done: number; failed: number; skipped: number } {
    const base = this.#base ?? this.urls;
    return {
      done: this.urls.done - base.done,
      failed: Math.max(0, this.urls.failed - base.failed),
      skipped: this.urls.skipped - base.skipped,
    };
  }

  sample(sample: Sample): void {
    const reason = diagnose(sample);
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    const { done, failed } = this.settledHere();
    this.#rates.push({ at: this.#clock.now(), settled: done + failed });
    if (this.#rates.length > RATE_SAMPLES + 1) this.#rates.shift();
  }

  /** Pages settled per second over the last 5 seconds. */
  rate(): number {
    const first = this.#rates[0];
    const last = this.#rates.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return ((last.settled - first.settled) * 1000) / (last.at - first.at);
  }

  snapshot(facts: {
    importing: boolean;
    draining: boolean;
    paused: boolean;
    wireBytes: number;
    gauges: PipelineGauges;
    holding: Holding | null;
  }): ProgressSnapshot {
    const { done, failed } = this.settledHere();
    const pagesPerSecond = this.rate();
    const known = !facts.importing && pagesPerSecond > 0;
    return {
      elapsedMs: Math.round(this.elapsedMs),
      urls: this.urls,
      done,
      failed,
      inFlight: facts.gauges.fetch.length,
      pagesPerSecond,
      wireBytes: facts.wireBytes,
      etaMs: known ? Math.round((this.urls.queued * 1000) / pagesPerSecond) : null,
      importing: facts.importing,
      draining: facts.draining,
      paused: facts.paused,
      gauges: facts.gauges,
      holding: facts.holding,
    };
  }

  /** Adds one row per stage and whole second; `takeStageSamples` hands them over in batches. */
  sampleStages(gauges: PipelineGauges): void {
    const second = this.#second();
    if (second === this.#lastStageSecond) return;
    this.#lastStageSecond = second;
    this.#notes = [];
    for (const [stage, gauge] of Object.entries(gauges) as [string, PipelineGauges['fetch']][]) {
      this.#samples.push({ second, stage, gauge, note: null });
    }
  }

  /** Adds what was decided about fetching to the row of this second: rows of the same second replace each other. */
  noteOnFetching(note: string, gauge: PipelineGauges['fetch']): void {
    this.#notes.push(note);
    this.#samples.push({ second: this.#second(), stage: 'fetch', gauge, note: this.#notes.join('; ') });
  }

  #second(): number {
    return Math.floor(this.elapsedMs / 1000);
  }

  takeStageSamples(): StageSample[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }

  /** What the fetch loop waited for most often. */
  bottleneck(): Bottleneck {
    let most: Bottleneck = 'nothing';
    let count = 0;
    for (const [reason, n] of this.#reasons) {
      if (n > count) [most, count] = [reason, n];
    }
    return most;
  }
}

/** What holds the run back at the moment of one sample: what the fetch loop waits for, and who is busy behind it. */
export function diagnose(sample: Sample): Bottleneck {
  switch (sample.waitingFor) {
    case 'window':
      return sample.storeBusy > sample.parserBusy ? 'storage' : 'parsing';
    case 'permit':
      if (sample.mainBusy > SATURATED) return 'network';
      if (sample.parserBusy > SATURATED) return 'parsing';
      return 'concurrency';
    case 'url':
      if (sample.readyUrls > 0) return 'politeness';
      if (sample.storeBusy > SATURATED) return 'storage';
      return sample.importing ? 'input' : 'nothing';
    case 'nothing':
      return 'network';
    default:
      return sample.waitingFor satisfies never;
  }
}
