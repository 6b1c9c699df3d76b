/** docs/patterns.md: no item of the articles without something that shows it, and a lesson in an order that can be followed. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/arguments.ts';
import { labText } from '../../../src/cli/lab.ts';
import { EXPERIMENT_NAMES, loadExperiments } from '../../../src/lab/registry.ts';
import { CHECKLIST } from '../../../src/lab/support/checklist.ts';
import { TOPICS } from '../../../src/lab/support/experiment.ts';
import { TOUR } from '../../../src/lab/support/tour.ts';
import { readDocument } from '../../support/documents.ts';
import { runLab } from '../../support/lab.ts';

const DOCUMENT = readDocument('docs/patterns.md');
const experiments = await loadExperiments();

/** Items of each part: of the system, and of the articles. */
const PARTS = { C: 8, '0.': 14, '1.': 7, '2.': 15, '3.': 6, '4.': 21 };
const ROWS = Object.entries(PARTS).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, n) => `${part}${n + 1}`),
);

describe('the checklist', () => {
  test('has every item, once', () => {
    expect(ROWS).toHaveLength(71);
    expect(CHECKLIST.map(({ row }) => row).toSorted()).toEqual(ROWS.toSorted());
  });

  test.each(CHECKLIST.map((row) => [row.row, row] as const))(
    '%s is shown by something',
    (id, { shown = [], flags = {} }) => {
      const showing = experiments.filter(({ rows }) => rows.includes(id)).map(({ name }) => name);
      expect(showing.length + shown.length).toBeGreaterThan(0);
      expect(showing).toEqual(expect.arrayContaining(Object.keys(flags)));
      for (const {
        test: [file, name],
      } of shown) {
        expect(existsSync(file), file).toBe(true);
        expect(readFileSync(file, 'utf8'), file).toContain(name);
      }
      const line = DOCUMENT.split('\n').findIndex((text) => text.startsWith(`| ${id} |`));
      expect(line, 'npm run docs:patterns').toBeGreaterThan(0);
      const block = DOCUMENT.split('\n')
        .slice(line, line + 20)
        .join('\n');
      for (const name of showing) expect(block, 'npm run docs:patterns').toContain(`crawl lab ${name}`);
      for (const { what } of shown) expect(block, 'npm run docs:patterns').toContain(what.replaceAll('|', '\\|'));
    },
  );

  test('knows the rows that experiments name', () => {
    for (const { name, rows } of experiments) expect(ROWS, name).toEqual(expect.arrayContaining([...rows]));
  });

  test('gives experiments flags that they have', async () => {
    for (const { flags = {} } of CHECKLIST) {
      for (const [name, text] of Object.entries(flags)) {
        const { options } = await labText([name]);
        expect(() => parseArguments(options, [name, ...text.split(' ')], '')).not.toThrow();
      }
    }
  });
});

test.each(
  experiments
    .filter(({ isSeeded }) => isSeeded)
    .flatMap((experiment) =>
      (experiment.hasBroken ? (['fixed', 'broken'] as const) : (['fixed'] as const)).map(
        (variant) => [experiment.name, variant, experiment] as const,
      ),
    ),
)('the result of %s, %s, is what a run says', async (_, variant, experiment) => {
  const { verdict } = (await runLab(experiment, { variant })).result;
  expect(DOCUMENT, 'npm run docs:patterns').toContain(`| ${verdict} |`);
});

describe('the tour', () => {
  test('has a step for each experiment, in the order of the registry', () => {
    expect(Object.keys(TOUR), 'src/lab/support/tour.ts needs a step for each experiment').toEqual(EXPERIMENT_NAMES);
  });

  test('goes from topic to topic', () => {
    const topics = experiments.map(({ topic }) => TOPICS.indexOf(topic));
    expect(topics).toEqual(topics.toSorted((a, b) => a - b));
  });

  test.each(Object.entries(TOUR))(
    '%s needs only what comes before it, and says in one line what it adds',
    (name, step) => {
      const before = EXPERIMENT_NAMES.slice(0, EXPERIMENT_NAMES.indexOf(name));
      expect(before).toEqual(expect.arrayContaining([...step.needs]));
      expect(step.title).toMatch(/^[^.]{10,52}$/);
      expect(step.lesson).toMatch(/^[A-Z].{20,150}\.$/);
      expect(DOCUMENT, 'npm run docs:patterns').toContain(
        `${step.lesson}${step.needs.length === 0 ? '' : ` After ${step.needs.join(', ')}.`} [${name}](../src/lab/${name}.ts)`,
      );
    },
  );
});

describe('the tables', () => {
  const rowsUnder = (heading: string): string[] =>
    (DOCUMENT.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
      .split('\n')
      .filter((line) => /^\| [^|]+ \|.*\.\.\/src/.test(line));

  test('says for each kind of work what to use, and what measures it', () => {
    expect(rowsUnder('Which one to use').length).toBeGreaterThanOrEqual(6);
  });

  test('compares threads and processes by figures', () => {
    const rows = rowsUnder('Threads or processes');
    expect(rows).toHaveLength(7);
    for (const what of ['memory of each', 'start of each', 'four loops', 'ten waits']) {
      expect(rows.find((row) => row.startsWith(`| ${what}`))).toMatch(
        /\| [\d.]+ (?:ms|s|MiB) \| [\d.]+ (?:ms|s|MiB) \|/,
      );
    }
  });
});

/** What a reader of Python looks for is found by searching the two documents for its name. */
test.each(
  (
    'Lock RLock Condition Semaphore Barrier Queue maxsize put get task_done join daemon Thread threading multiprocessing Process Pipe EOFError Pool ' +
    'Pool.map Pool.close apply_async starmap Manager Value Array Future submit as_completed add_done_callback wait FIRST_COMPLETED ' +
    'ThreadPoolExecutor ProcessPoolExecutor Executor.map concurrent.futures asyncio aiohttp GIL os.fork os.waitpid notify wait_for dis chunksize __main__'
  ).split(' '),
)('%s is found in the documents', (name) => {
  const found = [DOCUMENT, readDocument('docs/concurrency.md')].some((text) =>
    new RegExp(`\`(?:[\\w.]+\\.)?${name.replace('.', '\\.')}(?:\\(\\))?\``).test(text),
  );
  expect(found).toBe(true);
});
