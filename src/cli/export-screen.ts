/** Command line: an export as the user sees it: one line of progress once it takes more than a second, then the summary. */
import type { ExportedFiles } from '../export/export-files.ts';
import { escapeControl } from '../report/escape.ts';
import { bytes, count, percent, plural } from '../report/numbers.ts';
import { ERASE_LINE, type Terminal } from './terminal.ts';

const FIRST_MS = 1_000;
const IN_PLACE_MS = 200;
const PLAIN_MS = 10_000;
const PROBLEMS_SHOWN = 3;

export class ExportScreen {
  readonly #terminal: Terminal;
  #nextAt = performance.now() + FIRST_MS;
  #isLineShown = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Resolves after other events (signals, slow readers of stdout) had their turn. */
  async progress(counts: ExportedFiles, share: number): Promise<void> {
    const terminal = this.#terminal;
    if (performance.now() >= this.#nextAt) {
      this.#nextAt = performance.now() + (terminal.isStderrTTY ? IN_PLACE_MS : PLAIN_MS);
      const line = `${percent(share, 1)}  ${plural(counts.written, 'file')}, ${bytes(counts.bytes)}`;
      if (terminal.isStderrTTY) terminal.status(`${ERASE_LINE}${line}`);
      else terminal.say(line);
      this.#isLineShown = terminal.isStderrTTY;
    }
    await terminal.drained();
  }

  end(): void {
    if (this.#isLineShown) this.#terminal.status(ERASE_LINE);
    this.#isLineShown = false;
  }
}

/** `repeatedLines`: lines of lists whose names are not used, because an earlier line had brought their URL. */
export function exportSummary(counts: ExportedFiles, folder: string, repeatedLines: number): string[] {
  const rows: [number, string, string][] = [
    [counts.same, 'Unchanged', `${plural(counts.same, 'file was', 'files were')} there with the same bytes`],
    [counts.kept, 'Kept', `${plural(counts.kept, 'file')} of other content: --force replaces them`],
    [counts.blocked, 'Blocked', `${plural(counts.blocked, 'page')}: a link, a folder or no regular file is in the way`],
    [counts.damaged, 'Damaged', `${plural(counts.damaged, 'page')}: crawl verify checks the whole file`],
    [counts.withoutBody, 'No body', `${plural(counts.withoutBody, 'page')}: an answer without one, or --bodies none`],
    [
      counts.leftOut,
      'Left out',
      `${plural(counts.leftOut, 'page')} of URLs that are not done, or of another status: --status picks others`,
    ],
    [
      counts.numbered,
      'Numbered',
      `${plural(counts.numbered, 'name was', 'names were')} taken by another page: (2) and so on`,
    ],
    [
      repeatedLines,
      'Once only',
      `${plural(repeatedLines, 'line names', 'lines name')} a URL again: its file has the first one's name`,
    ],
  ];
  for (const [field, pages] of Object.entries(counts.withoutField)) {
    rows.push([
      pages,
      'No field',
      `${plural(pages, 'page has', 'pages have')} no {${field}}: the number of the URL stands there`,
    ]);
  }
  const lines = rows.flatMap(([n, label, text]) => (n > 0 ? [`${label.padEnd(14)}${escapeControl(text)}`] : []));
  const shown = counts.problems.slice(0, PROBLEMS_SHOWN);
  for (const { url, file, problem } of shown) lines.push(escapeControl(`  ${file}: ${problem} (${url})`));
  if (counts.problems.length > shown.length) lines.push('  …');
  return [
    `Exported      ${count(counts.written)} of ${plural(counts.pages, 'page')}, ${bytes(counts.bytes)} → ${escapeControl(folder)}`,
    ...lines,
  ];
}
