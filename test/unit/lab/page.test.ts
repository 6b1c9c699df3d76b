/** The page of `crawl lab --report`: complete, and nothing in it that a browser would have to fetch or run. */
import { createHash } from 'node:crypto';
import { Parser } from 'htmlparser2';
import { expect, test } from 'vitest';
import { chart } from '../../../src/lab/page/chart.ts';
import { labPage, PAGE_MARK } from '../../../src/lab/page/page.ts';
import { loadExperiments } from '../../../src/lab/registry.ts';
import type { LabRun } from '../../../src/lab/support/run-experiment.ts';
import { runLab } from '../../support/lab.ts';

const experiments = (await loadExperiments()).filter(({ isSeeded }) => isSeeded);
const runs: LabRun[] = [];
for (const experiment of experiments) {
  runs.push(await runLab(experiment));
  if (experiment.hasBroken) runs.push(await runLab(experiment, { variant: 'broken' }));
}
const PAGE = labPage(experiments, runs, { made: 'now & here', missing: ['fork'] });

test('has every run with its time line, checks and verdict, and says what is missing', () => {
  expect(PAGE.startsWith(PAGE_MARK)).toBe(true);
  expect(PAGE.match(/class="chart"/g)).toHaveLength(runs.length);
  for (const { name } of experiments) expect(PAGE).toContain(`id="${name}"`);
  for (const { result } of runs) {
    expect(PAGE).toContain(
      `>${result.verdict.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}</p>`,
    );
  }
  expect(PAGE).toContain(`${runs.length} of ${runs.length + 1} runs as expected`);
  expect(PAGE).toContain('Could not be run: fork');
  expect(PAGE).toContain('cycle: A → B → A');
});

test('needs no network, no script and no inline style; its policy allows its style alone', () => {
  const opened: string[] = [];
  const attributes: string[] = [];
  const left: string[] = [];
  new Parser({
    onopentag(name, given) {
      opened.push(name);
      left.push(name);
      attributes.push(...Object.keys(given).map((key) => `${key}=${given[key] ?? ''}`));
    },
    onclosetag: (name, isImplied) => {
      if (!isImplied) expect(left.pop()).toBe(name);
      else left.splice(left.lastIndexOf(name), 1);
    },
  }).end(PAGE);
  expect(left).toEqual([]);
  expect(opened.filter((name) => ['script', 'img', 'link', 'iframe', 'object', 'base', 'form'].includes(name))).toEqual(
    [],
  );
  expect(attributes.filter((text) => /^(?:on|style|src|xlink)|^href=[^#]/.test(text))).toEqual([]);
  expect(opened.filter((name) => name === 'style')).toHaveLength(1);
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(PAGE) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(PAGE).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'"`);
});

test('draws what never ended, joins what is too short to see, and escapes names', () => {
  const drawn = chart(
    [
      { name: '<a>', spans: Array.from({ length: 5000 }, (_, n) => ({ from: n, to: n + 1, kind: 'works' as const })) },
      { name: 'b', spans: [{ from: 0, to: 5000, kind: 'waits', label: '"c"', isOpen: true }] },
    ],
    'ms',
  );
  expect(drawn).toContain('&lt;a>');
  expect(drawn).toContain('&quot;c&quot;, 0 ms to never');
  expect(drawn.match(/class="open"/g)).toHaveLength(1);
  expect(drawn.match(/class="works"/g)?.length).toBeLessThan(20);
});
