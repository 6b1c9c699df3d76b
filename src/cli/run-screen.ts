/**
 * Command line: a running crawl as the user sees it. In: the engine's events. Out: JSON lines on stdout, or on stderr lines
 * per URL and one line of progress, refreshed in place on a terminal. The progress line never stays between other lines.
 */
import type { DisplaySettings } from '../config/load.ts';
import type { CrawlRun } from '../engine/api.ts';
import type { CrawlEvent, ProgressSnapshot } from '../model/events.ts';
import type { SettledRow } from '../model/ports.ts';
import { escapeControl } from '../report/escape.ts';
import { eventLine } from '../report/ndjson.ts';
import { progressLine } from '../report/progress-line.ts';
import { URL_LINES_UP_TO, urlLine } from '../report/url-lines.ts';
import { ERASE_LINE, type Terminal } from './terminal.ts';

const IN_PLACE_MS = 200;
const PLAIN_MS = 10_000;
/** A run that is over sooner gets no progress at all. */
const FIRST_PLAIN_MS = 1_000;
const JSON_PROGRESS_MS = 1_000;
/** The span over which MB/s is measured. */
const SPEED_MS = 5_000;

export class RunScreen {
  readonly #terminal: Terminal;
  readonly #display: DisplaySettings;
  readonly #isInPlace: boolean;
  readonly #shownWarnings = new Set<string>();
  /** Rows of a run that has stayed small so far; dropped as soon as it is not. */
  #rows: SettledRow[] | null = [];
  #run: CrawlRun | null = null;
  #isLineShown = false;
  #nextProgressAt: number;
  #nextJsonAt = 0;
  #samples: { readonly at: number; readonly wireBytes: number }[] = [];

  constructor(terminal: Terminal, display: DisplaySettings) {
    this.#terminal = terminal;
    this.#display = display;
    this.#isInPlace = display.progress === 'auto' && terminal.isStderrTTY;
    this.#nextProgressAt = this.#isInPlace ? 0 : FIRST_PLAIN_MS;
  }

  /** The run whose events these are: asked for how many URLs there are by now. */
  attach(run: CrawlRun): void {
    this.#run = run;
  }

  onEvent(event: CrawlEvent): void {
    if (this.#display.json) this.#writeJson(event);
    switch (event.type) {
      case 'progress':
        this.#showProgress(event.progress);
        break;
      case 'warning':
        this.#shownWarnings.add(event.message);
        if (!this.#display.quiet) this.say(`warning: ${escapeControl(event.message)}`);
        break;
      case 'paused':
        // Why, the warning says.
        if (!this.#display.quiet) this.say('paused');
        break;
      case 'resumed':
        if (!this.#display.quiet) this.say('going on');
        break;
      case 'fetch-started':
      case 'url':
        this.#showUrl(event);
        break;
      default:
    }
  }

  /** One line for people, above the progress line. */
  say(text: string): void {
    this.#clear();
    this.#terminal.say(text);
  }

  hasShown(warning: string): boolean {
    return this.#shownWarnings.has(warning);
  }

  /** The settled rows of a run of at most 20 URLs; none of a larger one. */
  smallRunRows(): readonly SettledRow[] {
    return this.#rows ?? [];
  }

  /** Removes the progress line; nothing more is shown in place. */
  end(): void {
    this.#clear();
  }

  #writeJson(event: CrawlEvent): void {
    if (event.type === 'progress') {
      if (event.at < this.#nextJsonAt) return;
      this.#nextJsonAt = event.at + JSON_PROGRESS_MS;
    }
    this.#terminal.line(eventLine(event));
  }

  #showUrl(event: CrawlEvent): void {
    if (this.#rows !== null && (this.#run?.progress().urls.known ?? 0) > URL_LINES_UP_TO) this.#rows = null;
    if (event.type === 'url' && event.row.state !== 'queued') this.#rows?.push(event.row);
    const isSmall = this.#rows !== null && !this.#display.json;
    if (this.#display.quiet || (!this.#display.verbose && !isSmall)) return;
    const line = urlLine(event);
    if (line !== null) this.say(line);
  }

  #showProgress(snapshot: ProgressSnapshot): void {
    const { elapsedMs, wireBytes } = snapshot;
    this.#samples.push({ at: elapsedMs, wireBytes });
    while ((this.#samples[0]?.at ?? elapsedMs) < elapsedMs - SPEED_MS) this.#samples.shift();
    const { progress, quiet } = this.#display;
    if (progress === 'none' || quiet || elapsedMs < this.#nextProgressAt) return;
    this.#nextProgressAt = elapsedMs + (this.#isInPlace ? IN_PLACE_MS : PLAIN_MS);
    const line = progressLine(snapshot, this.#bytesPerSecond());
    if (!this.#isInPlace) {
      this.#terminal.say(line);
      return;
    }
    // A line that wraps could not be erased again.
    const width = Math.max(20, this.#terminal.stderrColumns - 1);
    this.#terminal.status(`${ERASE_LINE}${line.slice(0, width)}`);
    this.#isLineShown = true;
  }

  #bytesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return 0;
    // The first sample stands for the start of the run.
    const since = this.#samples.length === 1 ? { at: 0, wireBytes: 0 } : first;
    return last.at > since.at ? ((last.wireBytes - since.wireBytes) * 1000) / (last.at - since.at) : 0;
  }

  #clear(): void {
    if (!this.#isLineShown) return;
    this.#terminal.status(ERASE_LINE);
    this.#isLineShown = false;
  }
}
