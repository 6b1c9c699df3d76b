/**
 * Laboratory: a run as text for the terminal. In: an experiment and one run of it. Out: lines: what runs, what to watch for,
 * the time line, the output, who waits for whom, values, checks, the verdict. Pure.
 */
import { time } from './checks.ts';
import type { Experiment, LabResult, Value } from './experiment.ts';
import type { LogLine } from './lanes.ts';
import type { LabRun } from './run-experiment.ts';
import { legend, timelineLines } from './timeline.ts';
import { stuckLines } from './wait-graph.ts';

export interface ReportOptions {
  readonly width: number;
  readonly isAscii: boolean;
}

/** Lines of output shown before the rest is left out. */
const MOST_LOG_LINES = 40;
const INDENT = '  ';

export function reportLines(experiment: Experiment, run: LabRun, { width, isAscii }: ReportOptions): string[] {
  const { result } = run;
  const chart = timelineLines(result.lanes, { width: width - INDENT.length, unit: result.unit, isAscii });
  return joined([
    [title(experiment, run), experiment.summary],
    experiment.watch.map((line, index) => `${index === 0 ? 'Watch: ' : '       '}${line}`),
    chart.length === 0 ? [] : [...chart, legend(result.lanes, isAscii)].map((line) => INDENT + line),
    logText(result, width).map((line) => INDENT + line),
    result.stuck === undefined ? [] : ['Nobody can go on:', ...stuckLines(result.stuck).map((line) => INDENT + line)],
    valueLines(result),
    checkLines(result, isAscii),
    verdictLines(run),
  ]);
}

/** One line of `crawl lab --all`. */
export function summaryLine({ name, variant, ok, elapsedMs, result }: LabRun): string {
  const mark = ok ? 'ok  ' : 'FAIL';
  const shown = variant === 'broken' ? `${name} --broken` : name;
  return `${mark} ${shown.padEnd(24)} ${time(elapsedMs).padStart(8)}  ${result.verdict}`;
}

function title({ name, topic, rows }: Experiment, { variant, seed, clock }: LabRun): string {
  const facts = [topic, `patterns ${rows.join(', ')}`];
  if (variant === 'broken') facts.push('with its defect');
  if (seed !== null) facts.push(`seed ${seed}`, `${clock} clock`);
  return `${name}: ${facts.join(' · ')}`;
}

/** Its output: by time, or where no time passes a column for each task. */
export function logText(result: LabResult, width = 120): string[] {
  return result.unit === 'steps' ? columnLines(result, width) : logLines(result.log ?? []);
}

function logLines(log: readonly LogLine[]): string[] {
  const end = Math.max(0, ...log.map(({ at }) => at));
  const width = time(end).length;
  return cut(log.map(({ at, task, text }) => `[${time(at).padStart(width)}] ${task}: ${text}`));
}

/** One column a task: which of them did what between which steps of the others. */
function columnLines({ log = [], lanes }: LabResult, width: number): string[] {
  if (log.length === 0) return [];
  const names = lanes.map(({ name }) => name).filter((name) => log.some(({ task }) => task === name));
  const widths = names.map(
    (name) => 2 + Math.max(name.length, ...log.filter(({ task }) => task === name).map(({ text }) => text.length)),
  );
  if (widths.reduce((sum, size) => sum + size, 6) > width) return logLines(log);
  const line = (step: string, texts: readonly string[]): string =>
    `${step.padStart(4)}  ${texts.map((text, index) => text.padEnd(widths[index] ?? 0)).join('')}`.trimEnd();
  return [
    line('step', names),
    ...cut(
      log.map(({ step, task, text }) =>
        line(
          String(step),
          names.map((name) => (name === task ? text : '')),
        ),
      ),
    ),
  ];
}

function cut(lines: string[]): string[] {
  if (lines.length <= MOST_LOG_LINES) return lines;
  const half = MOST_LOG_LINES / 2;
  return [...lines.slice(0, half), `… ${lines.length - 2 * half} lines more …`, ...lines.slice(-half)];
}

function valueLines({ values }: LabResult): string[] {
  const entries = Object.entries(values);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${INDENT}${name.padEnd(width)}  ${valueText(value)}`);
}

/** A value as a reader wants it. */
export function valueText(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function checkLines({ checks }: LabResult, isAscii: boolean): string[] {
  const [good, bad] = isAscii ? ['ok ', 'BAD'] : ['✓', '✗'];
  const width = Math.max(0, ...checks.map(({ what }) => what.length));
  const expected = Math.max(0, ...checks.map(({ expected }) => expected.length));
  return checks.map(
    (check) =>
      `${INDENT}${check.ok ? good : bad} ${check.what.padEnd(width)}  expected ${check.expected.padEnd(expected)}  measured ${check.measured}`,
  );
}

function verdictLines({ ok, result }: LabRun): string[] {
  const lines = result.defect === null ? [] : [`Defect: ${result.defect}`];
  return [...lines, `Verdict: ${ok ? '' : 'NOT AS EXPECTED. '}${result.verdict}`];
}

/** Blocks with a blank line between them, empty ones left out. */
function joined(blocks: readonly (readonly string[])[]): string[] {
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}
