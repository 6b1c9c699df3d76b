/** The benchmark's figures: what one run is worth, as a table for people and as JSON. */
import type { Machine } from './machine.ts';
import type { Ended } from './measured-process.ts';
import { median, renderTable, spread } from './table.ts';

/** What the runs of one round are held against: the ceiling's, or the ideal time where latency is the bound. */
export interface Base {
  readonly round: number;
  readonly wallMs: number;
  /** From the ceiling's first request to its last. */
  readonly loopMs?: number;
}

/** One run that lost nothing. */
export interface Sample {
  readonly round: number;
  readonly wallMs: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  readonly pagesPerSecond: number;
  /** Share of the base of the same round. */
  readonly ratio: number;
  /** Share of the ceiling's bare loop, its start-up left out and ours not: the strictest reading. */
  readonly loopRatio?: number;
  readonly cpuPer1000: number;
  readonly othersCores: number;
}

export interface Result {
  readonly name: string;
  readonly kind: 'ceiling' | 'weir' | 'peer';
  readonly samples: Sample[];
  /** What it lost or how it failed; nothing of it counts then. */
  failure?: string;
}

export interface JobReport {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly comparable: boolean;
  readonly pages: number;
  readonly base: 'ceiling' | 'ideal';
  readonly results: readonly Result[];
}

export function sampleOf(run: Ended, pages: number, base: Base): Sample {
  const { wallMs, cpuSeconds, peakRssBytes, othersCores } = run;
  return {
    round: base.round,
    wallMs,
    cpuSeconds,
    peakRssBytes,
    pagesPerSecond: (pages / wallMs) * 1_000,
    ratio: base.wallMs / wallMs,
    ...(base.loopMs === undefined ? {} : { loopRatio: base.loopMs / wallMs }),
    cpuPer1000: (cpuSeconds / pages) * 1_000,
    othersCores,
  };
}

const LEGEND: Readonly<Record<JobReport['base'], string>> = {
  ceiling: `Median (least–greatest) of whole processes, start to exit. The ceiling sends bare requests, without Accept-Encoding, and
throws the bodies away. "× loop" leaves the ceiling's own start-up out.`,
  ideal: `Median (least–greatest) of whole processes, start to exit. Ideal: the sum of all latencies divided by 256 in flight.`,
};

const OTHERS = `Others: processors kept busy meanwhile by the servers, and by whatever else the machine had to do: where those and the run's own
leave none idle, a figure says how busy the machine was. CPU and ratios of one round can still be held against each other.`;

/** One row a contestant: medians with least and greatest, the fastest first; below, who lost what. */
export function renderJob({ id, title, label, base, results }: JobReport): string {
  const head = [
    '',
    'pages/s',
    `× ${base}`,
    ...(base === 'ceiling' ? ['× loop'] : []),
    'CPU s/1,000',
    'peak RSS MB',
    'others',
  ];
  const counted = byRate(results);
  const rows = counted.map(({ name, samples }) => {
    const column = (read: (sample: Sample) => number, format: (value: number) => string): string =>
      spread(samples.map(read), format);
    return [
      name,
      column((sample) => sample.pagesPerSecond, whole),
      column((sample) => sample.ratio, thousandths),
      ...(base === 'ceiling' ? [column((sample) => sample.loopRatio ?? Number.NaN, thousandths)] : []),
      column((sample) => sample.cpuPer1000, thousandths),
      column((sample) => sample.peakRssBytes / 1e6, whole),
      column(
        (sample) => sample.othersCores,
        (cores) => cores.toFixed(1),
      ),
    ];
  });
  const failed = results.filter(({ failure }) => failure !== undefined);
  const losses = failed.map(({ name, failure }) => `not counted: ${name}: ${failure}\n`).join('');
  return `Job ${id}: ${title}\n${label}\n\n${renderTable([head, ...rows])}\n${losses}\n${LEGEND[base]}\n${OTHERS}\n`;
}

/** Those that count, the fastest first. */
export function byRate(results: readonly Result[]): Result[] {
  const rate = ({ samples }: Result): number => median(samples.map((sample) => sample.pagesPerSecond));
  return results
    .filter(({ failure, samples }) => failure === undefined && samples.length > 0)
    .sort((a, b) => rate(b) - rate(a));
}

/** Medians and every single run, for `--json`. */
export function reportJson(
  machine: Machine,
  versions: Readonly<Record<string, string>>,
  jobs: readonly JobReport[],
): unknown {
  const middle = (samples: readonly Sample[], read: (sample: Sample) => number): number | null =>
    samples.length === 0 ? null : median(samples.map(read));
  const resultJson = ({ samples, ...result }: Result): unknown => ({
    ...result,
    medianPagesPerSecond: middle(samples, (sample) => sample.pagesPerSecond),
    medianRatio: middle(samples, (sample) => sample.ratio),
    medianLoopRatio: middle(samples, (sample) => sample.loopRatio ?? Number.NaN),
    medianCpuSecondsPer1000: middle(samples, (sample) => sample.cpuPer1000),
    medianOthersCores: middle(samples, (sample) => sample.othersCores),
    medianPeakRssBytes: middle(samples, (sample) => sample.peakRssBytes),
    rounds: samples,
  });
  return { machine, versions, jobs: jobs.map((job) => ({ ...job, results: job.results.map(resultJson) })) };
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function thousandths(value: number): string {
  return value.toFixed(3);
}
