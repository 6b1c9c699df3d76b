/** The benchmark's figures: what one run is worth, as a table for people and as JSON. */
import { cpus } from 'node:os';
import type { Measured } from './measured-process.ts';
import type { BenchSite } from './site.ts';
import { median, renderTable, spread } from './table.ts';
import { workBase } from './work-folder.ts';

/** One run of one variant. */
export interface Sample extends Omit<Measured, 'stdout'> {
  readonly round: number;
  readonly pagesPerSecond: number;
  /** Share of the ceiling of the same round. */
  readonly ratio: number;
  /** Share of the ceiling's bare loop, its start-up left out and ours not: the strictest reading. */
  readonly loopRatio: number;
  readonly cpuPer1000: number;
}

const LEGEND = `Median (least–greatest) of whole processes, start to exit. The ceiling sends bare requests, without Accept-Encoding, and
throws the bodies away; crawl asks for compressed ones, as it always does, decodes and stores them.`;

/** One row a variant: medians with least and greatest. */
export function renderReport(samples: ReadonlyMap<string, readonly Sample[]>): string {
  const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
  const thousandths = (value: number): string => value.toFixed(3);
  const rows = [['', 'pages/s', '× ceiling', '× loop', 'CPU s/1,000', 'peak RSS MB']];
  for (const [name, runs] of samples) {
    const column = (read: (sample: Sample) => number, format: (value: number) => string): string =>
      spread(runs.map(read), format);
    rows.push([
      name,
      column((sample) => sample.pagesPerSecond, whole),
      column((sample) => sample.ratio, thousandths),
      column((sample) => sample.loopRatio, thousandths),
      column((sample) => sample.cpuPer1000, thousandths),
      column((sample) => sample.peakRssBytes / 1e6, whole),
    ]);
  }
  return `${renderTable(rows)}\n\n${LEGEND}`;
}

/** Medians and every single run, for `--json`. */
export function reportJson(site: BenchSite, samples: ReadonlyMap<string, readonly Sample[]>): unknown {
  const variants = [...samples].map(([name, runs]) => ({
    name,
    medianPagesPerSecond: median(runs.map((run) => run.pagesPerSecond)),
    medianRatio: median(runs.map((run) => run.ratio)),
    medianLoopRatio: median(runs.map((run) => run.loopRatio)),
    medianCpuSecondsPer1000: median(runs.map((run) => run.cpuPer1000)),
    medianPeakRssBytes: median(runs.map((run) => run.peakRssBytes)),
    rounds: runs,
  }));
  const { label, comparable, urls } = site;
  return {
    label,
    comparable,
    pages: urls.length,
    node: process.version,
    cores: cpus().length,
    inMemory: workBase.inMemory,
    variants,
  };
}
