/**
 * Command line: `crawl query 'SELECT …' [DB]`. A table on a terminal, tab-separated lines in a pipe, `--json` one object a
 * row, `--csv` with a header line. Rows are written as they are read; a reader that goes away ends the query.
 */
import { ConfigError } from '../model/errors.ts';
import { escapeBlock, escapeControl, safeJson } from '../report/escape.ts';
import type { QueryResult } from '../store/reader-query.ts';
import type { Invocation } from './command.ts';
import { databaseFile } from './database-file.ts';
import { EXIT } from './exit-codes.ts';
import { plainText, tableLines, textOf } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Rows written before other events get a turn. A table finds its columns' widths over as many, block by block. */
const ROWS_A_TURN = 200;

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
    if (flags['json'] === true) await writeLines(terminal, result, jsonRow(result.columns));
    else if (flags['csv'] === true) {
      const record = (row: readonly unknown[]): string => csvRecord(row, terminal.isStdoutTTY);
      terminal.line(record(result.columns));
      await writeLines(terminal, result, record);
    } else if (terminal.isStdoutTTY) await writeTable(terminal, result);
    else await writeLines(terminal, result, (row) => row.map(tabCell).join('\t'));
    return EXIT.finished;
  } finally {
    reader.close();
  }
}

async function writeLines(
  terminal: Terminal,
  { rows }: QueryResult,
  format: (row: unknown[]) => string,
): Promise<void> {
  let written = 0;
  for (const row of rows) {
    terminal.line(format(row));
    written++;
    if (terminal.isStdoutFull || written % ROWS_A_TURN === 0) await terminal.drained();
    // Leaving the loop closes SQLite's cursor.
    if (terminal.isStdoutClosed) break;
  }
}

async function writeTable(terminal: Terminal, { columns, rows }: QueryResult): Promise<void> {
  let block: unknown[][] = [];
  const flush = async (): Promise<void> => {
    for (const line of tableLines(columns, block, terminal.stdoutColumns)) terminal.line(line);
    block = [];
    await terminal.drained();
  };
  let total = 0;
  for (const row of rows) {
    total++;
    if (block.push(row) === ROWS_A_TURN) await flush();
    if (terminal.isStdoutClosed) return;
  }
  if (block.length > 0 || total === 0) await flush();
}

function jsonRow(columns: readonly string[]): (row: unknown[]) => string {
  return (row) => safeJson(Object.fromEntries(columns.map((column, index) => [column, jsonValue(row[index])])));
}

function jsonValue(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return textOf(value) ?? { base64: Buffer.from(value).toString('base64') };
}

/** A record with its CR. For programs the values are as they are; on a terminal they could do harm. */
function csvRecord(row: readonly unknown[], isShown: boolean): string {
  const record = row.map(csvCell).join(',');
  return `${isShown ? escapeBlock(record) : record}\r`;
}

/** RFC 4180 §2. */
function csvCell(value: unknown): string {
  const text = plainText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line per row whatever the text holds, and harmless where the reader of the pipe is a terminal in the end. */
function tabCell(value: unknown): string {
  return escapeControl(plainText(value).replaceAll('\\', '\\\\'));
}
