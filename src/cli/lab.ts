/**
 * Command line: `crawl lab [NAME]`. Without a name the list of experiments; with one, a run of it; `--all` runs every one.
 * Exit code 0: the program did its work and all that was expected was seen; 1 otherwise, also where a broken variant
 * shows its defect, since that is what the program would end with. The experiments are in `lab/`.
 */
import type { FlagValues } from '../config/layers.ts';
import type { Option } from '../config/option.ts';
import { didYouMean } from '../config/suggest.ts';
import { EXPERIMENT_NAMES, loadExperiment, loadExperiments } from '../lab/registry.ts';
import { time } from '../lab/support/checks.ts';
import { TOPICS, type Experiment, type Variant } from '../lab/support/experiment.ts';
import { optionsOf, readParameters } from '../lab/support/parameters.ts';
import { reportLines, summaryLine } from '../lab/support/report.ts';
import { exitCodeOf, runExperiment, type LabRun, type RunOptions } from '../lab/support/run-experiment.ts';
import { ConfigError } from '../model/errors.ts';
import type { Invocation } from './command.ts';
import { findCommand } from './commands.ts';
import type { Terminal } from './terminal.ts';

/** Options of the laboratory itself: what is left of the flags belongs to the experiment. */
const OWN: readonly Option[] = findCommand('lab')?.options ?? [];
/** Flags that only an experiment on the scheduler understands. */
const SEEDED = ['seed', 'schedules', 'real'];

/** The options of `crawl lab` followed by `argv`: its own that the experiment understands, and the experiment's parameters. */
export async function labOptions(argv: readonly string[]): Promise<readonly Option[]> {
  const experiment = await loadExperiment(argv.find((word) => EXPERIMENT_NAMES.includes(word)) ?? '');
  if (experiment === undefined) return OWN;
  const { isSeeded, hasBroken, parameters } = experiment;
  const fits = ({ flag }: Option): boolean =>
    flag !== 'all' &&
    (isSeeded || !SEEDED.includes(flag ?? '')) &&
    (hasBroken || (flag !== 'broken' && flag !== 'fixed'));
  return [...optionsOf(parameters), ...OWN.filter(fits)];
}

/** @throws {ConfigError} ERR_USAGE for an experiment that does not exist, and for parameters out of range. */
export async function labCommand({ flags, words, terminal }: Invocation): Promise<number> {
  const [name] = words;
  if (flags['all'] === true) return await runAll(flags, terminal);
  if (name === undefined) return await list(flags, terminal);
  const experiment = await loadExperiment(name);
  if (experiment === undefined) {
    throw new ConfigError([`there is no experiment ${name}${didYouMean(name, EXPERIMENT_NAMES)}`], 'ERR_USAGE');
  }
  const variant: Variant = flags['broken'] === true ? 'broken' : 'fixed';
  if (variant === 'broken' && flags['fixed'] === true) {
    throw new ConfigError(['--broken and --fixed exclude each other'], 'ERR_USAGE');
  }
  const { seed, schedules } = ownNumbers(flags);
  const parameters = readParameters(experiment.parameters, flags);
  const options: RunOptions = { parameters, variant, seed, isReal: flags['real'] === true };
  if (schedules !== null) {
    return await runSchedules(experiment, options, schedules, flags['json'] === true, terminal);
  }
  const run = await runExperiment(experiment, options);
  if (flags['json'] === true) terminal.line(JSON.stringify(run, null, 2));
  else {
    const look = { width: terminal.stdoutColumns, isAscii: flags['ascii'] === true };
    for (const line of reportLines(experiment, run, look)) terminal.line(line);
  }
  return exitCodeOf(run);
}

function ownNumbers(flags: FlagValues): { readonly seed: number; readonly schedules: number | null } {
  const numbers = OWN.filter(({ flag }) => flag === 'seed' || flag === 'schedules');
  const table = Object.fromEntries(numbers.map(({ flag, ...option }) => [flag, { option }]));
  const values = readParameters(table, flags);
  return { seed: values['seed'] as number, schedules: values['schedules'] as number | null };
}

async function list(flags: FlagValues, terminal: Terminal): Promise<number> {
  const experiments = await loadExperiments();
  if (flags['json'] === true) {
    const entries = experiments.map(({ name, topic, rows, summary, hasBroken, isSeeded }) => {
      return { name, topic, rows, summary, hasBroken, isSeeded };
    });
    terminal.line(JSON.stringify(entries, null, 2));
    return 0;
  }
  const width = Math.max(...EXPERIMENT_NAMES.map((name) => name.length));
  for (const topic of TOPICS) {
    const members = experiments.filter((experiment) => experiment.topic === topic);
    if (members.length === 0) continue;
    terminal.line(`${topic}:`);
    for (const { name, summary, hasBroken } of members) {
      terminal.line(`  ${name.padEnd(width)}  ${hasBroken ? '*' : ' '} ${summary}`);
    }
    terminal.line('');
  }
  terminal.line('* also with the defect it was written with: --broken');
  terminal.line('crawl lab NAME runs one, crawl lab NAME --help shows its parameters, crawl lab --all runs all.');
  return 0;
}

/** Every experiment as it is by default, and every broken variant, which has to fail as its checks say. */
async function runAll(flags: FlagValues, terminal: Terminal): Promise<number> {
  const { seed } = ownNumbers(flags);
  // With --json stdout is for that alone; the lines tell whoever waits how far it is.
  const say = (line: string): void => (flags['json'] === true ? terminal.say(line) : terminal.line(line));
  const startedAt = performance.now();
  const runs: LabRun[] = [];
  const failed: string[] = [];
  for (const experiment of await loadExperiments()) {
    const variants: readonly Variant[] = experiment.hasBroken ? ['fixed', 'broken'] : ['fixed'];
    for (const variant of variants) {
      const parameters = readParameters(experiment.parameters, {});
      try {
        const run = await runExperiment(experiment, { parameters, variant, seed, isReal: flags['real'] === true });
        runs.push(run);
        say(summaryLine(run));
      } catch (error) {
        // One experiment that cannot run here (no more processes, say) does not hide the others.
        failed.push(experiment.name);
        terminal.say(`${experiment.name} could not be run: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  const good = runs.filter(({ ok }) => ok).length;
  say(`${good} of ${runs.length + failed.length} as expected, in ${time(performance.now() - startedAt)}`);
  if (flags['json'] === true) terminal.line(JSON.stringify(runs, null, 2));
  return good === runs.length && failed.length === 0 ? 0 : 1;
}

/** The same program in many orders: seeds 1 to `count`. */
async function runSchedules(
  experiment: Experiment,
  options: RunOptions,
  count: number,
  isJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const wrong: number[] = [];
  let unexpected = 0;
  for (let seed = 1; seed <= count; seed++) {
    const run = await runExperiment(experiment, { ...options, seed, isReal: false });
    if (run.result.defect !== null) wrong.push(seed);
    if (!run.ok) unexpected++;
  }
  const { name } = experiment;
  if (isJson) terminal.line(JSON.stringify({ name, variant: options.variant, schedules: count, wrong, unexpected }));
  else {
    const first = wrong.length === 0 ? '' : ` (first with --seed ${String(wrong[0])})`;
    terminal.line(`${name}: went wrong under ${wrong.length} of ${count} schedules${first}`);
    if (unexpected > 0) terminal.line(`not as expected under ${unexpected} of them`);
  }
  return wrong.length === 0 && unexpected === 0 ? 0 : 1;
}
