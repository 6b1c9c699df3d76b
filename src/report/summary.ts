/**
 * Report: the end of a run in words. In: the engine's summary. Out: lines with both books (each adds up), what this run
 * did and how fast, what held it back, and the total time last. Pure: the same summary gives the same text.
 */
import { ERROR_CLASSES, type ErrorClass } from '../model/error-codes.ts';
import type { RunSummary } from '../model/events.ts';
import type { SettledRow } from '../model/ports.ts';
import { escapeControl } from './escape.ts';
import { bytes, count, percent, plural, rate, seconds } from './numbers.ts';
import { sourceSum, urlSum } from './books.ts';
import { sizeLine } from './url-lines.ts';

export interface SummaryOptions {
  /** Rows of a small run: those done are listed with their sizes. */
  readonly rows?: readonly SettledRow[] | undefined;
  /** The output as it should be typed (relative to the working folder). */
  readonly output: string;
}

const LABEL_WIDTH = 14;
const MOST_REASONS = 6;

/** The lines of the summary, without line breaks. */
export function summaryLines(summary: RunSummary, options: SummaryOptions): string[] {
  const lines = sizes(options.rows ?? []);
  if (summary.nothingToDo) lines.push(settledSentence(summary));
  else lines.push(headline(summary, options.output), ...work(summary));
  lines.push(...books(summary));
  if (!summary.nothingToDo) lines.push(...reasons(summary), ...bottleneck(summary));
  for (const warning of summary.warnings) lines.push(labelled('Warning', escapeControl(warning)));
  if (!summary.portable) {
    lines.push(labelled('Warning', `another program reads the file: ${options.output}-wal belongs to it, copy both`));
  }
  if (!summary.nothingToDo) lines.push(labelled('Next', nextSteps(summary, options.output)));
  lines.push(`Total time: ${seconds(summary.totalMs)} seconds`);
  return lines;
}

/** `5,000 URLs settled: 4,812 done, 188 failed. crawl retry tries those again.` */
function settledSentence(summary: RunSummary): string {
  const { known, done, failed, skipped } = summary.progress.urls;
  const skips = skipped > 0 ? `, ${count(skipped)} skipped` : '';
  const remedy = failed > 0 ? 'crawl retry tries those again.' : 'Nothing is left to fetch.';
  return `${plural(known, 'URL')} settled: ${count(done)} done, ${count(failed)} failed${skips}. ${remedy}`;
}

function headline(summary: RunSummary, output: string): string {
  const left = summary.progress.urls.queued;
  const resume = left > 0 ? `; ${plural(left, 'URL')} left, the same command goes on` : '';
  const why = summary.reason === null ? '' : ` (${escapeControl(summary.reason)})`;
  switch (summary.state) {
    case 'finished':
      return `Finished: ${output}`;
    case 'limit':
      return `Limit reached${why}: ${output}${resume}`;
    case 'stopped':
      return `Stopped${why}: ${output}${resume}`;
    default:
      return `Failed${why}: ${output}${resume}`;
  }
}

function work(summary: RunSummary): string[] {
  const { done, failed, skipped, retries } = summary.settled;
  const perSecond = summary.totalMs > 0 ? (summary.wireBytes * 1000) / summary.totalMs : 0;
  return [
    labelled(
      'This run',
      `${count(done)} done, ${count(failed)} failed, ${count(skipped)} skipped; ` +
        `${plural(summary.fetches, 'fetch', 'fetches')}, ${plural(retries, 'retry', 'retries')}`,
    ),
    labelled(
      'Speed',
      `${rate(summary.pagesPerSecond)} pages/s, ${bytes(perSecond)}/s ` +
        `(${bytes(summary.wireBytes)} on the wire, ${bytes(summary.decodedBytes)} decoded); peak memory ${bytes(summary.peakRssBytes)}`,
    ),
  ];
}

function books(summary: RunSummary): string[] {
  return [
    labelled('URLs', urlSum(summary.progress.urls)),
    ...summary.progress.sources.map((book) => labelled('Lines', sourceSum(book))),
  ];
}

/** Why URLs failed or were skipped, the commonest first, each with what can be done. */
function reasons(summary: RunSummary): string[] {
  const sorted = [...summary.progress.reasons].sort((a, b) => b.count - a.count);
  const lines = sorted.slice(0, MOST_REASONS).map(({ state, reason, count: n }) => {
    const remedy = Object.hasOwn(ERROR_CLASSES, reason) ? `: ${ERROR_CLASSES[reason as ErrorClass].remedy}` : '';
    return labelled(state === 'failed' ? 'Failed' : 'Skipped', `${count(n)} ${escapeControl(reason)}${remedy}`);
  });
  const more = sorted.length - MOST_REASONS;
  if (more > 0) lines.push(labelled('', `and ${plural(more, 'other reason')}: crawl inspect --errors`));
  return lines;
}

function bottleneck(summary: RunSummary): string[] {
  const { fetch } = summary.gauges;
  const kind = summary.bottleneck === 'nothing' ? '' : `${summary.bottleneck}: `;
  const peak = `${count(fetch.highWater)} of ${count(fetch.capacity)} fetches in flight at most`;
  const fill = summary.gauges.window;
  return [
    labelled('Bounded by', `${kind}${escapeControl(summary.bottleneckAdvice)}`),
    labelled('', `${peak}; pipeline up to ${percent(fill.highWater, fill.capacity)} full`),
  ];
}

function nextSteps(summary: RunSummary, output: string): string {
  const steps = [`crawl inspect ${output}`];
  if (summary.progress.urls.failed > 0) steps.push(`crawl retry ${output}`, 'crawl explain URL');
  return steps.join('   ');
}

function sizes(rows: readonly SettledRow[]): string[] {
  return rows.filter((row) => row.state === 'done').map(sizeLine);
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}
