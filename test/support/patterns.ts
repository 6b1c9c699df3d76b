/**
 * Writes `docs/patterns.md`: the tour through the experiments, and the checklist with what each item came out as the last time.
 *
 *   npm run docs:patterns        runs all experiments (20 s) and writes it anew
 *
 * What is written does not differ from run to run, but for the figures between `<!-- measured -->` and `<!-- end measured -->`:
 * of experiments with a seed the verdict, of those with real threads which checks held. `test/integration/lab.long.ts` compares.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadExperiments } from '../../src/lab/registry.ts';
import { CHECKLIST, PARTS, type Row } from '../../src/lab/support/checklist.ts';
import { time, type Check } from '../../src/lab/support/checks.ts';
import { TOPICS, type Experiment } from '../../src/lab/support/experiment.ts';
import type { LabRun } from '../../src/lab/support/run-experiment.ts';
import { TOUR } from '../../src/lab/support/tour.ts';
import { table } from './documents.ts';

const ROOT = new URL('../../', import.meta.url);
/** Checks of a run that are named in its result. */
const MOST_CHECKS = 3;

/** What to use for which work: what it is, the tool, the experiments that measure it. */
const CHOICES: readonly (readonly [string, string, readonly string[]])[] = [
  ['waits on the network, many at a time', 'async on one thread', ['io-vs-cpu', 'simulate-io', 'seq-vs-conc']],
  ['computes, and can be divided', 'a pool of threads, one a core', ['cpu-wall', 'primes', 'fibonacci']],
  ['pages of a crawl: waits, then computes', 'async requests, threads for parsing', ['parse-threads', 'one-thread']],
  ['may crash, or is another program', 'processes', ['processes', 'isolated-memory', 'spawn-cost']],
  ['numbers that several threads change', 'shared memory, with atomic steps or a lock', ['counter', 'shared-memory']],
  ['anything else that several change', 'one owner that the others ask', ['shared-map', 'process-queue']],
  ['you do not know which', 'measure a few tasks', ['which-pool']],
];

