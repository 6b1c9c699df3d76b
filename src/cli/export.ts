/**
 * Command line: `crawl export KIND [DB]`. One kind today: `files`, each stored page's decoded body as a file of its own in the
 * folder of --output. The summary, on stderr or as JSON on stdout, accounts for every page.
 */
import path from 'node:path';

import { didYouMean } from '../config/suggest.ts';
import type { NameTemplate } from '../export/name-template.ts';
import { ConfigError } from '../model/errors.ts';
import type { StoredPage } from '../model/stored-page.ts';
import type { StoreReader } from '../store/reader.ts';
import type { CommandRun, Invocation } from './command.ts';
import { databaseFile, shownPath } from './database-file.ts';
import { EXIT } from './exit-codes.ts';
import { ExportScreen, exportSummary } from './export-screen.ts';
import { watchSignals } from './signals.ts';

/** What can be exported, each by a function of its own. */
const KINDS: ReadonlyMap<string, CommandRun> = new Map([['files', exportFilesCommand]]);

/** Columns listed in a message; JSON Lines can have thousands. */
const COLUMNS_NAMED = 20;

/** @throws {ConfigError} `ERR_USAGE`. @throws {StoreError} where the database or the output cannot be used. */
export async function exportCommand(invocation: Invocation): Promise<number> {
  const [kind, ...words] = invocation.words;
  const run = KINDS.get(kind ?? '');
  if (run !== undefined) return await run({ ...invocation, words });
  const names = [...KINDS.keys()];
  const got = kind === undefined ? '' : `, got ${kind}${didYouMean(kind, names)}`;
  throw new ConfigError([`what is to be exported? crawl export takes ${names.join(', ')}${got}`], 'ERR_USAGE');
}

async function exportFilesCommand(invocation: Invocation): Promise<number> {
  const { flags, words, terminal, cwd } = invocation;
  const { DEFAULT_TEMPLATE, NameTemplate } = await import('../export/name-template.ts');
  const output = lastText(flags['output']);
  if (output === undefined || output === '-') {
    throw new ConfigError(['files need a folder: crawl export files --output DIR'], 'ERR_USAGE');
  }
  const name = lastText(flags['name']);
  const template = new NameTemplate(name ?? DEFAULT_TEMPLATE);
  const isWanted = await wantedPages(lastText(flags['status']));
  const file = databaseFile(invocation, words[0]);
  const { openReader } = await import('../store/reader.ts');
  const reader = openReader(file);
  const screen = new ExportScreen(terminal);
  // Heard between two files, never within one: what is there when it exits is whole.
  const signals = watchSignals((text) => terminal.say(text));
  try {
    await refuseUnknownFields(reader, template);
    const [{ exportFiles }, { OutputFolder }] = await Promise.all([
      import('../export/export-files.ts'),
      import('../export/output-folder.ts'),
    ]);
    const counts = await exportFiles(reader, {
      template,
      // In the default a list's own column `path` would be a surprise.
      withColumns: name !== undefined,
      folder: new OutputFolder(path.resolve(cwd, output), {
        force: flags['force'] === true,
        protectedFiles: [file, `${file}-wal`],
      }),
      isWanted,
      onSaved: flags['list'] === true ? (page) => terminal.line(savedLine(page, flags['json'] === true)) : null,
      onProgress: (counts, share) => screen.progress(counts, share),
    });
    screen.end();
    const folder = shownPath(path.resolve(cwd, output), cwd) || '.';
    if (flags['json'] === true) {
      terminal.line(
        JSON.stringify({ database: file, folder: path.resolve(cwd, output), name: template.text, ...counts }),
      );
    } else {
      const repeated = name === undefined ? 0 : repeatedLines(reader);
      for (const line of exportSummary(counts, folder, repeated)) terminal.say(line);
    }
    return counts.damaged + counts.blocked > 0 ? EXIT.storage : EXIT.finished;
  } finally {
    screen.end();
    signals.stop();
    reader.close();
  }
}

function savedLine({ url, file }: { readonly url: string; readonly file: string }, isJson: boolean): string {
  return isJson ? JSON.stringify({ url, file }) : `${file}\t${url}`;
}

/** Pages of done URLs, or by status. */
async function wantedPages(status: string | undefined): Promise<(page: StoredPage) => boolean> {
  if (status === undefined) return (page) => page.state === 'done';
  const { statusRange } = await import('../store/requeue.ts');
  const [from, to] = statusRange(status);
  return (page) => page.status >= from && page.status <= to;
}

async function refuseUnknownFields(reader: StoreReader, { fields, text }: NameTemplate): Promise<void> {
  const { PAGE_FIELDS } = await import('../export/page-fields.ts');
  const own = new Set<string>(PAGE_FIELDS);
  const wanted = fields.filter((field) => !own.has(field));
  if (wanted.length === 0) return;
  const columns = reader.columnNames(wanted);
  const unknown = wanted.filter((field) => !columns.has(field));
  if (unknown.length === 0) return;
  const columnTexts = [...columns].slice(0, COLUMNS_NAMED).map((column) => `{${column}}`);
  const known = [...PAGE_FIELDS].map((field) => `{${field}}`).join(' ');
  const ofList =
    columns.size === 0
      ? 'the list of this database had no other columns'
      : `columns of the list: ${columnTexts.join(' ')}${columns.size > COLUMNS_NAMED ? ' …' : ''}`;
  throw new ConfigError(
    unknown.map((field) => {
      const meant = didYouMean(field, [...columns, ...PAGE_FIELDS]);
      return `name has the unknown field {${field}}, got "${text}"${meant} (--name). Every page has ${known}; ${ofList}`;
    }),
    'ERR_USAGE',
  );
}

/** Lines that name a URL which their own list had brought before. */
function repeatedLines(reader: StoreReader): number {
  return reader.books().sources.reduce((sum, { duplicate }) => sum + duplicate, 0);
}

function lastText(value: readonly string[] | boolean | undefined): string | undefined {
  return typeof value === 'object' ? value.at(-1) : undefined;
}
