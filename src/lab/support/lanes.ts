/**
 * Laboratory: what each task did, as data. One lane a task, one span for each stretch of time in one state. Experiments
 * on the scheduler get theirs from `Recorder`; those with real threads write them down themselves.
 */

/** `ms`: milliseconds since the start. `steps`: turns of the scheduler, for experiments in which no time passes. */
export type Unit = 'ms' | 'steps';

export type SpanKind = 'works' | 'waits' | 'sleeps';

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly kind: SpanKind;
  /** What it works on or waits for. */
  readonly label?: string;
  /** It never ended. */
  readonly isOpen?: boolean;
}

export interface Lane {
  readonly name: string;
  readonly spans: readonly Span[];
}

/** A line of output, by whom and when. */
export interface LogLine {
  readonly at: number;
  readonly step: number;
  readonly task: string;
  readonly text: string;
}

/** The most lanes in state `kind` at one moment. A span that ends where another begins does not overlap it. */
export function peakOf(lanes: readonly Lane[], kind: SpanKind): number {
  const edges = lanes
    .flatMap(({ spans }) => spans.filter((span) => span.kind === kind && span.to > span.from))
    .flatMap(({ from, to }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.change - b.change);
  let now = 0;
  let peak = 0;
  for (const { change } of edges) {
    now += change;
    peak = Math.max(peak, now);
  }
  return peak;
}

/** When the last span ends. */
export function endOf(lanes: readonly Lane[]): number {
  return Math.max(0, ...lanes.flatMap(({ spans }) => spans.map(({ to }) => to)));
}

/** A moment, by both measures. */
export interface Moment {
  readonly ms: number;
  readonly steps: number;
}

interface Recorded {
  readonly from: Moment;
  to: Moment | undefined;
  readonly kind: SpanKind;
  readonly label: string | undefined;
}

/** Writes one lane while a task runs. */
export class Recorder {
  readonly name: string;
  readonly #now: () => Moment;
  readonly #spans: Recorded[] = [];

  constructor(name: string, now: () => Moment) {
    this.name = name;
    this.#now = now;
  }

  /** Begins a span; the function returned ends it. */
  begin(kind: SpanKind, label?: string): () => void {
    const span: Recorded = { from: this.#now(), to: undefined, kind, label };
    this.#spans.push(span);
    return () => {
      span.to ??= this.#now();
    };
  }

  /** One turn of the scheduler, in which no time passes. */
  turn(): void {
    const from = this.#now();
    this.#spans.push({ from, to: { ms: from.ms, steps: from.steps + 1 }, kind: 'works', label: undefined });
  }

  /** The lane so far; what has not ended lasts until now, and `beyond`. */
  lane(unit: Unit, beyond = 0): Lane {
    const spans = this.#spans
      .map(({ from, to, kind, label }) => ({
        from: from[unit],
        to: to?.[unit] ?? this.#now()[unit] + beyond,
        kind,
        ...(label === undefined ? {} : { label }),
        ...(to === undefined ? { isOpen: true } : {}),
      }))
      .filter(({ from, to }) => to > from);
    return { name: this.name, spans };
  }
}