export async function patternsDocument(runs: readonly LabRun[]): Promise<string> {
  const experiments = await loadExperiments();
  return (
    [
      '# Patterns of concurrency',
      'Five articles on concurrency in Python stand behind the laboratory. This page takes each of their programs and ideas to what ' +
        'shows it here: a command to run, and what came of it the last time. What stands for which name of Python says ' +
        '[concurrency.md](concurrency.md). Written by `npm run docs:patterns` from what `crawl lab --all` does.',
      '`crawl lab` lists the experiments, `crawl lab NAME` runs one, `crawl lab --report` all of them and draws them as one page.',
      '## The tour',
      'From a task that is started to the whole pipeline. Each step needs only steps before it; where `--broken` is named, run that first and ' +
        'look at what goes wrong.',
      ...tour(experiments),
      '## The checklist',
      'Where an experiment waits on a virtual clock, the result is its verdict; where real threads, processes or requests run, it is what was ' +
        'checked and held.',
      ...checklist(experiments, runs),
      '## Which one to use',
      table(
        ['work that', 'tool', 'measured by'],
        CHOICES.map(([work, tool, by]) => [work, tool, by.map(source).join(', ')]),
      ),
      '## Threads or processes',
      measured(runs),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

/** Without the figures, which differ from run to run. */
export function withoutFigures(markdown: string): string {
  return markdown.replace(/<!-- measured -->[^]*<!-- end measured -->/, '');
}

function tour(experiments: readonly Experiment[]): string[] {
  let number = 0;
  return TOPICS.flatMap((topic) => {
    const steps = experiments
      .filter((experiment) => experiment.topic === topic)
      .map(({ name, hasBroken }) => {
        const step = TOUR[name];
        if (step === undefined) throw new Error(`${name} has no step in src/lab/support/tour.ts`);
        const commands = hasBroken ? [`crawl lab ${name} --broken`, `crawl lab ${name}`] : [`crawl lab ${name}`];
        const needs = step.needs.length === 0 ? '' : ` After ${step.needs.join(', ')}.`;
        const title = `${step.title.charAt(0).toUpperCase()}${step.title.slice(1)}`;
        number++;
        return `${number}. **${title}${title.endsWith('?') ? '' : '.'}** ${commands.map((command) => `\`${command}\``).join(', ')}. ${step.lesson}${needs} ${source(name)}`;
      });
    return [`### ${topic}`, steps.join('\n')];
  });
}

function checklist(experiments: readonly Experiment[], runs: readonly LabRun[]): string[] {
  return PARTS.flatMap(([part, title]) => {
    const rows = CHECKLIST.filter(({ row }) => row.startsWith(part)).flatMap((row) =>
      tableRows(row, experiments, runs),
    );
    return [`### ${title}`, table(['#', 'item', 'command', 'last result', 'where'], rows)];
  });
}

/** One line of the table for each thing that shows it; the item stands in the first. */
function tableRows(
  { row, item, names, flags = {}, shown = [] }: Row,
  experiments: readonly Experiment[],
  runs: readonly LabRun[],
): string[][] {
  const lines = experiments
    .filter(({ rows }) => rows.includes(row))
    .flatMap(({ name }) => runs.filter((run) => run.name === name))
    .map((run) => {
      const words = ['crawl lab', run.name, flags[run.name] ?? '', run.variant === 'broken' ? '--broken' : ''];
      return [`\`${words.filter((word) => word !== '').join(' ')}\``, resultOf(run), source(run.name)];
    });
  const others = shown.map(({ what, result, test: [file] }) => [what, result, `[${file}](../${file})`]);
  const text = names === undefined ? item : `${item} (${names.map((name) => `\`${name}\``).join(', ')})`;
  return [...lines, ...others].map((line, index) => [...(index === 0 ? [row, text] : ['', '']), ...line]);
}

/** The same each time: no measured time, no pid, no count that the machine decides. */
function resultOf({ ok, seed, result: { verdict, checks } }: LabRun): string {
  if (!ok) return 'not as expected';
  if (seed !== null) return verdict;
  const exact = checks.filter(isExact).map(({ what, expected }) => `${what} ${expected}`);
  const others = checks.filter((check) => !isExact(check)).map(({ what }) => what);
  const named = [...exact, ...others].slice(0, MOST_CHECKS);
  const more = checks.length > named.length ? `; ${checks.length - named.length} more` : '';
  return `${checks.length} of ${checks.length} checks hold: ${named.join('; ')}${more}`;
}

/** Whether what is expected says something, and is not a bound or a time, which come out otherwise each time. */
function isExact({ expected, measured }: Check): boolean {
  return expected === measured && !/^(?:yes|no)$|\d m?s$/.test(expected);
}

function source(name: string): string {
  return `[${name}](../src/lab/${name}.ts)`;
}

function measured(runs: readonly LabRun[]): string {
  const value = (name: string, key: string): number => {
    const found = runs.find((run) => run.name === name)?.result.values[key];
    if (typeof found !== 'number') throw new Error(`${name} has no value "${key}"`);
    return found;
  };
  const ms = (name: string, key: string): string => time(Math.round(value(name, key)));
  const mib = (key: string): string => `${Math.round(value('spawn-cost', key))} MiB`;
  const rows = [
    [
      'memory of each',
      mib('a thread, MiB'),
      mib('a process, MiB (what it shares counted in each)'),
      source('spawn-cost'),
    ],
    ['start of each', ms('spawn-cost', 'a thread, ms'), ms('spawn-cost', 'a process, ms'), source('spawn-cost')],
    [
      'what they share',
      'what is handed over is a copy, unless it is shared memory',
      'copies and messages',
      source('isolated-memory'),
    ],
    ['interpreter lock', 'none: an interpreter each', 'none: an interpreter each', source('cpu-wall')],
    [
      `four loops that compute (one after the other ${ms('cpu-wall', 'main, ms')})`,
      ms('cpu-wall', 'threads, ms'),
      ms('cpu-wall', 'processes, ms'),
      source('cpu-wall'),
    ],
    [
      `ten waits on four workers (on one thread that waits for all ${ms('simulate-io', 'on one thread that waits for all at once, ms')})`,
      ms('simulate-io', 'threads, ms'),
      ms('simulate-io', 'processes, ms'),
      source('simulate-io'),
    ],
    ['best for', 'what computes, what blocks', 'what may crash, other programs', source('which-pool')],
  ];
  return [
    '<!-- measured -->',
    `Measured by the run that wrote this page, with Node.js ${process.versions.node} on ${availableParallelism()} cores.`,
    table(['', 'worker threads', 'processes', 'measured by'], rows),
    '<!-- end measured -->',
  ].join('\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const program = fileURLToPath(new URL('bin/crawl.js', ROOT));
  const { stdout } = spawnSync(process.execPath, [program, 'lab', '--all', '--json'], {
    encoding: 'utf8',
    maxBuffer: 100_000_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const runs = JSON.parse(stdout) as LabRun[];
  // What a busy machine makes of an experiment is no state to write down.
  const wrong = runs.filter(({ ok }) => !ok).map(({ name }) => name);
  if (wrong.length === 0) writeFileSync(new URL('docs/patterns.md', ROOT), await patternsDocument(runs));
  else {
    console.error(`not as expected, nothing written: ${wrong.join(', ')}`);
    process.exitCode = 1;
  }
}
