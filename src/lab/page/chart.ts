/**
 * Laboratory: lanes as SVG, one strip a task, as wide as there is room. In: lanes. Out: HTML. Names and times stand beside the
 * strips as text, so that they keep their size where a strip is squeezed. Pure.
 */
import { escapeHtml } from '../../demo/html.ts';
import { time } from '../support/checks.ts';
import { endOf, type Lane, type Span, type SpanKind, type Unit } from '../support/lanes.ts';

/** Units across a strip. */
const WIDTH = 1000;
/** No span is drawn narrower: one that is there is to be seen. */
const LEAST = 1.5;
const GAP = 1;
const MOST_LANES = 32;
/** The mark of a span that never ended. */
const OPEN = 8;

/** What the colours mean. */
export const KINDS: Readonly<Record<SpanKind, string>> = {
  works: 'works',
  waits: 'waits for something',
  sleeps: 'lets time pass',
};

export function chart(lanes: readonly Lane[], unit: Unit): string {
  const end = endOf(lanes);
  const drawn = lanes.filter(({ spans }) => spans.length > 0);
  if (end === 0 || drawn.length === 0) return '';
  const rows = drawn.slice(0, MOST_LANES).map((lane) => row(lane, end, unit));
  const left = drawn.length - MOST_LANES;
  const more = left > 0 ? `<div class="lane"><span></span><span>… and ${left} lanes more</span></div>` : '';
  const marks = [0, end / 2, end].map((at) => `<span>${label(at, unit)}</span>`).join('');
  return `<div class="chart">${rows.join('')}${more}<div class="lane axis soft"><span></span><span>${marks}</span></div></div>`;
}

/** A small strip in the colour of `kind`, for the key. */
export function swatch(kind: SpanKind | 'open'): string {
  return `<svg viewBox="0 0 10 10" preserveAspectRatio="none" aria-hidden="true"><rect class="${kind}" width="10" height="10"/></svg>`;
}

function row({ name, spans }: Lane, end: number, unit: Unit): string {
  const rectangles = joined(spans, end).map((span) => rectangle(span, end, unit));
  const strip = `<svg viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(describe(name, spans, unit))}">`;
  return (
    `<div class="lane"><span title="${escapeHtml(name)}">${escapeHtml(name)}</span>` +
    `${strip}<rect class="track" y="4.5" width="${WIDTH}" height="1"/>${rectangles.join('')}</svg></div>`
  );
}

function rectangle({ from, to, kind, label: what, isOpen }: Span, end: number, unit: Unit): string {
  const x = (from / end) * WIDTH;
  const full = (to / end) * WIDTH - x;
  // What follows at once is to be told apart.
  const width = full > 8 * GAP ? full - GAP : Math.max(LEAST, full);
  const words = `${KINDS[kind]}${what === undefined ? '' : `: ${what}`}, ${label(from, unit)} to ${isOpen === true ? 'never' : label(to, unit)}`;
  const mark =
    isOpen === true ? `<rect class="open" x="${number(x + width - OPEN)}" width="${OPEN}" height="10"/>` : '';
  return (
    `<rect class="${kind}" x="${number(x)}" width="${number(width)}" height="10">` +
    `<title>${escapeHtml(words)}</title></rect>${mark}`
  );
}

/** Spans of one kind that touch, or nearly do, as one where they are too short to be told apart. */
function joined(spans: readonly Span[], end: number): Span[] {
  const least = (end / WIDTH) * LEAST;
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    const isShort = span.to - span.from < least * 2;
    if (last?.kind === span.kind && isShort && span.from - last.to < least / 2 && last.isOpen !== true) {
      const { from, kind } = last;
      result[result.length - 1] = { from, to: span.to, kind, ...(span.isOpen === true ? { isOpen: true } : {}) };
    } else result.push(span);
  }
  return result;
}

/** For those who cannot see it. */
function describe(name: string, spans: readonly Span[], unit: Unit): string {
  const total = (kind: SpanKind): number =>
    spans.filter((span) => span.kind === kind).reduce((sum, { from, to }) => sum + to - from, 0);
  const parts = (Object.keys(KINDS) as SpanKind[])
    .filter((kind) => total(kind) > 0)
    .map((kind) => `${kind} ${label(total(kind), unit)}`);
  return `${name}: ${parts.join(', ')}`;
}

function label(at: number, unit: Unit): string {
  return unit === 'ms' ? time(at) : `${Math.round(at)} step${Math.round(at) === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
