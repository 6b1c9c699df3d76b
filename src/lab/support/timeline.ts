/**
 * Laboratory: lanes as text, one row a task. In: lanes and a width. Out: lines that fit it. Pure.
 *
 *     URL 1  ████████████
 *     URL 4  ░░░░░░░░░░░░████████████
 *            0 s         2 s         4 s
 */
import { time } from './checks.ts';
import { endOf, type Lane, type Span, type SpanKind, type Unit } from './lanes.ts';

export interface TimelineOptions {
  /** Columns to use. */
  readonly width: number;
  readonly unit: Unit;
  /** Only ASCII characters. */
  readonly isAscii?: boolean;
}

/** `open`: the end of a span that never ended. */
type Marks = Readonly<Record<SpanKind | 'open', string>>;

const UNICODE: Marks = { works: '█', waits: '░', sleeps: '·', open: '▶' };
const ASCII: Marks = { works: '#', waits: '.', sleeps: '-', open: '>' };
/** What is drawn over what, where several spans share a cell: to have worked at all is to be seen. */
const WEIGHT: Readonly<Record<SpanKind, number>> = { sleeps: 1, waits: 2, works: 3 };

const MOST_NAME = 18;
const LEAST_CHART = 20;
/** A chart of few steps is not stretched beyond this: each step stays one thing to look at. */
const MOST_STEP_WIDTH = 3;

/** The chart with its scale; no lines where nothing was recorded. */
export function timelineLines(lanes: readonly Lane[], { width, unit, isAscii = false }: TimelineOptions): string[] {
  const end = endOf(lanes);
  if (end === 0) return [];
  const nameWidth = Math.min(MOST_NAME, Math.max(...lanes.map(({ name }) => name.length)));
  const room = Math.max(LEAST_CHART, width - nameWidth - 2);
  const chart = unit === 'steps' ? Math.min(room, Math.ceil(end * MOST_STEP_WIDTH)) : room;
  const marks = isAscii ? ASCII : UNICODE;
  const rows = lanes.map(
    (lane) => `${lane.name.slice(0, nameWidth).padEnd(nameWidth)}  ${row(lane, end, chart, marks)}`,
  );
  const axis = `${' '.repeat(nameWidth)}  ${scale(end, chart, unit)}`;
  return [...rows.map((line) => line.trimEnd()), axis.trimEnd()];
}

/** What the marks mean: those that occur. */
export function legend(lanes: readonly Lane[], isAscii = false): string {
  const marks = isAscii ? ASCII : UNICODE;
  const kinds = (['works', 'waits', 'sleeps'] as const).filter((kind) =>
    lanes.some(({ spans }) => spans.some((span) => span.kind === kind)),
  );
  const parts = kinds.map((kind) => `${marks[kind]} ${kind}`);
  const isOpen = lanes.some(({ spans }) => spans.some((span) => span.isOpen));
  return [...parts, ...(isOpen ? [`${marks.open} for ever`] : [])].join('   ');
}

function row({ spans }: Lane, end: number, chart: number, marks: Marks): string {
  const cells = Array.from({ length: chart }, () => ' ');
  const weights = new Uint8Array(chart);
  for (const span of spans) {
    const from = Math.min(chart - 1, Math.round((span.from / end) * chart));
    const to = Math.max(from + 1, Math.round((span.to / end) * chart));
    for (let cell = from; cell < to; cell++) {
      if (WEIGHT[span.kind] < (weights[cell] ?? 0)) continue;
      weights[cell] = WEIGHT[span.kind];
      cells[cell] = marks[span.kind];
    }
    label(cells, span, from, to);
    if (span.isOpen === true) cells[to - 1] = marks.open;
  }
  return cells.join('');
}

/** Writes what is worked on into its bar, where it has room: `█page 3███`. */
function label(cells: string[], { kind, label: text }: Span, from: number, to: number): void {
  if (kind !== 'works' || text === undefined || to - from < text.length + 2) return;
  for (let index = 0; index < text.length; index++) cells[from + 1 + index] = text.charAt(index);
}

/** Times under the chart, as many as fit with some air between them. */
function scale(end: number, chart: number, unit: Unit): string {
  const text = (value: number): string => (unit === 'ms' ? time(value) : `step ${Math.round(value)}`);
  const count = Math.max(1, Math.floor(chart / 14));
  const step = niceStep(end / count, unit);
  let line = '';
  for (let value = 0; value <= end * 1.0001; value += step) {
    const at = Math.round((value / end) * chart);
    const mark = text(value);
    if (at > 0 && at < line.length + 2) continue;
    if (at + mark.length > chart + 8) break;
    line = line.padEnd(at) + mark;
  }
  return line;
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number, unit: Unit): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const nice = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? least;
  return unit === 'steps' ? Math.max(1, Math.round(nice)) : nice;
}
