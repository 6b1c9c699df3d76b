/**
 * Command line: `crawl inspect [DB]`. Without flags a summary of the file; `--largest N`, `--errors` and `--hosts` pick
 * one or several tables; `--json` the same as one JSON object. Works beside a running crawl.
 */
import { parseText } from '../config/values.ts';
import { ConfigError } from '../model/errors.ts';
import { sourceSum, urlSum } from '../report/books.ts';
import { escapeControl, safeJson } from '../report/escape.ts';
import { bytes, count } from '../report/numbers.ts';
import type { StoreReader } from '../store/reader.ts';
import type { Invocation } from './command.ts';
import { findCommand } from './commands.ts';
import { databaseFile, shownPath } from './database-file.ts';
import { EXIT } from './exit-codes.ts';
import { tableLines } from './table.ts';

/** Rows of a table for people; `--json` has no such limit. */
const ROWS_SHOWN = 50;
const ALL = Number.MAX_SAFE_INTEGER;

/** A part of the answer: a table for people, or the same rows for programs. */
interface Section {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly object[];
  /** There may be more rows than are shown. */
  readonly isCut: boolean;
}

/** @throws {ConfigError} for a wrong `--largest`. @throws {StoreError} where the file is not a usable database. */
export async function inspectCommand(invocation: Invocation): Promise<number> {
  const { flags, words, terminal, cwd } = invocation;
  const largest = numberOfLargest(flags['largest']);
  const file = databaseFile(invocation, words[0]);
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  try {
    const isJson = flags['json'] === true;
    const sections = chosenSections(reader, { largest, flags, limit: isJson ? ALL : ROWS_SHOWN });
    if (isJson) {
      const parts = Object.fromEntries(sections.map(({ name, rows }) => [name, rows]));
      terminal.line(safeJson(sections.length > 0 ? parts : { file, ...reader.summary() }, undefined, 2));
    } else if (sections.length > 0) {
      for (const section of sections) writeSection(invocation, section);
    } else {
      for (const line of summaryText(reader, shownPath(file, cwd))) terminal.line(line);
    }
    return EXIT.finished;
  } finally {
    reader.close();
  }
}

function chosenSections(
  reader: StoreReader,
  chosen: { largest: number | null; flags: Invocation['flags']; limit: number },
): Section[] {
  const { largest, flags, limit } = chosen;
  const sections: Section[] = [];
  if (largest !== null) {
    sections.push({
      name: 'largest',
      columns: ['bytes', 'url', 'fetchedAt'],
      rows: reader.largest(largest),
      isCut: false,
    });
  }
  if (flags['errors'] === true) {
    const rows = reader.errors(limit);
    const columns = ['url', 'attempt', 'status', 'errorClass', 'error', 'at'];
    sections.push({ name: 'errors', columns, rows, isCut: rows.length === limit });
  }
  if (flags['hosts'] === true) {
    const rows = reader.hosts(limit);
    const columns = ['host', 'urls', 'queued', 'done', 'failed', 'skipped', 'attempts'];
    sections.push({ name: 'hosts', columns, rows, isCut: rows.length === limit });
  }
  return sections;
}

function writeSection({ terminal }: Invocation, { name, columns, rows, isCut }: Section): void {
  const heads = columns.map((column) => column.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const cells = rows.map((row) => columns.map((column) => (row as Readonly<Record<string, unknown>>)[column]));
  const width = terminal.isStdoutTTY ? terminal.stdoutColumns : undefined;
  for (const line of tableLines(heads, cells, width)) terminal.line(line);
  if (rows.length === 0) terminal.say(`no ${name}`);
  if (isCut) terminal.say(`the first ${String(ROWS_SHOWN)}; all: crawl inspect --${name} --json`);
}

function summaryText(reader: StoreReader, shown: string): string[] {
  const { urls, sources, reasons, hosts, decodedBytes, lastRun } = reader.summary();
  const lines = [
    `Database   ${shown}`,
    `URLs       ${urlSum(urls)}`,
    `Hosts      ${count(hosts)}`,
    `Content    ${bytes(decodedBytes)} decoded`,
  ];
  for (const book of sources) lines.push(`Lines      ${sourceSum(book)}`);
  if (lastRun !== null) {
    const reason = lastRun.reason === null ? '' : ` (${escapeControl(lastRun.reason)})`;
    const started = new Date(lastRun.startedAt).toISOString();
    lines.push(
      `Last run   ${lastRun.state}${reason}, started ${started}: ${count(lastRun.fetches)} fetches, ${bytes(lastRun.wireBytes)}`,
    );
  }
  if (reasons.length > 0) {
    lines.push(
      '',
      ...tableLines(
        ['state', 'reason', 'urls'],
        reasons.map((row) => [row.state, row.reason, row.count]),
      ),
    );
  }
  return lines;
}

function numberOfLargest(given: readonly string[] | boolean | undefined): number | null {
  if (typeof given !== 'object') return null;
  const option = findCommand('inspect')?.options.find(({ flag }) => flag === 'largest');
  if (option === undefined) throw new TypeError('inspect has no option largest');
  const parsed = parseText(option, given);
  if ('value' in parsed) return Number(parsed.value);
  throw new ConfigError(
    parsed.problems.map(({ message }) => `largest ${message} (--largest)`),
    'ERR_USAGE',
  );
}
