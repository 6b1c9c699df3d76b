/**
 * Command line: one run on the screen, for `run` and `retry`. Starts the engine, shows its events, handles Ctrl-C, prints
 * the summary, maps the end to an exit code. Owns the signal handlers and removes them.
 */
import { statSync } from 'node:fs';

import { redactArguments } from '../config/redact.ts';
import type { CrawlRun } from '../engine/api.ts';
import type { RetryFilter } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { summaryLines } from '../report/summary.ts';
import type { Invocation } from './command.ts';
import { shownPath } from './database-file.ts';
import { exitCodeOf } from './exit-codes.ts';
import { settleHeap } from './heap.ts';
import type { RunSettings } from './run-settings.ts';
import { RunScreen } from './run-screen.ts';
import { watchSignals } from './signals.ts';

/** A list that is larger than this has more than 20 URLs, or none that anybody wants to see. */
const SMALL_LIST_BYTES = 64_000;

/** Crawls and reports. Resolves to the exit code. @throws {ConfigError} @throws {StoreError} */
export async function crawlAndReport(
  invocation: Invocation,
  { settings, display, configJson, failOnError, notes }: RunSettings,
  retry?: RetryFilter,
): Promise<number> {
  const { terminal, cwd } = invocation;
  const { startCrawl } = await import('../engine/crawl.ts');
  const screen = new RunScreen(terminal, display);
  const signals = watchSignals((text) => screen.say(text));
  if (!display.quiet) for (const note of notes) screen.say(`note: ${note}`);
  let isUnread = false;
  try {
    const run: CrawlRun = await startCrawl(settings, {
      argv: redactArguments(invocation.argv),
      configJson,
      detail: display.json || display.verbose || mayBeSmall(settings) ? 'rows' : 'counts',
      onEvent: (event) => screen.onEvent(event),
      // Whoever reads the events slowly slows the crawl; they do not pile up in memory.
      afterRows: display.json ? () => terminal.drained() : undefined,
      retry,
    });
    settleHeap();
    signals.attach(run);
    screen.attach(run);
    // `crawl --json | head`: the reader has what it wanted. The run ends as on Ctrl-C, but without a word.
    terminal.onClosed = () => {
      isUnread = true;
      run.drain('the reader of the output went away');
    };
    const summary = await run.result;
    screen.end();
    if (!display.quiet && !isUnread) {
      const shown = { ...summary, warnings: summary.warnings.filter((warning) => !screen.hasShown(warning)) };
      const lines = summaryLines(shown, { rows: screen.smallRunRows(), output: shownPath(summary.output, cwd) });
      for (const line of lines) terminal.say(line);
    }
    return signals.exitCode ?? exitCodeOf(summary, failOnError);
  } finally {
    screen.end();
    signals.stop();
  }
}

/** Whether the whole run may turn out to have so few URLs that each gets its line. */
function mayBeSmall({ input }: Settings): boolean {
  return input.urls.every(
    (list) => list === '-' || (statSync(list, { throwIfNoEntry: false })?.size ?? 0) <= SMALL_LIST_BYTES,
  );
}
