/**
 * Command line: `crawl lab [NAME]`. Without a name the list of experiments; with one, a run of it; `--all` runs every one.
 * Exit code 0: the program did its work and all that was expected was seen; 1 otherwise, also where a broken variant
 * shows its defect, since that is what the program would end with. The experiments are in `lab/`.
 */
import type { FlagValues } from '../config/layers.ts';
import type { Option } from '../config/option.ts';
import { didYouMean } from '../config/suggest.ts';
import { EXPERIMENT_NAMES, loadExperiment, loadExperiments } from '../lab/registry.ts';
import { CHECKLIST } from '../lab/support/checklist.ts';
import { TOPICS, type Experiment, type Variant } from '../lab/support/experiment.ts';
import { optionsOf, readParameters } from '../lab/support/parameters.ts';
import { reportLines } from '../lab/support/report.ts';
import { exitCodeOf, runExperiment, type RunOptions } from '../lab/support/run-experiment.ts';
import { TOUR } from '../lab/support/tour.ts';
import { ConfigError } from '../model/errors.ts';
import type { CommandText, Invocation } from './command.ts';
import { findCommand } from './commands.ts';
import { runAll } from './lab-all.ts';
import { DEFAULT_REPORT } from './lab-report.ts';
import type { Terminal } from './terminal.ts';

/** The laboratory itself. */
const LAB: CommandText = findCommand('lab') ?? { usage: '', summary: '', options: [], examples: [] };
/** Flags that only an experiment on the scheduler understands. */
const SEEDED = ['seed', 'schedules', 'real'];

/** What `crawl lab` followed by `argv` is: for an experiment its purpose, its parameters and the other flags that it understands. */
export async function labText(argv: readonly string[]): Promise<CommandText> {
  const experiment = await loadExperiment(argv.find((word) => EXPERIMENT_NAMES.includes(word)) ?? '');
  if (experiment === undefined) return LAB;
  const { name, summary, isSeeded, hasBroken, parameters } = experiment;
  const fits = ({ flag }: Option): boolean =>
    flag !== 'all' &&
    (isSeeded || !SEEDED.includes(flag ?? '')) &&
    (hasBroken || (flag !== 'broken' && flag !== 'fixed'));
  const seeded: CommandText['examples'] = isSeeded
    ? [[`crawl lab ${name} --schedules 1000`, 'in a thousand orders']]
    : [];
  const broken: CommandText['examples'] = hasBroken ? [[`crawl lab ${name} --broken`, 'with its defect']] : [];
  return {
    usage: `crawl lab ${name} [options]`,
    summary: `${TOUR[name]?.title ?? name}. ${summary.replace(/\.$/, '')}`,
    options: [...optionsOf(parameters), ...LAB.options.filter(fits)],
    examples: [[`crawl lab ${name}`, 'as it should be'], ...broken, ...seeded],
  };
}

/** @throws {ConfigError} ERR_USAGE for an experiment that does not exist, and for parameters out of range. */
export async function labCommand({ flags, words, terminal }: Invocation): Promise<number> {
  const hasReport = flags['report'] === true;
  const file = hasReport ? words.find((word) => word.endsWith('.html')) : undefined;
  const [name, ...others] = words.filter((word) => word !== file);
  if (others.length > 0) throw new ConfigError([`one experiment at a time, not ${words.join(' and ')}`], 'ERR_USAGE');
  const { seed, schedules } = ownNumbers(flags);
  const isJson = flags['json'] === true;
  const experiment = name === undefined ? undefined : await loadExperiment(name);
  if (name !== undefined && experiment === undefined) throw await noSuchExperiment(name, hasReport);
  if (hasReport || flags['all'] === true) {
    const report = hasReport ? (file ?? DEFAULT_REPORT) : null;
    const chosen = experiment === undefined ? await loadExperiments() : [experiment];
    return await runAll(chosen, { seed, isReal: flags['real'] === true, isJson, report }, terminal);
  }
  if (experiment === undefined) return await list(isJson, terminal);
  const variant: Variant = flags['broken'] === true ? 'broken' : 'fixed';
  if (variant === 'broken' && flags['fixed'] === true) {
    throw new ConfigError(['--broken and --fixed exclude each other'], 'ERR_USAGE');
  }
  const parameters = readParameters(experiment.parameters, flags);
  const options: RunOptions = { parameters, variant, seed, isReal: flags['real'] === true };
  if (schedules !== null) {
    return await runSchedules(experiment, options, schedules, isJson, terminal);
  }
  const run = await runExperiment(experiment, options);
  if (isJson) terminal.line(JSON.stringify(run, null, 2));
  else {
    const look = { width: terminal.stdoutColumns, isAscii: flags['ascii'] === true };
    for (const line of reportLines(experiment, run, look)) terminal.line(line);
  }
  return exitCodeOf(run);
}

function ownNumbers(flags: FlagValues): { readonly seed: number; readonly schedules: number | null } {
  const numbers = LAB.options.filter(({ flag }) => flag === 'seed' || flag === 'schedules');
  const table = Object.fromEntries(numbers.map(({ flag, ...option }) => [flag, { option }]));
  const values = readParameters(table, flags);
  return { seed: values['seed'] as number, schedules: values['schedules'] as number | null };
}

async function list(isJson: boolean, terminal: Terminal): Promise<number> {
  const experiments = await loadExperiments();
  if (isJson) {
    const entries = experiments.map(({ name, topic, rows, summary, hasBroken, isSeeded }) => {
      return { name, topic, rows, title: TOUR[name]?.title, summary, hasBroken, isSeeded };
    });
    terminal.line(JSON.stringify(entries, null, 2));
    return 0;
  }
  const width = Math.max(...EXPERIMENT_NAMES.map((name) => name.length));
  for (const topic of TOPICS) {
    terminal.line(topic);
    for (const { name, hasBroken } of experiments.filter((experiment) => experiment.topic === topic)) {
      terminal.line(`  ${hasBroken ? '*' : ' '} ${name.padEnd(width)}  ${TOUR[name]?.title ?? ''}`);
    }
    terminal.line('');
  }
  terminal.line('crawl lab NAME           run one; each needs only those above it');
  terminal.line('crawl lab NAME --broken  run one marked * with the defect it was written with');
  terminal.line('crawl lab NAME --help    its parameters');
  terminal.line('crawl lab --all          run all; --report draws them as one HTML page');
  return 0;
}

/** Names the experiments for a word that a reader of Python may look for, as RLock; else those that are spelled alike. */
async function noSuchExperiment(name: string, hasReport: boolean): Promise<ConfigError> {
  const isMeant = (word: string): boolean =>
    word.split('.').at(-1)?.toLowerCase() === name.split('.').at(-1)?.toLowerCase();
  const rows = CHECKLIST.filter(({ names = [] }) => names.some(isMeant)).map(({ row }) => row);
  const showing = (await loadExperiments()).filter((experiment) => experiment.rows.some((row) => rows.includes(row)));
  const ending = hasReport ? '; the file of a report ends in .html' : '';
  const advice =
    showing.length === 0
      ? didYouMean(name, EXPERIMENT_NAMES) + ending
      : `; these show it: ${showing.map((found) => found.name).join(', ')}`;
  return new ConfigError([`there is no experiment ${name}${advice}`], 'ERR_USAGE');
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
