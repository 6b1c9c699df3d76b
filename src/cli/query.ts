/**
 * Command line: `crawl query 'SELECT …' [DB]`. A table on a terminal, tab-separated lines in a pipe, `--json` one object a
 * row, `--csv` with a header line. Rows are written as they are read; a reader that goes away ends the query.
 */
import { ConfigError } from '../model/errors.ts';
import type { QueryResult } from '../store/reader-query.ts';
import type { Invocation } from './command.ts';
import { databaseFile } from './database-file.ts';
import { EXIT } from './exit-codes.ts';
import { plainText, tableLines, textOf } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Rows by which the widths of a table's columns are found; each further block is laid out by itself. */
const TABLE_BLOCK = 200;

/** @throws {ConfigError} `ERR_USAGE` for anything but one reading statement, with SQLite's message. */
export async function queryCommand(invocation: Invocation): Promise<number> {
  const { flags, words, terminal } = invocation;
  const [sql, database] = words;
  if (sql === undefined)
    throw new ConfigError(["which question? crawl query 'SELECT url, bytes FROM pages'"], 'ERR_USAGE');
  if (flags['json'] === true && flags['csv'] === true) {
    throw new ConfigError(['--json and --csv are different things; use one'], 'ERR_USAGE');
  }
  const file = databaseFile(invocation, database);
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  try {
    const result = reader.query(sql);
    if (flags['json'] === true) writeLines(terminal, result, jsonRow(result.columns));
    else if (flags['csv'] === true) {
      terminal.data(`${result.columns.map(csvCell).join(',')}\r\n`);
      writeLines(terminal, result, (row) => `${row.map(csvCell).join(',')}\r`);
    } else if (terminal.isStdoutTTY) writeTable(terminal, result);
    else writeLines(terminal, result, (row) => row.map(tabCell).join('\t'));
    return EXIT.finished;
  } finally {
    reader.close();
  }
}

function writeLines(terminal: Terminal, { rows }: QueryResult, format: (row: unknown[]) => string): void {
  for (const row of rows) {
    terminal.line(format(row));
    // Leaving the loop closes SQLite's cursor.
    if (terminal.isStdoutClosed) break;
  }
}

function writeTable(terminal: Terminal, { columns, rows }: QueryResult): void {
  let block: unknown[][] = [];
  const flush = (): void => {
    for (const line of tableLines(columns, block, terminal.stdoutColumns)) terminal.line(line);
    block = [];
  };
  let total = 0;
  for (const row of rows) {
    total++;
    if (block.push(row) === TABLE_BLOCK) flush();
    if (terminal.isStdoutClosed) return;
  }
  if (block.length > 0 || total === 0) flush();
}

function jsonRow(columns: readonly string[]): (row: unknown[]) => string {
  return (row) => JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, jsonValue(row[index])])));
}

function jsonValue(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return textOf(value) ?? { base64: Buffer.from(value).toString('base64') };
}

/** RFC 4180 §2. */
function csvCell(value: unknown): string {
  const text = plainText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line per row whatever the text holds. */
function tabCell(value: unknown): string {
  return plainText(value)
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
