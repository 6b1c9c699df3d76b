/**
 * Laboratory: all runs as one page. In: experiments in the order of the lesson, their runs, where they ran. Out: HTML that
 * needs nothing else: no script, no network, and a policy that allows neither. Pure.
 */
import { createHash } from 'node:crypto';
import { escapeHtml } from '../../demo/html.ts';
import { CHECKLIST } from '../support/checklist.ts';
import { time } from '../support/checks.ts';
import { TOPICS, type Experiment, type LabResult } from '../support/experiment.ts';
import { logText, valueText } from '../support/report.ts';
import type { LabRun } from '../support/run-experiment.ts';
import { TOUR } from '../support/tour.ts';
import { stuckLines } from '../support/wait-graph.ts';
import { chart, KINDS, swatch } from './chart.ts';
import { STYLE } from './style.ts';

/** What a page begins with: a file that begins otherwise is somebody else's. */
export const PAGE_MARK = '<!doctype html><!-- crawl lab --report -->';

export interface PageFacts {
  /** When, where and how long, in a line. */
  readonly made: string;
  /** Names of those that could not be run. */
  readonly missing: readonly string[];
}

export function labPage(
  experiments: readonly Experiment[],
  runs: readonly LabRun[],
  { made, missing }: PageFacts,
): string {
  const shown = experiments.filter(({ name }) => runs.some((run) => run.name === name));
  const topics = TOPICS.filter((topic) => shown.some((experiment) => experiment.topic === topic));
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
  const good = runs.filter(({ ok }) => ok).length;
  const all = runs.length + missing.length;
  return `${PAGE_MARK}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Concurrency laboratory</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Concurrency laboratory</h1>
<p><strong class="${good === all ? 'good' : 'bad'}">${good} of ${all} runs as expected.</strong> <span class="soft">${escapeHtml(made)}</span></p>
${missing.length === 0 ? '' : `<p class="bad">Could not be run: ${escapeHtml(missing.join(', '))}</p>`}
<nav><ol>${topics.map((topic) => `<li><a href="#${anchor(topic)}">${topic}</a></li>`).join('')}</ol></nav>
<ul class="key">${key()}</ul>
</header>
<main>
${topics.map((topic) => section(topic, shown, runs)).join('\n')}
</main>
</body>
</html>
`;
}

function key(): string {
  const kinds = Object.entries(KINDS).map(([kind, text]) => `<li>${swatch(kind as keyof typeof KINDS)}${text}</li>`);
  return `${kinds.join('')}<li>${swatch('open')}never ended</li>`;
}

function section(topic: string, shown: readonly Experiment[], runs: readonly LabRun[]): string {
  const cards = shown
    .filter((experiment) => experiment.topic === topic)
    .map((experiment) =>
      card(
        experiment,
        runs.filter(({ name }) => name === experiment.name),
      ),
    );
  // Experiments on the engine are to be compared; broken and fixed variants stand side by side within theirs.
  const side = topic === 'The engine' ? ' side' : '';
  return `<h2 id="${anchor(topic)}">${topic}</h2>\n<div class="cards${side}">\n${cards.join('\n')}\n</div>`;
}

function card({ name, rows, summary, watch }: Experiment, runs: readonly LabRun[]): string {
  const step = TOUR[name];
  const number = Object.keys(TOUR).indexOf(name) + 1;
  const patterns = CHECKLIST.filter(({ row }) => rows.includes(row)).map(({ row, item }) => `${row} ${item}`);
  // What goes wrong comes first.
  const ordered = runs.toSorted((a, b) => Number(b.variant === 'broken') - Number(a.variant === 'broken'));
  return `<article class="card${runs.every(({ ok }) => ok) ? '' : ' failed'}" id="${name}">
<h3><span class="number">${number}.</span> ${capital(step?.title ?? name)} <code>crawl lab ${name}</code></h3>
<p>${inline(step?.lesson ?? '')}</p>
<p class="soft">${escapeHtml(summary)} Watch ${escapeHtml(watch.join(' '))}</p>
<div class="runs ${runs.length > 1 ? 'two' : 'one'}">
${ordered.map((run) => runPart(run, runs.length > 1)).join('\n')}
</div>
<details><summary>patterns ${rows.join(', ')} · src/lab/${name}.ts</summary><p>${patterns.map(escapeHtml).join('<br>')}</p></details>
</article>`;
}

function runPart(run: LabRun, isOneOfTwo: boolean): string {
  const { result, variant, ok, seed, clock, elapsedMs } = run;
  const title = variant === 'broken' ? 'With its defect (--broken)' : 'As it should be';
  const facts = [seed === null ? 'real threads' : `${clock} clock, seed ${seed}`, `took ${time(elapsedMs)}`];
  const isBad = !ok || result.defect !== null;
  return `<section>
${isOneOfTwo ? `<h4>${title}</h4>` : ''}
<div class="run">
<div>${chart(result.lanes, result.unit)}
<p class="verdict${isBad ? ' bad' : ''}">${ok ? '' : 'Not as expected: '}${escapeHtml(result.verdict)}</p>
${result.defect === null ? '' : `<p><span class="bad">Defect:</span> ${escapeHtml(result.defect)}</p>`}
${result.stuck === undefined ? '' : `<pre>${escapeHtml(stuckLines(result.stuck).join('\n'))}</pre>`}
</div>
${checks(result)}
</div>
<details><summary>values and output · ${facts.join(' · ')}</summary>${values(result)}${output(result)}</details>
</section>`;
}

function checks({ checks }: LabResult): string {
  const rows = checks.map(({ what, expected, measured, ok }) => {
    const mark = ok ? '<span class="good">✓</span>' : '<span class="bad">✗</span>';
    return `<tr><td>${mark}</td><th>${escapeHtml(what)}</th><td>${escapeHtml(expected)}</td><td>${escapeHtml(measured)}</td></tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th></th><th>check</th><th>expected</th><th>measured</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function values(result: LabResult): string {
  const rows = Object.entries(result.values).map(
    ([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(valueText(value))}</td></tr>`,
  );
  return `<div class="scroll"><table><tbody>${rows.join('')}</tbody></table></div>`;
}

function output(result: LabResult): string {
  const lines = logText(result);
  return lines.length === 0 ? '' : `<pre>${escapeHtml(lines.join('\n'))}</pre>`;
}

function anchor(topic: string): string {
  return topic.toLowerCase().replaceAll(' ', '-');
}

/** Text with code between backticks. */
function inline(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function capital(text: string): string {
  return escapeHtml(text.charAt(0).toUpperCase() + text.slice(1));
}
