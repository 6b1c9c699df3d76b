/**
 * Command line: `crawl lab --all` and `--report`. Runs experiments one after the other, each as it is by default and with its
 * defect, a line for each. Out: whether all went as expected, and with `--report` a page of them.
 */
import { readParameters } from '../lab/support/parameters.ts';
import { summaryLine } from '../lab/support/report.ts';
import { runExperiment, type LabRun } from '../lab/support/run-experiment.ts';
import { time } from '../lab/support/checks.ts';
import type { Experiment, Variant } from '../lab/support/experiment.ts';
import type { Terminal } from './terminal.ts';
import { checkReportFile, writeReport } from './lab-report.ts';

export interface AllOptions {
  readonly seed: number;
  readonly isReal: boolean;
  readonly isJson: boolean;
  /** Where a page of all runs goes. */
  readonly report: string | null;
}

/** @throws {ConfigError} ERR_USAGE, before anything runs, for a report that would replace something else. */
export async function runAll(
  experiments: readonly Experiment[],
  { seed, isReal, isJson, report }: AllOptions,
  terminal: Terminal,
): Promise<number> {
  if (report !== null) await checkReportFile(report);
  // With --json stdout is for that alone; the lines tell whoever waits how far it is.
  const say = (line: string): void => (isJson ? terminal.say(line) : terminal.line(line));
  const startedAt = performance.now();
  const runs: LabRun[] = [];
  const missing: string[] = [];
  for (const experiment of experiments) {
    // A broken variant has to fail as its checks say.
    const variants: readonly Variant[] = experiment.hasBroken ? ['fixed', 'broken'] : ['fixed'];
    for (const variant of variants) {
      const parameters = readParameters(experiment.parameters, {});
      try {
        const run = await runExperiment(experiment, { parameters, variant, seed, isReal });
        runs.push(run);
        say(summaryLine(run));
      } catch (error) {
        // One experiment that cannot run here (no more processes, say) does not hide the others.
        missing.push(experiment.name);
        terminal.say(`${experiment.name} could not be run: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  const elapsedMs = performance.now() - startedAt;
  const good = runs.filter(({ ok }) => ok).length;
  const all = runs.length + missing.length;
  say(`${good} of ${all} as expected, in ${time(elapsedMs)}`);
  if (isJson) terminal.line(JSON.stringify(runs, null, 2));
  if (report !== null) {
    await writeReport(report, experiments, { runs, missing, elapsedMs });
    say(`Report: ${report}`);
  }
  return good === all ? 0 : 1;
}
